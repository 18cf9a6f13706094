// Owns the questions that `drover doctor` asks about Claude Code: is it there, logged in, and is the repository trusted.
import { readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { childBase } from './environment.ts';
import { plainLine } from './hook-events.ts';
import { findProgram } from './program.ts';

export interface Finding {
  readonly id: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** One sentence. */
  readonly message: string;
  /** What to do or to type; empty when all is well. */
  readonly fix: string;
}

export interface PreflightInput {
  /** `claude.command` of the configuration. */
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  /** The main working tree of the repository. */
  readonly root: string;
}

/** ms; the program needs about a second on a busy machine. */
const PATIENCE = 30_000;
/** The version that all facts about hooks and flags were verified with. */
const VERIFIED = '2.1.197';

/** Looks at the program, its login and its trust. It changes nothing and never rejects. */
export async function checkClaude(input: PreflightInput): Promise<Finding[]> {
  const env = childBase(input.env);
  const program = await findProgram(input.command, { path: env['PATH'] ?? '', folder: input.root });
  if (program === null) {
    const message = `Claude Code was not found: claude.command is "${input.command}", and PATH has no such program`;
    return [{ id: 'claude-version', status: 'fail', message, fix: 'npm install -g @anthropic-ai/claude-code' }];
  }
  const run = { program, env, root: input.root };
  return Promise.all([checkVersion(run), checkLogin(run, input.command), checkTrust(input, env)]);
}

interface Run {
  readonly program: string;
  readonly env: Record<string, string>;
  readonly root: string;
}

async function ask(
  { program, env, root }: Run,
  args: readonly string[],
): Promise<{ code: number | null; out: string }> {
  // Loaded when it is needed: 150 modules, for which the start of a server would wait.
  const { execa } = await import('execa');
  const done = await execa(program, args, {
    cwd: root,
    env,
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    timeout: PATIENCE,
    forceKillAfterDelay: 1000,
    reject: false,
    maxBuffer: 1024 * 1024,
  });
  return { code: done.exitCode ?? null, out: done.all ?? '' };
}

function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

async function checkVersion(run: Run): Promise<Finding> {
  const { code, out } = await ask(run, ['--version']);
  const version = /\d+\.\d+\.\d+/.exec(out)?.[0];
  if (code !== 0 || version === undefined) {
    const message = `${run.program} --version failed (${code === null ? 'no answer' : `exit ${code}`}): ${plainLine(out, 200)}`;
    return { id: 'claude-version', status: 'fail', message, fix: 'npm install -g @anthropic-ai/claude-code' };
  }
  if (isOlder(version, VERIFIED)) {
    const message = `Claude Code ${version} is older than ${VERIFIED}, with which Drover was tested`;
    return { id: 'claude-version', status: 'warn', message, fix: 'claude update' };
  }
  return { id: 'claude-version', status: 'ok', message: `Claude Code ${version}`, fix: '' };
}

async function checkLogin(run: Run, command: string): Promise<Finding> {
  const { code } = await ask(run, ['auth', 'status']);
  if (code === 0) return { id: 'claude-login', status: 'ok', message: 'Claude Code is logged in', fix: '' };
  const message = code === 1 ? 'Claude Code is not logged in' : 'Claude Code does not tell whether it is logged in';
  return { id: 'claude-login', status: code === 1 ? 'fail' : 'warn', message, fix: `${command} auth login` };
}

async function checkTrust({ root, command }: PreflightInput, env: Record<string, string>): Promise<Finding> {
  const trusted = await findTrust(root, env);
  if (trusted !== null) return { id: 'claude-trust', status: 'ok', message: `Claude Code trusts ${trusted}`, fix: '' };
  const message = `Claude Code has not been told to trust ${root}; until then it runs no hooks and asks in every pane`;
  return {
    id: 'claude-trust',
    status: 'fail',
    message,
    fix: `cd ${shellWord(root)} && ${command}, and answer "Yes, I trust this folder"`,
  };
}

/** The folder, `root` or one above it, that the operator told Claude Code to trust; it covers all worktrees of `root`. Null when there is none. */
export async function findTrust(root: string, env: Readonly<Record<string, string>>): Promise<string | null> {
  const file = join(env['CLAUDE_CONFIG_DIR'] || env['HOME'] || homedir(), '.claude.json');
  const trusted = await trustedFolders(file);
  for (let at = await realpath(root).catch(() => root); ; at = dirname(at)) {
    if (trusted.has(at)) return at;
    if (dirname(at) === at) return null;
  }
}

const shellWord = (text: string): string =>
  /^[A-Za-z0-9_./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

async function trustedFolders(file: string): Promise<Set<string>> {
  try {
    const config: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof config !== 'object' || config === null || !('projects' in config)) return new Set();
    const projects: unknown = config.projects;
    if (typeof projects !== 'object' || projects === null) return new Set();
    const entries = Object.entries(projects).filter(([, project]) => isTrusted(project));
    return new Set(entries.map(([path]) => path));
  } catch {
    return new Set();
  }
}

function isTrusted(project: unknown): boolean {
  return (
    typeof project === 'object' &&
    project !== null &&
    'hasTrustDialogAccepted' in project &&
    project.hasTrustDialogAccepted === true
  );
}
