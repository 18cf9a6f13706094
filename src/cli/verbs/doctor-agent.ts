// Owns the checks of the agent that the configuration names. Nothing is preset for it: its login and its trust are the operator's business.
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { findTrust } from '../../config/claude-trust.ts';
import type { Config } from '../../config/schema.ts';
import { RefusalError } from '../../domain/refusal.ts';
import type { Shell, VerbScope } from '../shell.ts';
import { fail, ok, type Row, runProgram, warn } from './doctor-machine.ts';

/** Checks of the configured agent; none outside of a repository or with a broken configuration, which is told elsewhere. */
export async function agentChecks({ session, shell }: VerbScope): Promise<Row[]> {
  const found = await orNull(async () => ({ config: await session.config(), root: session.paths().root }));
  if (!found) return [];
  const { config, root } = found;
  if (config.agent === 'rehearsal') return [ok('agent', 'rehearsal: a scripted stand-in, needs nothing')];
  if (config.agent === 'command') return [checkCommand(config, shell)];
  return claudeChecks(config, root, shell);
}

async function orNull<T>(find: () => Promise<T>): Promise<T | null> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof RefusalError) return null;
    throw error;
  }
}

function checkCommand({ command }: Config, { env }: Shell): Row {
  const [program] = command.argv;
  if (program === undefined)
    return fail(
      'agent',
      'the agent is command, but command.argv is empty',
      'set command.argv in your own configuration',
    );
  if (!isOnPath(program, env))
    return fail('agent', `${program} is not found`, `install ${program}, or correct command.argv`);
  return ok('agent', `command: ${command.argv.join(' ')}`);
}

/** True when the program is there and may be run; found as execvp finds it. */
function isOnPath(program: string, env: Shell['env']): boolean {
  const folders = isAbsolute(program) || program.includes('/') ? [''] : (env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => {
    try {
      const path = join(folder, program);
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}

/** The version that all facts about hooks and flags were verified with. */
const VERIFIED = '2.1.197';

/** Looks at Claude Code: its program, its login, its trust of the repository. It changes nothing and never rejects. */
export async function claudeChecks(
  { claude }: Pick<Config, 'claude'>,
  root: string,
  shell: Pick<Shell, 'env'>,
): Promise<Row[]> {
  // Inside a session of its own Claude Code answers otherwise.
  const { CLAUDECODE: _, ...env } = shell.env;
  const { code, stdout } = await runProgram(claude.command, ['--version'], { env, cwd: homedir() });
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
  if (code !== 0 || version === undefined) {
    return [
      fail(
        'claude',
        `${claude.command} is not found or does not run`,
        'install Claude Code, or set claude.command in your own configuration',
      ),
    ];
  }
  return [checkVersion(version), await checkLogin(claude.command, env), await checkTrust(root, env)];
}

function checkVersion(version: string): Row {
  if (version.localeCompare(VERIFIED, 'en', { numeric: true }) >= 0) return ok('claude', `Claude Code ${version}`);
  const message = `Claude Code ${version} is older than ${VERIFIED}, with which Drover was tested`;
  return warn('claude', message, 'claude update');
}

/** `claude auth status` prints JSON and exits 0 when logged in, 1 when not. */
async function checkLogin(command: string, env: Shell['env']): Promise<Row> {
  const { stdout, code } = await runProgram(command, ['auth', 'status'], { env, cwd: homedir() });
  const status = parseObject(stdout);
  if (status['loggedIn'] === true) return ok('login', `logged in (${String(status['authMethod'] ?? 'unknown way')})`);
  if (code === 1 || status['loggedIn'] === false)
    return fail('login', 'Claude Code is not logged in', `${command} auth login`);
  return warn('login', 'Claude Code does not say whether it is logged in', `${command} auth status`);
}

/** Claude Code asks once whether a repository is trusted. */
async function checkTrust(root: string, env: Shell['env']): Promise<Row> {
  const trusted = await findTrust(root, env);
  if (trusted !== null) return ok('trust', `Claude Code trusts ${trusted}`);
  return warn(
    'trust',
    `Claude Code has not been told to trust ${root}; it will ask in its pane`,
    `run claude once in ${root} and accept`,
  );
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
