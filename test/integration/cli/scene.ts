// Owns what the shell's tests stand on: the built program, a throw-away repository with a home of its own, a server that answers from a table.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FRAME, FrameReader } from '../../../src/protocol/frame.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The built program; built when a source is newer. DROVER_MAIN names another build. */
export function builtProgram(): string {
  const named = process.env['DROVER_MAIN'];
  if (named) return named;
  execFileSync(process.execPath, [join(ROOT, '.ci', 'bootstrap.mjs')], { stdio: 'pipe' });
  return join(ROOT, 'dist', 'main.cjs');
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Scene {
  readonly folder: string;
  readonly repository: string;
  readonly env: Record<string, string>;
  /** Runs the program in the repository; standard input is empty unless given. */
  drover(
    words: readonly string[],
    options?: { input?: string; env?: Record<string, string>; cwd?: string },
  ): Promise<Ran>;
  /** Writes an executable shell script into a folder that stands first on PATH. */
  program(name: string, script: string): void;
  git(...words: string[]): string;
  dispose(): void;
}

export function createScene(main: string): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'drover-cli-'));
  const repository = join(folder, 'repository');
  const bin = join(folder, 'bin');
  for (const each of [repository, bin, join(folder, 'home')]) mkdirSync(each);
  const env = {
    PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: join(folder, 'home'),
    DROVER_SOCKET_DIR: join(folder, 's'),
    GIT_CONFIG_NOSYSTEM: '1',
    LANG: 'C.UTF-8',
  };
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: repository, env, encoding: 'utf8' });
  git('init', '-q', '-b', 'main');
  git('-c', 'user.email=a@x', '-c', 'user.name=A', 'commit', '-q', '--allow-empty', '-m', 'Begin');
  return {
    folder,
    repository,
    env,
    git,
    drover: (words, options = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [main, ...words], {
          cwd: options.cwd ?? repository,
          env: { ...env, ...options.env },
          stdio: 'pipe',
        });
        let [stdout, stderr] = ['', ''];
        child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
        child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
        child.once('error', reject).once('close', (code) => resolve({ code, stdout, stderr }));
        child.stdin.on('error', () => undefined).end(options.input ?? '');
      }),
    program: (name, script) => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Call {
  readonly method: string;
  readonly params: unknown;
}

export interface FakeServer {
  readonly calls: Call[];
  /** Sends to every client. */
  send(message: object): void;
  /** Resolves with the first call of that method. */
  called(method: string): Promise<Call>;
  close(): Promise<void>;
}

/** Answers each method from the table: a result, or `{ error }`. */
export async function listenAs(
  socket: string,
  answers: Record<string, object | ((params: unknown) => object)>,
): Promise<FakeServer> {
  const calls: Call[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Map<string, (call: Call) => void>();
  const write = (to: Socket, message: object) =>
    to.write(encodeFrame(FRAME.control, Buffer.from(JSON.stringify(message))));
  const server: Server = createServer((peer) => {
    sockets.add(peer);
    const reader = new FrameReader();
    peer.on('error', () => undefined).on('close', () => sockets.delete(peer));
    peer.on('data', (chunk: Buffer) => {
      for (const frame of reader.push(chunk)) {
        // What a client types and acknowledges asks for no answer.
        if (frame.kind !== FRAME.control) continue;
        const { id, method, params } = JSON.parse(frame.payload.toString()) as Call & { id: number };
        calls.push({ method, params });
        const answer = answers[method];
        const body =
          method === 'session.hello' ? { server: {} } : typeof answer === 'function' ? answer(params) : (answer ?? {});
        write(peer, 'error' in body ? { id, error: body.error } : { id, result: body });
        waiting.get(method)?.({ method, params });
      }
    });
  });
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    calls,
    send: (message) => {
      for (const peer of sockets) write(peer, message);
    },
    called: (method) => {
      const before = calls.find((call) => call.method === method);
      return before ? Promise.resolve(before) : new Promise((resolve) => waiting.set(method, resolve));
    },
    close: () => {
      for (const peer of sockets) peer.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
