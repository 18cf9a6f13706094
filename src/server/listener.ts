// Owns the socket on disk: 0600 from its birth, in a folder of ours alone, a stale one removed.
import { unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { secureSocketFolder } from '../config/paths.ts';

/** Listens on a path. The caller holds the store's lock, so a socket that lies there already has no server. */
export async function listenOn(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  secureSocketFolder(dirname(path));
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const server = createServer(onConnection);
  // umask around listen: the socket is never open to others, not even for an instant.
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
  return server;
}
