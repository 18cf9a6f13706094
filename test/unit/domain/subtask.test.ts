// Owns the tests of delegation: sub-tasks, waiting for them without a slot, division, limits, and what an end means for the parent.
import { describe, expect, it } from 'vitest';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import { idleWorkers } from '../../../src/domain/schedule.ts';
import { gistOf } from '../../../src/domain/subtask.ts';
import type { Task } from '../../../src/domain/task.ts';
import { World } from './fixture.ts';

const wish = (title: string, after?: number[]) => ({ title, description: '', ...(after ? { after } : {}) });

/** A session with so many workers whose first one works on a task. */
function atWork(workers = 1): { w: World; parent: string; runId: string } {
  const w = new World();
  w.start(workers);
  const { id } = w.add('Parent');
  return { w, parent: id, runId: w.work(id) };
}

function delegate(w: World, parent: string, ...titles: string[]): Task[] {
  const subtasks = titles.map((title) => wish(title));
  const events = w.act({ type: 'task.delegate', taskId: parent, subtasks });
  return events.flatMap((event) => (event.type === 'task.created' ? [event.task] : []));
}

const statuses = (w: World, ...ids: string[]) => ids.map((id) => w.task(id).status);

describe('a sub-task', () => {
  it('is ready at once, with what its parent has; the parent is not handed in before it is over', () => {
    const { w, parent } = atWork(2);
    const [child] = delegate(w, parent, 'Part');
    expect(child).toMatchObject({ parentId: parent, status: 'ready' });
    const refusal = w.refusal({ type: 'task.submit', taskId: parent, verdict: 'pass', summary: 'done' });
    expect(refusal.message).toContain(`${child?.id} "Part" (ready)`);
    w.finish(child?.id ?? '', 2);
    const told = [...w.state.guidance.values()];
    expect(told.map(({ taskId, text }) => [taskId, text.slice(0, 40)])).toEqual([
      [parent, `The sub-task ${child?.id} "Part" is completed`.slice(0, 40)],
    ]);
    w.act({ type: 'task.submit', taskId: parent, verdict: 'pass', summary: 'done' });
    expect(checkInvariants(w.state)).toEqual([]);
  });

  it('waits for nothing that waits for its parent', () => {
    const { w, parent } = atWork();
    const [child] = delegate(w, parent, 'Part');
    const later = w.add('Later', { blockedBy: [parent] });
    const edit = { type: 'task.edit', taskId: child?.id ?? '', changes: { blockedBy: [later.id] } } as const;
    expect(w.refusal(edit).code).toBe('cycle');
  });

  it('is cancelled with its parent, and so are those under it', () => {
    const { w, parent } = atWork(2);
    const [child] = delegate(w, parent, 'Part');
    w.work(child?.id ?? '', 2);
    const [grandchild] = delegate(w, child?.id ?? '', 'Smaller part');
    w.act({ type: 'task.cancel', taskId: parent, reason: '' });
    expect(statuses(w, parent, child?.id ?? '', grandchild?.id ?? '')).toEqual(Array(3).fill('cancelled'));
  });
});

describe('a call that waits for sub-tasks', () => {
  it('gives its slot away and gets one back, with one worker and three levels', () => {
    const { w, parent } = atWork(1);
    const line = [parent];
    for (const level of [1, 2, 3]) {
      const [child] = delegate(w, line.at(-1) ?? '', `Level ${level}`);
      expect(idleWorkers(w.state)).toEqual([]);
      w.act({ type: 'task.await', taskId: line.at(-1) ?? '', subtasks: [child?.id ?? ''] });
      const [idle] = idleWorkers(w.state);
      expect(idleWorkers(w.state)).toHaveLength(1);
      w.work(child?.id ?? '', idle?.number);
      line.push(child?.id ?? '');
      expect(checkInvariants(w.state)).toEqual([]);
    }
    expect(w.refusal({ type: 'task.end-await', taskId: line[2] ?? '', isForced: false }).code).toBe('not-allowed');
    for (const id of line.slice(1).reverse()) {
      w.handIn(id);
      const up = w.task(id).parentId ?? '';
      w.act({ type: 'task.end-await', taskId: up, isForced: false });
      expect(idleWorkers(w.state)).toEqual([]);
      expect(checkInvariants(w.state)).toEqual([]);
    }
    w.handIn(parent);
    expect(idleWorkers(w.state)).toHaveLength(1);
    // What a call is answered with is not told a second time.
    expect(w.state.guidance.size).toBe(0);
  });

  it('goes on without a slot when it was broken off', () => {
    const { w, parent } = atWork(1);
    const [child] = delegate(w, parent, 'Part');
    w.act({ type: 'task.await', taskId: parent, subtasks: [child?.id ?? ''] });
    w.work(child?.id ?? '', 2);
    w.act({ type: 'task.end-await', taskId: parent, isForced: true });
    expect(w.task(parent).awaits).toEqual([]);
    expect(checkInvariants(w.state)).toEqual([]);
  });

  it('waits for its own only', () => {
    const { w, parent } = atWork(1);
    const other = w.add('Other');
    const refusal = w.refusal({ type: 'task.await', taskId: parent, subtasks: [other.id] });
    expect(refusal.message).toContain('no sub-task');
  });
});

