// Owns the tests of what is measured of a session.
import { describe, expect, test } from 'vitest';
import { apply } from '../../../src/domain/apply.ts';
import type { DroverEvent } from '../../../src/domain/event.ts';
import { estimateQueue, landedTasks, outcomes, throughput, utilization } from '../../../src/domain/metrics.ts';
import { emptyState, type State } from '../../../src/domain/state.ts';
import type { Task } from '../../../src/domain/task.ts';
import { makeTask } from '../../helpers/task.ts';

const MINUTE = 60_000;
/** A whole hour, so that buckets begin with it. */
const START = 1_699_999_200_000;

/** A session whose clock is set by hand, in minutes from its start. */
class Story {
  readonly state: State = emptyState();
  #runs = 0;

  at(minute: number, event: DroverEvent): this {
    apply(this.state, { seq: this.state.seq + 1, at: START + minute * MINUTE, by: 'ada', event });
    return this;
  }

  session(workers: number): this {
    for (let number = 1; number <= workers; number++)
      this.at(0, { type: 'worktree.added', worktreeId: `worktree-${number}`, path: `/w/${number}` });
    return this.at(0, { type: 'session.started', workers, agent: 'rehearsal', epicId: null });
  }

  task(id: string, more: Partial<Task> = {}): this {
    return this.at(0, { type: 'task.created', task: { ...plain(id), ...more } });
  }

  claim(id: string, worker: number, minute: number, attempt = 1): this {
    const runId = `run-${++this.#runs}`;
    this.at(minute, {
      type: 'task.claimed',
      taskId: id,
      runId,
      worker,
      worktreeId: `worktree-${worker}`,
      branch: `drover/${id}`,
      baseCommit: 'abc',
      attempt,
      agent: 'rehearsal',
      conversationId: 'c',
    });
    return this.at(minute, { type: 'run.started', runId, pid: 1 });
  }

  land(id: string, minute: number): this {
    const runId = this.state.tasks.get(id)?.runId ?? '';
    this.at(minute, { type: 'run.ended', runId, exitCode: 0, signal: null, reason: '' });
    return this.at(minute, { type: 'task.completed', taskId: id, commit: 'abc', by: 'agent', checkout: '' });
  }

  /** A task that a worker did from one minute to another. */
  done(id: string, worker: number, from: number, to: number): this {
    return this.task(id).claim(id, worker, from).land(id, to);
  }
}

function plain(id: string): Task {
  return makeTask({ id, title: id, type: 'implementation', createdAt: START, updatedAt: START });
}

const now = (minute: number): number => START + minute * MINUTE;

describe('utilization', () => {
  test('is the share of the session in which a run was under way, for each worker and overall', () => {
    const story = new Story().session(2).done('a', 1, 0, 5).done('b', 1, 10, 15).task('c').claim('c', 2, 15);
    const use = utilization(story.state, now(20));
    expect(use.workers.map(({ number, share }) => [number, share])).toEqual([
      [1, 0.5],
      [2, 0.25],
    ]);
    expect(use.overall).toBe(0.375);
    expect(use.workers.map(({ run }) => run?.taskId ?? null)).toEqual([null, 'c']);
  });

  test('counts time once where runs overlap, and none before the session began', () => {
    const story = new Story().session(1).done('a', 1, 0, 10);
    story.at(10, { type: 'session.stopped', reason: '' });
    story.at(20, { type: 'session.started', workers: 1, agent: 'rehearsal', epicId: null });
    story.done('b', 1, 20, 25);
    expect(utilization(story.state, now(30)).workers[0]?.share).toBe(0.5);
    const [run] = story.state.runs.values();
    if (!run) throw new Error('there is no run');
    story.state.runs.set('twice', { ...run, id: 'twice', startedAt: now(22), endedAt: now(27) });
    expect(utilization(story.state, now(30)).workers[0]?.share).toBe(0.7);
  });

  test('of a session that is off reaches to the end of its last run', () => {
    const story = new Story().session(1).done('a', 1, 0, 5).done('b', 1, 8, 10);
    story.at(12, { type: 'session.stopped', reason: '' });
    expect(utilization(story.state, now(1000))).toMatchObject({ overall: 0.7, span: 10 * MINUTE });
  });

  test('says nothing before a session and in its first moment', () => {
    expect(utilization(emptyState(), now(0))).toEqual({ workers: [], overall: null, span: 0 });
    expect(utilization(new Story().session(1).state, now(0)).overall).toBeNull();
  });
});

