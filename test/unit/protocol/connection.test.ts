// Owns the tests of a connection: past the stream or through it, frames come whole and in their order; a fault at one is told.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Connection } from '../../../src/protocol/connection.ts';
import { FRAME } from '../../../src/protocol/frame.ts';

let folder: string;
let server: Server;
let sockets: Socket[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-connection-'));
  server = createServer();
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function connect(): Promise<[near: Socket, far: Socket]> {
  const path = join(folder, 's');
  server.listen(path);
  const near = createConnection(path);
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [[Socket], unknown];
  sockets = [near, far];
  return [near, far];
}

test('frames come in their order, also when the other end does not read for a while, and none after its end', async () => {
  const [near, far] = await connect();
  const received: number[] = [];
  const count = 400;
  let onAll: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    onAll = resolve;
  });
  const reader = new Connection(far, {
    onFrame: ({ payload }) => {
      received.push(payload.readUInt32LE(payload.length - 4));
      if (received.length === count) onAll();
    },
    onFault: () => {},
    onClose: () => {},
  });
  far.pause();
  let isClosed = false;
  const closed = new Promise<string>((resolve) => {
    const onClose = (reason: string): void => {
      isClosed = true;
      resolve(reason);
    };
    const writer = new Connection(near, { onFrame: () => {}, onFault: () => {}, onClose });
    for (let number = 0; number < count; number += 1) {
      // Small ones before and behind what fills the kernel's buffer.
      const payload = Buffer.alloc(number % 40 === 20 ? 100_000 : 8);
      payload.writeUInt32LE(number, payload.length - 4);
      writer.send(FRAME.pane, payload);
      if (number === 0) expect(writer.pending).toBe(0);
    }
    expect(writer.pending).toBeGreaterThan(100_000);
    far.resume();
    void all.then(() => {
      expect(writer.pending).toBe(0);
      reader.destroy();
    });
  });
  await all;
  expect(received).toEqual(Array.from({ length: count }, (_, number) => number));
  await closed;
  expect(isClosed).toBe(true);
});

test('what a frame makes its reader throw is told, and cuts the connection', async () => {
  const [near, far] = await connect();
  const told: unknown[] = [];
  const fault = new Error('a fault of the reader');
  const reason = new Promise<string>((resolve) => {
    new Connection(far, {
      onFrame: () => {
        throw fault;
      },
      onFault: (error) => void told.push(error),
      onClose: resolve,
    });
  });
  const writer = new Connection(near, { onFrame: () => {}, onFault: () => {}, onClose: () => {} });
  writer.sendControl({ hello: 1 });
  expect(await reason).toBe(fault.message);
  expect(told).toEqual([fault]);
});
