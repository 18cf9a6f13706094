// Owns running a test command on a commit, in a worktree of its own that no agent works in.

import { stripVTControlCharacters } from 'node:util';
import { refuse } from '../domain/refusal.ts';
import { maskOthers } from './mask-descriptors.ts';
import { endGroup, watchGroup } from './process-group.ts';
import type { Repository } from './repository.ts';
import { addSlot, isUsable, resetSlot, slotPath } from './worktree.ts';

/** Whoever puts into a worktree what the tests need beside the tracked files. */
export interface TestProvisioner {
  roots(path: string): readonly string[];
  provision(path: string, request: { signal?: AbortSignal }): Promise<{ readonly problems: readonly string[] }>;
}

export interface TestRequest {
  readonly command: string;
  readonly commit: string;
  /** ms */
  readonly timeout: number;
  readonly provisioner: TestProvisioner | null;
  readonly signal?: AbortSignal;
}

export type TestResult =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly output: string; readonly reason: string };

/** The last bytes of a test's output that are kept: what fits on a few screens and in one event. */
const OUTPUT_TAIL = 16 * 1024;

/** ms that the group has between SIGTERM and SIGKILL. */
const GRACE = 5_000;

/** The slot in which candidates are tested. */
const TEST_SLOT = 'landing';

/**
 * Checks the commit out in the test slot, clean of everything before, and runs the command there with `/bin/sh -c`.
 * The command is the project's or the operator's own; what it tests is an agent's work, so it gets no secrets of ours.
 * Not ok: it failed, took longer than `timeout` ms, or was called off by `signal`; the reason says which.
 */
export async function runTest(repository: Repository, request: TestRequest): Promise<TestResult> {
  const path = slotPath(repository, TEST_SLOT);
  const { provisioner } = request;
  const spare = provisioner?.roots(path) ?? [];
  if (isUsable(path)) await resetSlot(repository, path, request.commit, { spare });
  else await addTestSlot(repository, request.commit);
  const problems = await provide(path, request);
  if (request.signal?.aborted) return { ok: false, output: '', reason: 'was called off' };
  const result = await runCommand(path, request);
  // What the tests had to do without may be why they fail.
  return result.ok ? result : { ...result, output: [...problems, result.output].join('\n') };
}

async function provide(path: string, { provisioner, signal }: TestRequest): Promise<readonly string[]> {
  try {
    return (await provisioner?.provision(path, signal === undefined ? {} : { signal }))?.problems ?? [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

async function addTestSlot(repository: Repository, commit: string): Promise<void> {
  try {
    await addSlot(repository, TEST_SLOT, commit);
  } catch (error) {
    const path = slotPath(repository, TEST_SLOT);
    const message = `the worktree ${path}, in which landings are tested, cannot be made: ${(error as Error).message}`;
    refuse('landing-refused', message, `git worktree remove --force --force ${path}`);
  }
}

async function runCommand(
  cwd: string,
  request: Pick<TestRequest, 'command' | 'timeout' | 'signal'>,
): Promise<TestResult> {
  const tail = new Tail(OUTPUT_TAIL);
  const { execa } = await import('execa');
  const child = execa('/bin/sh', ['-c', request.command], {
    cwd,
    env: testEnvironment(),
    extendEnv: false,
    reject: false,
    detached: true,
    buffer: false,
    stdio: ['ignore', 'pipe', 'pipe', ...maskOthers()],
    encoding: 'buffer',
  });
  child.stdout.on('data', (bytes: Buffer) => tail.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => tail.push(bytes));
  const tooLong = `took longer than ${Math.round(request.timeout / 1000)} s`;
  const group = watchGroup(child.pid, { limit: request.timeout, tooLong, grace: GRACE });
  const onAbort = () => group.stop('was called off');
  request.signal?.addEventListener('abort', onAbort, { once: true });
  if (request.signal?.aborted) onAbort();
  // What the test left in the background holds its output open, so the shell's exit counts and not the end of its output.
  child.once('exit', () => setTimeout(() => endGroup(child.pid, 'SIGKILL'), 50));
  const result = await child;
  group.done();
  request.signal?.removeEventListener('abort', onAbort);
  const output = tail.text();
  if (group.reason !== '') return { ok: false, output, reason: group.reason };
  if (result.exitCode === 0) return { ok: true, output };
  const how =
    result.exitCode === undefined ? `ended by ${result.signal ?? 'an error'}` : `exit code ${result.exitCode}`;
  return { ok: false, output, reason: how };
}

/** Keeps the last bytes of a stream. */
class Tail {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    if (this.#size < 2 * this.#limit) return;
    this.#chunks = [Buffer.concat(this.#chunks).subarray(-this.#limit)];
    this.#size = this.#limit;
  }

  /** As plain text: escape sequences and control characters are gone, newline and tab stay. */
  text(): string {
    const text = Buffer.concat(this.#chunks).subarray(-this.#limit).toString('utf8');
    return stripVTControlCharacters(text)
      .replace(/\r\n/g, '\n')
      .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
      .trimEnd();
  }
}

/** What a build needs to find its tools and caches; tokens, keys and agent sockets are not among it. */
const TEST_VARIABLES =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|LANG|LC_[A-Z]+|TZ|XDG_(?:CACHE|CONFIG|DATA|STATE)_HOME|JAVA_HOME|GO(?:PATH|ROOT|CACHE|MODCACHE|FLAGS|PROXY)|CARGO_HOME|RUSTUP_HOME|NVM_DIR|VOLTA_HOME|PNPM_HOME|PYENV_ROOT|RBENV_ROOT|ANDROID_HOME|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS)$/;

function testEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && TEST_VARIABLES.test(name)) env[name] = value;
  }
  return { ...env, CI: '1', TERM: 'dumb' };
}