describe('outcomes', () => {
  test('p50 needs three landed tasks, p90 ten', () => {
    const story = new Story().session(1);
    for (let index = 1; index <= 10; index++) {
      if (index === 3) expect(outcomes(story.state)).toMatchObject({ p50: null, p90: null });
      if (index === 4) expect(outcomes(story.state)).toMatchObject({ p50: 2 * MINUTE, p90: null });
      story.done(`t${index}`, 1, index * 20, index * 20 + index);
    }
    expect(outcomes(story.state)).toMatchObject({ p50: 5 * MINUTE, p90: 9 * MINUTE, successRate: 1, retries: 0 });
  });

  test('cancelled tasks are no failures; a second attempt is a retry, a second run of an attempt is none', () => {
    const story = new Story().session(1).done('a', 1, 0, 1).task('b').task('c');
    story.at(1, { type: 'task.cancelled', taskId: 'c', reason: '' });
    expect(outcomes(story.state)).toMatchObject({ completed: 1, failed: 0, successRate: 1, retries: 0 });
    story.claim('b', 1, 2);
    story.at(3, { type: 'task.attempt-failed', taskId: 'b', error: 'no', retryAt: now(4) });
    story.at(3, { type: 'run.ended', runId: 'run-2', exitCode: 1, signal: null, reason: '' });
    story.claim('b', 1, 5, 2);
    story.at(6, {
      type: 'run.resumed',
      taskId: 'b',
      previousRunId: 'run-3',
      runId: 'run-x',
      worker: 1,
      reason: 'an API error',
    });
    story.at(7, { type: 'task.failed', taskId: 'b', error: 'no' });
    expect(outcomes(story.state)).toMatchObject({ completed: 1, failed: 1, successRate: 0.5, retries: 1 });
  });

  test('no task, no rate', () => {
    expect(outcomes(emptyState())).toMatchObject({ p50: null, p90: null, successRate: null, retries: 0 });
  });
});

describe('throughput', () => {
  test('counts landed tasks in buckets of the clock, the last one under way', () => {
    const story = new Story().session(1).done('a', 1, 0, 1).done('b', 1, 1, 1.5).done('c', 1, 2, 4);
    expect(throughput(story.state, now(5.5), 10)).toEqual({ bucket: MINUTE, counts: [2, 0, 0, 1, 0] });
    expect(throughput(story.state, now(5.5), 3)).toEqual({ bucket: 2 * MINUTE, counts: [2, 0, 1] });
    expect(throughput(story.state, now(60 * 24 * 400), 3)?.counts.length).toBeLessThanOrEqual(3);
  });

  test('is null while nothing has landed', () => {
    expect(throughput(new Story().session(1).task('a').claim('a', 1, 0).state, now(9), 10)).toBeNull();
    expect(landedTasks(emptyState())).toEqual([]);
  });
});

describe('the end of the queue', () => {
  /** Five tasks of four minutes each have landed. */
  function measured(workers = 2): Story {
    const story = new Story().session(workers);
    for (let index = 0; index < 5; index++) story.done(`d${index}`, 1, index * 4, index * 4 + 4);
    return story;
  }

  test('is the work shared by the workers, or the longest chain where that is longer', () => {
    const wide = measured().task('a').task('b').task('c').task('d');
    expect(estimateQueue(wide.state, now(20))).toEqual({ kind: 'about', ms: 8 * MINUTE });
    const chain = measured()
      .task('a')
      .task('b', { blockedBy: ['a'] })
      .task('c', { blockedBy: ['b'] });
    expect(estimateQueue(chain.state, now(20))).toEqual({ kind: 'about', ms: 12 * MINUTE });
  });

  test('takes off what a task under way has had already', () => {
    const story = measured(1).task('a').claim('a', 1, 20);
    expect(estimateQueue(story.state, now(23))).toEqual({ kind: 'about', ms: MINUTE });
  });

  test.each<[string, (story: Story) => Story, number, string]>([
    ['nothing is queued', (story) => story, 20, 'nothing is queued'],
    [
      'the session is off',
      (story) => story.task('a').at(20, { type: 'session.stopped', reason: '' }),
      21,
      'the session is off',
    ],
    [
      'it takes longer than any did',
      (story) => story.task('a').claim('a', 1, 20),
      25,
      'a task takes longer than any did',
    ],
    [
      'somebody is asked',
      (story) =>
        story.task('a').claim('a', 1, 20).at(20, {
          type: 'run.state-changed',
          runId: 'run-6',
          state: 'needs-input',
          source: 'hook',
          detail: '',
        }),
      21,
      'someone is waited for',
    ],
    [
      'all waits for a blocked task, also through others',
      (story) =>
        story
          .task('x')
          .at(20, { type: 'task.blocked', taskId: 'x', reason: { code: 'conflict', message: '', detail: '' } })
          .task('y', { blockedBy: ['x'] })
          .task('z', { blockedBy: ['y'] }),
      21,
      'nothing is queued',
    ],
  ])('is not foretold when %s', (_name, change, minute, reason) => {
    expect(estimateQueue(change(measured()).state, now(minute))).toEqual({ kind: 'none', reason });
  });

  test('is not foretold from fewer than five tasks', () => {
    const story = new Story().session(1).done('a', 1, 0, 1).task('b');
    expect(estimateQueue(story.state, now(2))).toEqual({ kind: 'none', reason: 'not enough yet' });
  });
});
