// Owns the one way git is run for worktrees, refs, merges and commits: exit codes, a built environment, a process group of its own.
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { gitEnvironment, HARDENED_CONFIG } from './environment.ts';

export interface GitOptions {
  readonly cwd: string;
  /** Added to the built environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; without it git reads from nothing. */
  readonly input?: string;
  /** ms; default 2 minutes. After it the whole process group is ended. */
  readonly timeout?: number;
  /** Exit codes that are an answer and not an error; default 0 only. */
  readonly okCodes?: readonly number[];
  /** True for a command that only looks: it must not take a lock that an agent's own git waits for. */
  readonly isRead?: boolean;
}

export interface GitResult {
  readonly exitCode: number;
  /** Without the final newline. */
  readonly stdout: string;
  readonly stderr: string;
}

/** git ended with an exit code that was no answer, was ended, or could not be started. */
export class GitError extends Error {
  readonly args: readonly string[];
  /** null when it was ended by a signal or never started. */
  readonly exitCode: number | null;
  readonly stderr: string;
  constructor(args: readonly string[], exitCode: number | null, stderr: string, cause?: unknown) {
    super(`git ${args.join(' ')}: ${stderr.trim() || `exit code ${exitCode}`}`, { cause });
    this.name = 'GitError';
    this.args = args;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

const OVERRIDES: readonly string[] = HARDENED_CONFIG.flatMap((setting) => ['-c', setting]);

/**
 * What git says when another git adds a worktree, or writes the shared configuration or the same index, at this very
 * moment (0.3 to 1.2 % of calls beside a loop of `worktree add`). Nothing was changed, so it is tried again.
 */
const RACES = [
  /could not lock config file/,
  /failed to read .*commondir/,
  /bad object worktrees\//,
  /Unable to create '.*index\.lock': File exists/,
];

/** ms before each new try; about a second in all, the time that a lost race can last. */
const RETRY_DELAYS = [15, 40, 100, 250, 600];

const DEFAULT_TIMEOUT = 120_000;

/** ms between asking the group to end and ending it: SIGTERM lets git remove its locks (dead in 1-4 ms when measured). */
const GRACE = 2_000;

/** Runs git and gives exit code and output. Throws GitError for an exit code that is not in `okCodes`. */
export async function git(args: readonly string[], options: GitOptions): Promise<GitResult> {
  for (const pause of RETRY_DELAYS) {
    try {
      return await runOnce(args, options);
    } catch (error) {
      if (!(error instanceof GitError) || !RACES.some((race) => race.test(error.stderr))) throw error;
    }
    await delay(pause);
  }
  return runOnce(args, options);
}

async function runOnce(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const argv = [...(options.isRead ? ['--no-optional-locks'] : []), ...OVERRIDES, ...args];
  const child = execa('git', argv, {
    cwd: options.cwd,
    env: gitEnvironment(options.env),
    extendEnv: false,
    reject: false,
    // A group of its own: `worktree add` runs a child that would write on after its parent was ended.
    detached: true,
    maxBuffer: 256 * 1024 * 1024,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  const limit = options.timeout ?? DEFAULT_TIMEOUT;
  let isTimedOut = false;
  let reaper: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    isTimedOut = true;
    endGroup(child.pid, 'SIGTERM');
    reaper = setTimeout(() => endGroup(child.pid, 'SIGKILL'), GRACE);
  }, limit);
  const result = await child;
  clearTimeout(timer);
  clearTimeout(reaper);
  if (isTimedOut) throw new GitError(args, null, `ended after ${limit} ms`);
  const { exitCode, stdout, stderr } = result;
  if (exitCode === undefined) {
    const why = result.signal === undefined ? 'git could not be started' : `git was ended by ${result.signal}`;
    throw new GitError(args, null, `${stderr ?? ''}\n${why}`, result.cause);
  }
  if (exitCode !== 0 && !(options.okCodes ?? []).includes(exitCode)) throw new GitError(args, exitCode, stderr);
  return { exitCode, stdout, stderr };
}

/** Signals a process group; a group that is gone is what was wanted. */
export function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
