// How the turns of the real Claude Code end: without a word to Drover, in an error of the API, in a conflict.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { inOrder, type ModelRequest, type Step } from './messages-stub.ts';
import { PaneView } from './pane-view.ts';
import { bash, type ClaudeStage, completes, setClaudeStage, worktreeOf } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

const writes =
  (name: string, content: string) =>
  (request: ModelRequest): Step => ({ tool: 'Write', input: { file_path: join(worktreeOf(request), name), content } });

test('a turn without complete_task is nudged once, then waits for a person, whose message it takes', async () => {
  stage = await setClaudeStage(
    inOrder(
      { say: 'It looks done to me.' },
      { say: 'Which colour do you want?' },
      writes('colour.txt', 'green\n'),
      completes('Painted it green.'),
      { say: 'Done.' },
    ),
  );
  await stage.json(['add', 'Choose the colour']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  const waits = (): boolean => [...watch.state.runs.values()].some(({ state }) => state === 'needs-input');
  await watch.until(waits, 'it waits for a person');
  const [run] = watch.state.runs.values();
  expect(run).toMatchObject({ stateDetail: 'Which colour do you want?', stateSource: 'drover' });
  const nudges = stage.stub.requests.filter(({ news }) => news.includes('complete_task was not called'));
  expect(nudges).toHaveLength(1);

  const pane = await PaneView.open(watch.client, run?.worker ?? 0);
  await pane.until('Which colour do you want?');
  pane.type('Green, please');
  await pane.until('Green, please');
  pane.type('\r');
  await watch.until(() => watch.task('Choose the colour').status === 'completed', 'it lands');
  expect(stage.stub.requests[2]?.news).toContain('Green, please');
  expect(stage.git('show', 'main:colour.txt')).toBe('green\n');
});

test('a dialog that is turned down interrupts the turn, and a typed message goes on', async () => {
  stage = await setClaudeStage(
    inOrder(bash('cat /etc/hostname'), writes('name.txt', 'unnamed\n'), completes('Did without it.'), { say: 'Done.' }),
  );
  await stage.json(['add', 'Name it']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  const isAt = (wanted: string) => (): boolean => [...watch.state.runs.values()].some(({ state }) => state === wanted);
  await watch.until(isAt('needs-input'), 'it asks');
  const [run] = watch.state.runs.values();
  expect(run).toMatchObject({ stateDetail: 'Bash: cat /etc/hostname', stateSource: 'hook' });
  const pane = await PaneView.open(watch.client, run?.worker ?? 0);
  await pane.until('1. Yes');
  pane.type('\x1b');
  await watch.until(isAt('interrupted'), 'it is interrupted');
  pane.type('Do without it');
  await pane.until('Do without it');
  pane.type('\r');
  await watch.until(() => watch.task('Name it').status === 'completed', 'it lands');
  expect(stage.stub.requests[1]?.news).toContain('Do without it');
  expect(stage.git('show', 'main:name.txt')).toBe('unnamed\n');
});

test('an error of the API costs no attempt: the conversation waits and goes on by itself', async () => {
  stage = await setClaudeStage(
    inOrder(
      writes('one.txt', 'one\n'),
      { status: 529, error: 'overloaded_error' },
      { status: 400, error: 'invalid_request_error' },
      completes('Wrote one.'),
      { say: 'Done.' },
    ),
    { config: { apiRetry: { baseDelay: '500ms' } }, env: { CLAUDE_CODE_MAX_RETRIES: '0' } },
  );
  await stage.json(['add', 'Write one']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(() => watch.task('Write one').status === 'completed', 'it lands');
  expect(watch.task('Write one').attempts).toBe(1);
  expect(watch.state.runs.size).toBe(1);
  const states = watch.seen.flatMap(({ event }) => (event.type === 'run.state-changed' ? [event] : []));
  const errors = states.filter(({ state }) => state === 'api-error');
  expect(errors.map(({ source }) => source)).toContain('hook');
  expect(errors.some(({ detail }) => detail.includes('529'))).toBe(true);
  expect(errors.some(({ detail }) => detail.includes('400'))).toBe(true);
  const typed = stage.stub.requests.filter(({ news }) => news.includes('Go on where you stopped'));
  expect(typed.length).toBeGreaterThanOrEqual(2);
  expect(stage.git('show', 'main:one.txt')).toBe('one\n');
});

test('a request that is refused again and again needs a person, who goes on in the pane', async () => {
  const refused = { status: 400, error: 'invalid_request_error' };
  stage = await setClaudeStage(
    inOrder(writes('one.txt', 'one\n'), refused, refused, refused, completes('Wrote one.'), { say: 'Done.' }),
    { config: { apiRetry: { baseDelay: '100ms' } }, env: { CLAUDE_CODE_MAX_RETRIES: '0' } },
  );
  await stage.json(['add', 'Write one']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(() => [...watch.state.runs.values()].some(({ state }) => state === 'needs-input'), 'it asks');
  const [run] = watch.state.runs.values();
  expect(run).toMatchObject({ stateSource: 'drover', stateDetail: expect.stringContaining('API Error: 400') });
  expect(stage.stub.requests).toHaveLength(4);
  const pane = await PaneView.open(watch.client, run?.worker ?? 0);
  pane.type('Go on');
  await pane.until('Go on');
  pane.type('\r');
  await watch.until(() => watch.task('Write one').status === 'completed', 'it lands');
  expect(watch.task('Write one').attempts).toBe(1);
});

test('a conflict comes back as the answer of complete_task; the agent merges and lands', async () => {
  const baseMoves = (): Step => {
    writeFileSync(join(stage.repository, 'same.txt'), 'theirs\n');
    stage.git('add', '.');
    stage.git('-c', 'user.email=b@x', '-c', 'user.name=B', 'commit', '-qm', 'Meanwhile');
    return completes('Wrote it.');
  };
  stage = await setClaudeStage(
    inOrder(
      writes('same.txt', 'mine\n'),
      bash('git add -A && git commit -qm Mine && echo committed'),
      baseMoves,
      bash('git merge main; printf "theirs\\nmine\\n" > same.txt; git add -A && git commit -qm Merge && echo merged'),
      completes('Wrote it beside theirs.'),
      { say: 'Done.' },
    ),
  );
  await stage.json(['add', 'Write the same']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(() => watch.task('Write the same').status === 'completed', 'it lands');
  expect(watch.task('Write the same')).toMatchObject({
    attempts: 1,
    landingReturns: 1,
    summary: 'Wrote it beside theirs.',
  });
  const answer = stage.stub.requests[3]?.news ?? '';
  expect(answer).toContain('conflicts with "main"');
  expect(answer).toContain('same.txt');
  expect(stage.git('show', 'main:same.txt')).toBe('theirs\nmine\n');
  expect(stage.git('status', '--porcelain')).toBe('');
});
