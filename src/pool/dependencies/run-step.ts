// Owns the running of a step's commands in a worktree, and the words for one that failed.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../../git/repository.ts';
import type { Generations } from './generations.ts';
import { type InstallCommand, lastLine, runInstall } from './install-command.ts';
import type { Step } from './steps.ts';
import type { TreeAnswer, TreeJob } from './tree-job.ts';

/** Where a worktree is provisioned, and with what. */
export interface Site {
  readonly worktree: string;
  readonly repository: Repository;
  readonly generations: Generations;
  /** The folder of the logs. */
  readonly logs: string;
  readonly sessionTag: string;
  readonly signal: AbortSignal | undefined;
  /** Has a job on a tree done beside this process. */
  work(job: TreeJob): Promise<TreeAnswer>;
}

/** The project's own command failed: nothing that Drover could mend. The message says which, why, and where its output is. */
export class InstallFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InstallFailure';
  }
}

/** Runs the commands in turn until one succeeds. Throws InstallFailure with the last one's reason. */
export async function runStep(site: Site, step: Step, commands: readonly InstallCommand[]): Promise<void> {
  const log = join(site.logs, `dependencies-${step.id.replaceAll(/[^a-z0-9]+/g, '-')}.log`);
  rmSync(log, { force: true });
  const { worktree, sessionTag, signal } = site;
  let why: string | null = null;
  let words = '';
  for (const command of commands) {
    words = command.argv.slice(command.argv[0] === '/bin/sh' ? 2 : 0).join(' ');
    why = await runInstall(command, {
      cwd: join(worktree, step.folder),
      log,
      timeout: step.timeout,
      sessionTag,
      signal,
    });
    if (why === null) return;
    signal?.throwIfAborted();
  }
  const last = lastLine(log);
  throw new InstallFailure(
    `\`${words}\` failed in ${join(worktree, step.folder)}: ${why}${last && `, ${last}`} (see ${log})`,
  );
}
