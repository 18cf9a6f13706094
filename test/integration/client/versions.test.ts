// Owns the test of a client before a server of another version: refused, but for those who only end it.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectToServer } from '../../../src/client/client.ts';
import { Connection } from '../../../src/protocol/connection.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/methods.ts';

/** A protocol that no version has. */
const THEIRS = 1_000_000;
let folder: string;
let server: Server;
const called: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drover-ver-'));
  called.length = 0;
  server = createServer((socket) => {
    const connection = new Connection(socket, { onFrame: answer, onFault: () => undefined, onClose: () => undefined });
    function answer({ payload }: { payload: Buffer }): void {
      const { id, method, params } = JSON.parse(payload.toString('utf8'));
      called.push(method);
      const message = `the server speaks protocol ${THEIRS}, this program ${params.protocol}: they are of different versions of Drover`;
      if (method === 'session.hello' && params.protocol !== THEIRS)
        connection.sendControl({ id, error: { code: 'protocol-version', message, next: 'drover server restart' } });
      else connection.sendControl({ id, result: { pid: 7 } });
    }
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function connect(ofAnyVersion: boolean) {
  const paths = {
    socket: join(folder, 'socket'),
    listening: join(folder, 'none'),
    root: folder,
    log: join(folder, 'log'),
  };
  return connectToServer({ paths, kind: 'cli', operator: 'ann', startServer: false, ofAnyVersion });
}

test('a server of another version is refused, with the command that replaces it', async () => {
  await expect(connect(false)).rejects.toMatchObject({
    refusal: { code: 'protocol-version', next: 'drover server restart' },
  });
});

test('who ends it speaks its protocol', async () => {
  const client = await connect(true);
  expect(await client.call('server.stop', {})).toEqual({ pid: 7 });
  expect(called).toEqual(['session.hello', 'session.hello', 'server.stop']);
  expect(PROTOCOL_VERSION).not.toBe(THEIRS);
  client.close();
});
