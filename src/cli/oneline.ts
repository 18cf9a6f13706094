// Owns the fast path of `drover status --oneline`: a shell prompt waits for it, so it loads node:net, node:fs and three small files of ours.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { secureSocketFolder, sessionPaths, socketOf } from '../config/paths.ts';
import { encodeFrame, FRAME, FrameReader } from '../protocol/frame.ts';
import { PROTOCOL_VERSION } from '../protocol/methods.ts';

/** ms: a server that takes longer than this is not well, and the ordinary way says so. */
const PATIENCE = 2000;

/** The line that the server gives, or null when anything is unusual: then the ordinary way is taken, which also tells what is wrong. */
export function askOneline(): Promise<string | null> {
  const socket = findSocket();
  if (socket === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    // Not imported: the module around a built-in costs a prompt 2 ms.
    const connection = process.getBuiltinModule('node:net').createConnection(socket);
    const reader = new FrameReader();
    const finish = (line: string | null): void => {
      resolve(line);
      connection.destroy();
    };
    connection.setTimeout(PATIENCE, () => finish(null));
    connection.once('error', () => finish(null));
    connection.once('close', () => finish(null));
    connection.on('data', (chunk: Buffer) => {
      const line = readReply(reader, chunk);
      if (line !== undefined) finish(line);
    });
    // Both in one write: the server answers them in order.
    connection.write(Buffer.concat([request(1, 'session.hello', hello()), request(2, 'status.oneline', {})]));
  });
}

function findSocket(): string | null {
  try {
    // Throws in a folder that was deleted.
    const paths = sessionPaths(process.cwd(), { create: false });
    const socket = socketOf(paths);
    if (paths.id === '' || !existsSync(socket)) return null;
    secureSocketFolder(dirname(socket));
    return socket;
  } catch {
    return null;
  }
}

/** Nothing is changed, so nobody needs to know who looks: asking git for the operator would cost a process. */
function hello(): object {
  return {
    protocol: PROTOCOL_VERSION,
    kind: 'cli',
    operator: process.env['DROVER_OPERATOR'] || 'prompt',
    pid: process.pid,
  };
}

function request(id: number, method: string, params: object): Buffer {
  return encodeFrame(FRAME.control, Buffer.from(JSON.stringify({ id, method, params })));
}

/** The line, null for an answer that is none, undefined while it hasn't come. */
function readReply(reader: FrameReader, chunk: Buffer): string | null | undefined {
  try {
    for (const frame of reader.push(chunk)) {
      if (frame.kind !== FRAME.control) continue;
      const message = JSON.parse(frame.payload.toString('utf8')) as { id?: number; result?: { line?: unknown } };
      if (message.id === 1 && !message.result) return null;
      if (message.id !== 2) continue;
      const line = message.result?.line;
      return typeof line === 'string' && !/\p{Cc}/u.test(line) ? line : null;
    }
    return undefined;
  } catch {
    return null;
  }
}
