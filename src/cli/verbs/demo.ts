// Owns `drover demo`: a throw-away sample repository, its queue, and a session of the rehearsal agent on it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NoServerError } from '../../client/client.ts';
import type { Caller, VerbInput } from '../../client/verb.ts';
import { numberOption } from '../../client/verb-params.ts';
import { sessionPaths } from '../../config/paths.ts';
import { RefusalError, refuse } from '../../domain/refusal.ts';
import { renderJson } from '../render.ts';
import { createSession } from '../session.ts';
import type { DemoTask, VerbScope } from '../shell.ts';
import { openWorkspace } from './attach.ts';
import { followHeadless } from './run.ts';
import { stopServer } from './server.ts';

/**
 * Makes the sample, queues its tasks and runs them. Headless: exit 0 when all have landed. With a workspace: it is left
 * as any other is, and goes on. The repository stays, so that it can be looked at.
 */
export async function runDemo(input: VerbInput, outer: VerbScope): Promise<number> {
  const { shell, isJson } = outer;
  const workers = numberOption(input, 'workers', { least: 1, most: 64 }) ?? 4;
  const isHeadless = input.options['headless'] === true || isJson;
  if (!isHeadless && !shell.isInteractive)
    refuse('not-a-terminal', 'the workspace needs a terminal on standard input and output', 'drover demo --headless');
  const { root, tasks, session, client } = await setUp(outer);
  const { dataHome } = session.paths();
  shell.write(isJson ? renderJson({ repository: root, dataHome }) : `The sample repository is ${root}\n`);
  const scope: VerbScope = { ...outer, shell: { ...shell, folder: root }, session };
  const start = () => client.call('session.start', { workers, agent: 'rehearsal', untilDone: isHeadless });
  try {
    await queueTasks(client, tasks);
    if (isHeadless) return await followHeadless({ client, start, farewell: 'The demonstration ends here.' }, scope);
    await start();
    return await openWorkspace(scope);
  } finally {
    client.close();
    if (isHeadless) await stopServer(session).catch(tolerateNoServer);
    if (!isJson) shell.write(farewell(shell.program, root, isHeadless));
  }
}

/** The sample and its server. What could not be begun leaves nothing behind but a log that its error names. */
async function setUp({ shell, as }: VerbScope) {
  const folder = mkdtempSync(join(tmpdir(), 'drover-demo-'));
  const made = [folder];
  try {
    const { root, tasks } = await shell.roles.createDemoRepository(folder);
    made.push(sessionPaths(root, { create: true }).dataHome);
    const session = createSession(shell, root, as);
    return { root, tasks, session, client: await session.connect('cli') };
  } catch (error) {
    for (const path of error instanceof RefusalError ? made : [folder]) rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** It has ended by itself: what it ended of is told already. */
function tolerateNoServer(error: unknown): void {
  if (!(error instanceof NoServerError)) throw error;
}

function farewell(program: string, root: string, isHeadless: boolean): string {
  const look = `Look at it:    git -C ${root} log --oneline --graph\n`;
  if (isHeadless) return look;
  return `Come back:     ${program} -C ${root} attach\n${look}End it:        ${program} -C ${root} server stop\n`;
}

/** Creates the epics and tasks; a task's `blockedBy` names keys of tasks before it. */
async function queueTasks(caller: Caller, tasks: readonly DemoTask[]): Promise<void> {
  for (const title of new Set(tasks.map((task) => task.epic))) await caller.call('epic.create', { title });
  const ids = new Map<string, string>();
  for (const { key, title, description, epic, blockedBy, type, priority, testCommand, hint } of tasks) {
    const { task } = await caller.call('task.create', {
      title,
      description,
      epic,
      blockedBy: blockedBy.map((blocker) => ids.get(blocker) ?? blocker),
      ...(type === undefined ? {} : { type }),
      ...(priority === undefined ? {} : { priority }),
      ...(testCommand === undefined ? {} : { testCommand }),
    });
    ids.set(key, task.id);
    if (hint !== undefined) await caller.call('guidance.send', { task: task.id, text: hint });
  }
}
