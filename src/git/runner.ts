// Owns the one way git is run for worktrees, refs, merges and commits: exit codes, a built environment, a process group of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { gitEnvironment, HARDENED_CONFIG } from './environment.ts';
import { watchGroup } from './process-group.ts';

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
  /** True for a command that talks to a remote: the operator's own credential helpers may answer it. */
  readonly isNetwork?: boolean;
  /** Bytes of output after which git is ended, and what it printed so far is the answer; at most that much comes back. */
  readonly cutAt?: number;
  /** True for work that nobody waits for: it runs at low priority. */
  readonly isBackground?: boolean;
  /** Ends the process group. */
  readonly signal?: AbortSignal | undefined;
}

/** What a GitError says of a command that its signal has ended. */
export const CALLED_OFF = 'it was called off';

/** How much of a hurry a longer piece of work with several commands is in. */
export type Pace = Pick<GitOptions, 'isBackground' | 'signal'>;

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
const NETWORK_OVERRIDES: readonly string[] = HARDENED_CONFIG.filter(
  (setting) => setting !== 'credential.helper=',
).flatMap((setting) => ['-c', setting]);

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

/** A git that was started before its standard input is known. */
export interface FedGit {
  /** Writes the whole input and ends it. Call it once, with '' to give nothing. */
  feed(input: string): void;
  /** As `git` gives it, but never tried again. */
  readonly result: Promise<GitResult>;
}

/** Starts a git that waits for its input, so that its start-up runs beside other work. The input must be fed in any case. */
export function startGit(args: readonly string[], options: Omit<GitOptions, 'input'>): FedGit {
  const child = spawnGit(args, options, true);
  return { feed: (input) => child.stdin?.end(input), result: resultOf(child, args, options) };
}

function runOnce(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const child = spawnGit(args, options, options.input !== undefined);
  if (options.input !== undefined) child.stdin?.end(options.input);
  return resultOf(child, args, options);
}

function spawnGit(args: readonly string[], options: GitOptions, isFed: boolean): ChildProcess {
  const overrides = options.isNetwork ? NETWORK_OVERRIDES : OVERRIDES;
  const argv = [...(options.isRead ? ['--no-optional-locks'] : []), ...overrides, ...args];
  const child = spawn('git', argv, {
    cwd: options.cwd,
    env: gitEnvironment(options.env),
    // A group of its own: `worktree add` runs a child that would write on after its parent was ended.
    detached: true,
    stdio: [isFed ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  // A git that ended before it read everything says why by its exit code.
  child.stdin?.on('error', () => {});
  if (options.isBackground) yieldToOthers(child.pid);
  return child;
}

/** As `nice` counts: enough that an agent's build has a core to itself, and the work still comes to its end. */
const BACKGROUND_PRIORITY = 10;

function yieldToOthers(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, BACKGROUND_PRIORITY);
  } catch {
    // It has ended already.
  }
}

/** Output above this many bytes ends the command: nothing we ask for is that long. */
const MOST_OUTPUT = 256 * 1024 * 1024;

function resultOf(child: ChildProcess, args: readonly string[], options: GitOptions): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const limit = options.timeout ?? DEFAULT_TIMEOUT;
    const group = watchGroup(child.pid, { limit, tooLong: `ended after ${limit} ms`, grace: GRACE });
    const onTooLong = () => group.stop(`ended after ${MOST_OUTPUT} bytes of output`);
    let isCut = false;
    const onCut = () => {
      isCut = true;
      group.stop('ended at its limit');
    };
    const stdout =
      options.cutAt === undefined ? collect(child.stdout, onTooLong) : collect(child.stdout, onCut, options.cutAt);
    const stderr = collect(child.stderr, onTooLong);
    const onAbort = () => group.stop(CALLED_OFF);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
    const settle = (finish: () => void) => {
      options.signal?.removeEventListener('abort', onAbort);
      group.done();
      finish();
    };
    child.once('error', (cause) =>
      settle(() => reject(new GitError(args, null, `git could not be started: ${cause.message}`, cause))),
    );
    child.once('close', (exitCode, signal) =>
      settle(() => {
        if (isCut) return resolve({ exitCode: 0, stdout: stdout(), stderr: stderr() });
        if (group.reason !== '') return reject(new GitError(args, null, group.reason));
        if (exitCode === null) return reject(new GitError(args, null, `${stderr()}\ngit was ended by ${signal}`));
        if (exitCode !== 0 && !(options.okCodes ?? []).includes(exitCode))
          return reject(new GitError(args, exitCode, stderr()));
        resolve({ exitCode, stdout: stdout(), stderr: stderr() });
      }),
    );
  });
}

/** Gives a function that gives the stream's text so far, without its last newline. */
function collect(stream: Readable | null, onTooLong: () => void, most = MOST_OUTPUT): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (size < most) chunks.push(chunk.subarray(0, most - size));
    size += chunk.length;
    if (size > most) onTooLong();
  });
  return () =>
    Buffer.concat(chunks)
      .toString('utf8')
      .replace(/\r?\n$/, '');
}
