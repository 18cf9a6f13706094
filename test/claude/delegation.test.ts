// The real Claude Code delegates: it waits for a sub-task with one worker, divides its task, and searches without being able to write.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { historyOf, type ModelRequest, type Script, type Step } from './messages-stub.ts';
import { PaneView } from './pane-view.ts';
import { type ClaudeStage, completes, setClaudeStage, worktreeOf } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

const isDone = (request: ModelRequest): boolean => historyOf(request).includes('mcp__drover__complete_task {');
/** Which task the agent works on, by the title in its first prompt. */
const titleOf = (request: ModelRequest): string => /^Title: (.*)$/m.exec(historyOf(request))?.[1] ?? '';
const drover = (tool: string, input: Readonly<Record<string, unknown>>): Step => ({
  tool: `mcp__drover__${tool}`,
  input,
});
const write = (request: ModelRequest, name: string, content: string): Step => ({
  tool: 'Write',
  input: { file_path: join(worktreeOf(request), name), content },
});

/** Does what the task of each title is to do, and ends its turn after its task is handed in. */
const byTitle =
  (models: Readonly<Record<string, Script>>): Script =>
  (request) => {
    const model = models[titleOf(request)];
    if (model === undefined) throw new Error(`nothing is known of the task ${titleOf(request)}`);
    return isDone(request) ? { say: 'Done.' } : model(request);
  };
const writesOne =
  (name: string): Script =>
  (request) =>
    historyOf(request).includes('Write {') ? completes(`Wrote ${name}.`) : write(request, name, `${name}\n`);

test('a parent waits for its sub-task with one worker: the result is the answer of the tool, its pane shows how it stands', async () => {
  let letGo: () => void = () => {};
  const isSeen = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  stage = await setClaudeStage(
    byTitle({
      Parent: (request) => {
        const history = historyOf(request);
        if (history.includes('part of your branch now')) return completes('Used what the child has written.');
        const wish = { title: 'Child', description: 'Write child.txt', waitForCompletion: true };
        return drover('create_subtask', wish);
      },
      Child: async (request) => {
        await isSeen;
        return writesOne('child.txt')(request);
      },
    }),
  );
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Parent']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(() => watch.task('Parent').awaits.length > 0, 'it waits');
  const child = watch.task('Child');
  const run = watch.state.runs.get(watch.task('Parent').runId ?? '');
  const pane = await PaneView.open(watch.client, run?.worker ?? 0);
  await pane.until(`sub-task ${child.id} is in_progress`);
  expect(watch.state.runs.get(run?.id ?? '')).toMatchObject({ state: 'gated', stateDetail: `waits for ${child.id}` });
  letGo();
  const answered = await stage.stub.request(({ news }) => news.includes('part of your branch now'), 'the result');
  expect(JSON.parse(answered.news)).toMatchObject({
    id: child.id,
    status: 'completed',
    verdict: 'pass',
    summary: 'Wrote child.txt.',
    commit: watch.task('Child').landedCommit,
  });
  expect(readFileSync(join(worktreeOf(answered), 'child.txt'), 'utf8')).toBe('child.txt\n');
  await watch.until(() => watch.task('Parent').status === 'completed', 'both land');
  // One worker: they never had a slot at the same time.
  expect(watch.seen.filter(({ event }) => event.type === 'task.await-ended')).toHaveLength(1);
  expect(stage.git('show', 'main:child.txt')).toBe('child.txt\n');
  expect((await stage.json<{ subtasks: { id: string }[] }>(['show', task.id])).subtasks[0]?.id).toBe(child.id);
});

test('a task is divided: its agent ends, its parts are worked on in their order, and it is completed with the last', async () => {
  stage = await setClaudeStage(
    byTitle({
      Large: (request) => {
        if (request.news.includes('Your task is divided')) return { say: 'It is divided.' };
        const suggestedSubtasks = [
          { title: 'First half', description: 'Write first.txt', estimatedComplexity: 'small' },
          { title: 'Second half', description: 'Write second.txt', dependsOn: ['First half'] },
        ];
        return drover('signal_decomposition', { reason: 'Two files, two tasks', suggestedSubtasks });
      },
      'First half': writesOne('first.txt'),
      'Second half': writesOne('second.txt'),
    }),
  );
  await stage.json(['add', 'Large']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(() => watch.task('Large').status === 'completed', 'all of it is done');
  const landed = watch.seen.flatMap(({ event }) => (event.type === 'task.completed' ? [event.taskId] : []));
  expect(landed).toEqual([watch.task('First half').id, watch.task('Second half').id, watch.task('Large').id]);
  expect(stage.git('show', 'main:first.txt', 'main:second.txt')).toBe('first.txt\nsecond.txt\n');
  const second = await stage.stub.request((request) => titleOf(request) === 'Second half', 'the second');
  expect(historyOf(second)).toContain('Wrote first.txt.');
});

test('a research task has no tool that writes, one that it calls all the same is refused, and its findings are stored', async () => {
  const findings = [{ summary: 'There is a README', relevance: 0.8, sourceRef: 'README.md:1' }];
  stage = await setClaudeStage(
    byTitle({
      'Where is it?': (request) => {
        const history = historyOf(request);
        if (history.includes('record_findings {')) return completes('Found it.');
        if (history.includes('Write {')) return drover('record_findings', { findings, sources: ['README.md'] });
        return write(request, 'no.txt', 'never\n');
      },
    }),
  );
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Where is it?', '--type', 'research']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(() => watch.task('Where is it?').status === 'completed', 'it is done');
  const [first, second] = stage.stub.requests;
  expect(first?.tools).toEqual(expect.arrayContaining(['Read', 'mcp__drover__record_findings']));
  for (const tool of ['Write', 'Edit', 'NotebookEdit', 'Bash']) expect(first?.tools).not.toContain(tool);
  expect(second?.messages.at(-1)?.content).toEqual(
    expect.arrayContaining([expect.objectContaining({ type: 'tool_result', is_error: true })]),
  );
  const { stdout } = await stage.drover(['show', task.id]);
  expect(stdout).toContain('0.80 There is a README (README.md:1)');
  expect(watch.task('Where is it?')).toMatchObject({ landedCommit: null, verdict: 'pass' });
});
