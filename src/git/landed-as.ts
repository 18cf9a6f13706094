// Owns the question under which commit a task has landed, asked when the one who landed it was killed before he could say.
import { LANDED_BRANCH } from './base-branch.ts';
import { branchName } from './names.ts';
import { readBranch } from './refs.ts';
import type { Repository } from './repository.ts';
import { git } from './runner.ts';

/** The newest commit on the first-parent line of the base branch, or of what waits beside it, that carries the task's trailer; null when there is none. */
export async function landedAs(repository: Repository, task: { base: string; taskId: string }): Promise<string | null> {
  const waits = (await readBranch(repository, LANDED_BRANCH)) !== null;
  const refs = [task.base, ...(waits ? [LANDED_BRANCH] : [])].map((name) => `refs/heads/${branchName(name)}`);
  const pattern = `^Drover-Task: ${branchName(task.taskId)}$`;
  const { stdout } = await git(
    ['log', '--first-parent', '--max-count=1', '--format=%H', `--grep=${pattern}`, ...refs, '--'],
    {
      cwd: repository.root,
      isRead: true,
    },
  );
  return stdout === '' ? null : stdout;
}
