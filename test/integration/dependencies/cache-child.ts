// Owns a server's dependency cache as a process of its own, for the tests: cache-child.ts <request as JSON>
import { join } from 'node:path';
import { DEFAULT_CONFIG, type SetupStep } from '../../../src/config/schema.ts';
import { openRepository } from '../../../src/git/repository.ts';
import { DependencyCache } from '../../../src/pool/dependencies/dependency-cache.ts';

interface Request {
  readonly root: string;
  readonly dataHome: string;
  readonly sessionTag: string;
  readonly setup: SetupStep[];
  readonly slots: string[];
  readonly treeCommand: string[];
}

const request = JSON.parse(process.argv[2] ?? '') as Request;
const { root, dataHome, sessionTag, setup, slots, treeCommand } = request;
const cache = DependencyCache.open({
  folder: join(dataHome, 'cache'),
  logs: join(dataHome, 'logs'),
  repository: await openRepository({ root, gitDir: join(root, '.git'), dataHome }),
  config: { ...DEFAULT_CONFIG, setup },
  sessionTag,
  treeCommand,
});
for (const slot of slots) await cache.provision(slot);
await cache.close();
