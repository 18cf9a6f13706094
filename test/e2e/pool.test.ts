// The pool by its verbs: worktrees made ready beforehand are claimed by tasks, kill -9 of the server loses none, and what is refused says what to type.
import { afterEach, expect, test } from 'vitest';
import type { PoolStatus } from '../../src/protocol/pool-status.ts';
import { script } from './script.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(async () => stage?.strike());

const states = ({ worktrees }: PoolStatus): string[] => worktrees.map(({ id, state }) => `${id} ${state}`);

test('made ready, claimed, given back and drained, through kill -9 of the server', async () => {
  stage = await setStage();
  expect((await stage.drover(['pool'])).stdout).toContain('drover pool warm');
  expect((await stage.drover(['pool', 'warm', '2'])).stdout).toBe('2 worktrees are ready.\n');
  const asks = script(
    { edit: { file: 'half.txt', content: 'half\n' } },
    { ask: { question: 'Which?', options: ['one', 'two'], patience: 1000 } },
    { complete: 'done' },
  );
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Ask', '--description', asks]);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1', '--agent', 'rehearsal', '--pool-size', '2', '--pool-refresh', '1h']);
  await watch.until(({ runs }) => [...runs.values()].some(({ state }) => state === 'needs-input'), 'it asks');
  const lease = (await stage.json<PoolStatus>(['pool'])).worktrees.find(({ taskId }) => taskId === task.id);
  expect(lease).toMatchObject({ state: 'in-use', title: 'Ask' });
  expect(stage.git('-C', lease?.path ?? '', 'branch', '--show-current').trim()).toBe(`drover/${task.id}`);
  expect((await stage.drover(['pool'])).stdout).toMatch(new RegExp(`${lease?.id} +in-use .* ${task.id} Ask\\n`));

  process.kill(await stage.serverPid(), 'SIGKILL');
  const after = await stage.json<PoolStatus>(['pool']);
  expect(after.worktrees.find(({ taskId }) => taskId === task.id)).toMatchObject({ id: lease?.id, state: 'in-use' });
  expect(
    states(await stage.json<PoolStatus>(['pool', 'warm', '2'])).filter((each) => each.endsWith('warm')),
  ).toHaveLength(1);
  expect((await stage.drover(['pool', 'drain'])).stdout).toBe('Removed 1 worktree. 1 is held by tasks.\n');
  await stage.json(['cancel', task.id]);
  const second = await stage.watch();
  await second.until(
    ({ worktrees }) => [...worktrees.values()].every(({ taskId }) => taskId === null),
    'it is given back',
  );
  expect((await stage.drover(['pool', 'drain'])).stdout).toMatch(/^Removed \d worktrees?\.\n$/);
  expect(await stage.json<PoolStatus>(['pool'])).toMatchObject({ worktrees: [] });
  expect(stage.git('show', `refs/drover/keep/${task.id}/1:half.txt`)).toBe('half\n');
});

test('what cannot be done is refused with what to type, and changes nothing', async () => {
  stage = await setStage();
  const refusals: [string[], RegExp][] = [
    [['pool', 'warm', 'many'], /from 1 to 64, not "many"[\s\S]*drover pool warm --help/],
    [['pool', 'warm', '65'], /from 1 to 64/],
    [['pool', 'refresh'], /no worktree that nobody holds[\s\S]*drover pool warm/],
    [['run', '--headless', '--pool-size', '65'], /--pool-size takes a whole number from 0 to 64/],
    [['run', '--headless', '--pool-refresh', 'soon'], /--pool-refresh takes a duration such as 30m/],
    [['pool', 'wram'], /drover pool --help/],
  ];
  for (const [words, expected] of refusals) {
    const { code, stdout, stderr } = await stage.drover(words);
    expect([code !== 0, stdout], words.join(' ')).toEqual([true, '']);
    expect(stderr).toMatch(expected);
  }
  expect(await stage.json<PoolStatus>(['pool'])).toMatchObject({ worktrees: [], isRunning: false });
});
