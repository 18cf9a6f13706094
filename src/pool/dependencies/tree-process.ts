// Owns the process that does a job on a tree: started, fed, listened to, ended.
import { spawn } from 'node:child_process';
import { watchGroup } from '../../git/process-group.ts';
import type { TreeAnswer, TreeJob } from './tree-job.ts';

/** ms; a tree of 467 MiB is copied in 27 s on a loaded machine. */
const LIMIT = 15 * 60_000;

export interface TreeProgram {
  /** argv of the role `__tree`. */
  readonly command: readonly string[];
  /** The tag by which a later server finds what this one left running. */
  readonly sessionTag: string;
}

/** Has the job done in a process group of its own. Throws when it fails or is called off. */
export function runTreeProcess(program: TreeProgram, job: TreeJob, signal?: AbortSignal): Promise<TreeAnswer> {
  const [file = '', ...args] = program.command;
  const env = { ...process.env, DROVER_SESSION: program.sessionTag };
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const group = watchGroup(child.pid, { limit: LIMIT, tooLong: `took longer than ${LIMIT / 1000} s`, grace: 1000 });
    const onAbort = () => group.stop('was called off');
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    // A process that ended before it read its job says why by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(job));
    const settle = (finish: () => void) => {
      group.done();
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (why: string) => reject(new Error(`the ${job.job} of dependencies: ${why}`));
    child.once('error', (error) => settle(() => fail(error.message)));
    child.once('close', (code) =>
      settle(() => {
        if (group.reason !== '') return fail(group.reason);
        if (code !== 0) return fail(Buffer.concat(err).toString('utf8').trim() || `exit code ${code}`);
        resolve(JSON.parse(Buffer.concat(out).toString('utf8')) as TreeAnswer);
      }),
    );
  });
}
