// Owns the tests of the socket on disk: whose it is, and that it is made again when it vanishes under its server.
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Listener } from '../../../src/server/listener.ts';

let root: string;
let folder: string;
let path: string;
let listener: Listener | null;
let sockets: Socket[];
/** Resolves with the next words of the log. */
let nextWords: () => Promise<string>;

const log = { info: (_message: string) => {}, error: (_message: string, _error: unknown) => {} };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drover-listener-'));
  folder = join(root, 'sockets');
  path = join(folder, 'a.sock');
  listener = null;
  sockets = [];
  nextWords = () =>
    new Promise((resolve) => {
      log.info = resolve;
      log.error = resolve;
    });
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  listener?.close();
  rmSync(root, { recursive: true, force: true });
});

/** What is said to whoever connects: what it says, back. */
const open = () => Listener.open(path, (socket) => void socket.pipe(socket), log);

function connect(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path, () => resolve(socket));
    sockets.push(socket);
    socket.once('error', reject);
  });
}

function echoed(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (data) => resolve(data.toString()));
    socket.write(text);
  });
}

test.each([
  ['its folder', () => rmSync(folder, { recursive: true })],
  ['the socket itself', () => rmSync(path)],
])(
  '%s vanishes: the socket is made again, as often as it happens, and who is connected notices nothing',
  async (_what, remove) => {
    listener = await open();
    const before = await connect();
    for (const round of ['one', 'two']) {
      const words = nextWords();
      remove();
      expect(await words).toBe(`the socket had vanished; listening on ${path} again`);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(await echoed(await connect(), round)).toBe(round);
      expect(await echoed(before, round)).toBe(round);
    }
  },
);

test('a folder that cannot be made again is told, and nothing listens there', async () => {
  listener = await open();
  const words = nextWords();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'in the way');
  expect(await words).toBe(`the socket ${path} has vanished and cannot be made again`);
  await expect(connect()).rejects.toThrow();
});

test('another socket that comes and goes in the folder changes nothing, and a closed one is not made again', async () => {
  listener = await open();
  const other = join(folder, 'b.sock');
  writeFileSync(other, '');
  rmSync(other);
  expect(await echoed(await connect(), 'still')).toBe('still');
  const inode = statSync(path).ino;
  expect(await echoed(await connect(), 'here')).toBe('here');
  expect(statSync(path).ino).toBe(inode);
  listener.close();
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  expect(existsSync(path)).toBe(false);
});

test('what is made while it listens has the umask that it should have', async () => {
  const opening = open();
  const made = join(root, 'made');
  mkdirSync(made);
  listener = await opening;
  expect(statSync(made).mode & 0o700).toBe(0o700);
});