describe('a divided task', () => {
  function divided(): { w: World; parent: string; parts: string[] } {
    const { w, parent, runId } = atWork(1);
    const subtasks = [wish('First half'), wish('Second half', [0])];
    w.act({ type: 'task.decompose', taskId: parent, reason: 'too large', subtasks });
    w.end(runId);
    w.act({ type: 'worktree.release', worktreeId: 'worktree-1' });
    return { w, parent, parts: [...(w.task(parent).decomposition?.parts ?? [])] };
  }

  it('is completed when its parts are, in their order', () => {
    const { w, parent, parts } = divided();
    const [first = '', second = ''] = parts;
    expect(w.task(second).blockedBy).toEqual([first]);
    expect(w.task(parent).status).toBe('decomposed');
    w.finish(first);
    expect(w.task(parent).status).toBe('decomposed');
    w.finish(second);
    expect(w.task(parent)).toMatchObject({ status: 'completed', landedCommit: null });
    expect(checkInvariants(w.state)).toEqual([]);
  });

  it('is blocked by a cancelled part, with its name, and goes on when that is retried', () => {
    const { w, parent, parts } = divided();
    const [first = ''] = parts;
    w.act({ type: 'task.cancel', taskId: first, reason: '' });
    expect(w.task(parent).blockedReason?.message).toContain(`${first} "First half" is cancelled`);
    expect(w.refusal({ type: 'task.retry', taskId: parent }).next).toBe(`drover retry ${first}`);
    w.act({ type: 'task.retry', taskId: first });
    expect(w.task(parent).status).toBe('decomposed');
  });

  it('is completed by a part that had landed in the moment in which it was cancelled', () => {
    const { w, parent, parts } = divided();
    const [first = '', second = ''] = parts;
    w.finish(first);
    const runId = w.work(second);
    w.act({ type: 'guidance.send', taskId: second, text: 'Mind the tests.' });
    w.act({ type: 'task.submit', taskId: second, verdict: 'pass', summary: 'done' });
    w.act({ type: 'task.cancel', taskId: second, reason: '' });
    expect(w.task(parent).status).toBe('blocked');
    w.end(runId);
    w.record({ type: 'task.completed', taskId: second, commit: 'c'.repeat(40), by: 'ada', checkout: '' });
    expect(statuses(w, parent, second)).toEqual(['completed', 'completed']);
    expect([...w.state.guidance.values()]).toMatchObject([
      { state: 'retracted', note: expect.stringMatching(/completed before/) },
    ]);
    expect(checkInvariants(w.state)).toEqual([]);
  });

  it('takes no hints, and gives those back that its agent has not heard', () => {
    const { w, parent, runId } = atWork(1);
    const send = { type: 'guidance.send', taskId: parent, text: 'Make them small.' } as const;
    w.act(send);
    const [heard] = w.act(send);
    const guidanceId = heard?.type === 'guidance.queued' ? heard.guidanceId : '';
    w.act({ type: 'guidance.show', guidanceId, runId, via: 'tool' });
    w.act({ type: 'task.decompose', taskId: parent, reason: 'too large', subtasks: [wish('Half')] });
    w.act({ type: 'guidance.requeue', guidanceId, reason: 'it was ended' });
    const notes = [...w.state.guidance.values()].map(({ state, note }) => [state, note]);
    expect(notes).toEqual(Array(2).fill(['retracted', expect.stringMatching(/divided before/)]));
    const [half = ''] = w.task(parent).decomposition?.parts ?? [];
    w.act({ type: 'task.cancel', taskId: half, reason: '' });
    expect(w.task(parent).status).toBe('blocked');
    expect(w.refusal(send).message).toContain('hint one of its subtasks');
  });

  it('fails by a part that failed, and its own parent with it', () => {
    const { w, parent, runId } = atWork(1);
    const half = { type: 'task.decompose', taskId: parent, reason: 'large', subtasks: [wish('Half')] } as const;
    const away = (id: string): void => {
      w.end(id);
      w.act({ type: 'worktree.release', worktreeId: 'worktree-1' });
    };
    w.act(half);
    away(runId);
    const [half1 = ''] = w.task(parent).decomposition?.parts ?? [];
    const run = w.work(half1);
    w.act({ ...half, taskId: half1, subtasks: [wish('Quarter')] });
    away(run);
    const [quarter = ''] = w.task(half1).decomposition?.parts ?? [];
    w.act({ type: 'task.edit', taskId: quarter, changes: { maxAttempts: 1 } });
    const last = w.work(quarter);
    w.act({ type: 'task.submit', taskId: quarter, verdict: 'fail', summary: 'no' });
    away(last);
    expect(statuses(w, parent, half1, quarter)).toEqual(['failed', 'failed', 'failed']);
    expect(w.task(parent).lastError).toContain(half1);
    // A part that is given up is one that a person took away.
    w.act({ type: 'task.cancel', taskId: quarter, reason: '' });
    expect(statuses(w, parent, half1, quarter)).toEqual(['blocked', 'blocked', 'cancelled']);
    expect(checkInvariants(w.state)).toEqual([]);
    w.act({ type: 'task.retry', taskId: quarter });
    expect(statuses(w, parent, half1, quarter)).toEqual(['decomposed', 'decomposed', 'ready']);
    expect(checkInvariants(w.state)).toEqual([]);
    w.work(quarter);
    w.act({ type: 'task.submit', taskId: quarter, verdict: 'fail', summary: 'no' });
    expect(statuses(w, parent, half1, quarter)).toEqual(['failed', 'failed', 'failed']);
    w.act({ type: 'task.cancel', taskId: parent, reason: '' });
    expect(statuses(w, parent, half1, quarter)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(checkInvariants(w.state)).toEqual([]);
  });
});

describe('the limits', () => {
  it('hold for depth, number and pace, and say what to do', () => {
    const { w, parent } = atWork(1);
    const many = Array.from({ length: 11 }, (_, index) => wish(`Part number ${index}`));
    expect(w.refusal({ type: 'task.delegate', taskId: parent, subtasks: many }).message).toContain('last minute');
    for (const half of [many.slice(0, 10), many.slice(10)]) {
      w.now += 60_001;
      w.act({ type: 'task.delegate', taskId: parent, subtasks: half });
    }
    w.now += 60_001;
    const more = Array.from({ length: 10 }, (_, index) => wish(`Further ${index}`));
    const refusal = w.refusal({ type: 'task.delegate', taskId: parent, subtasks: more });
    expect(refusal).toMatchObject({ code: 'limit' });
    expect(refusal.message).toContain('11 sub-tasks of at most 20');
  });

  it('end at three levels', () => {
    const { w, parent } = atWork(4);
    let last = parent;
    for (const level of [1, 2, 3]) {
      const [child] = delegate(w, last, `Level ${level}`);
      last = child?.id ?? '';
      w.work(last, level + 1);
    }
    const refusal = w.refusal({ type: 'task.delegate', taskId: last, subtasks: [wish('Level 4')] });
    expect(refusal).toMatchObject({ code: 'limit' });
    expect(refusal.message).toContain('3 levels');
  });

  it.each([
    ['a sibling', 'Write the tests', 'write tests, again!'],
    ['the task itself', 'Something', 'The parent'],
  ])('refuse what is near-identical to %s', (_what, first, again) => {
    const { w, parent } = atWork(1);
    delegate(w, parent, first);
    expect(w.refusal({ type: 'task.delegate', taskId: parent, subtasks: [wish(again)] }).code).toBe('loop');
  });

  it('let different titles pass', () => {
    expect(gistOf('Step 1 of the migration')).not.toBe(gistOf('Step 2 of the migration'));
    expect(gistOf('Fix the Login')).toBe(gistOf('login: fix'));
  });
});

describe('research', () => {
  it('keeps what was found, of a research task only', () => {
    const { w, parent } = atWork(2);
    const findings = [{ summary: 'It is so', relevance: 0.9, sourceRef: 'a.ts:3' }];
    const record = { type: 'task.record-findings', taskId: parent, findings, sources: ['b.ts'] } as const;
    expect(w.refusal(record).message).toContain('no research task');
    const { id } = w.add('How is it done?', { type: 'research' });
    w.work(id, 2);
    w.act({ ...record, taskId: id });
    const research = { query: 'How is it done?', findings, sources: ['b.ts', 'a.ts:3'], createdAt: w.now };
    expect(w.task(id).research).toEqual(research);
    const bad = [{ summary: 'x', relevance: 2, sourceRef: '' }];
    expect(w.refusal({ ...record, taskId: id, findings: bad }).message).toContain('not from 0 to 1');
  });
});
