// Owns the throw-away repository of the demonstration: the sample program, its first commit, its configuration.
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DemoRepository } from '../cli/shell.ts';
import { INSTALLATION } from '../config/installation.ts';
import { DEMO_QUEUE } from './queue.ts';

const SAMPLE = join(INSTALLATION, 'src', 'demo', 'sample');

const CONFIG = `# The demonstration: a rehearsal agent plays a script for each task. It is not an AI.
agent: rehearsal
workers: 4
test: node --test
`;

/** Nobody's identity and none of the user's configuration is needed. */
const IDENTITY = ['-c', 'user.name=Drover demo', '-c', 'user.email=demo@localhost', '-c', 'commit.gpgsign=false'];

/** Makes the sample's repository in `folder`/ledger, which must not be there yet, and gives the tasks to queue in it. */
export async function createDemoRepository(folder: string): Promise<DemoRepository> {
  const root = join(folder, 'ledger');
  await cp(SAMPLE, root, { recursive: true, errorOnExist: true, force: false });
  await mkdir(join(root, '.drover'));
  await writeFile(join(root, '.drover', 'config.yaml'), CONFIG);
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', root, ...args]);
  await git('init', '--quiet', '--initial-branch=main', '--template=');
  await git('add', '--all');
  await git(...IDENTITY, '-c', 'core.hooksPath=/dev/null', 'commit', '--quiet', '-m', 'A ledger on the command line');
  return { root, tasks: DEMO_QUEUE };
}
