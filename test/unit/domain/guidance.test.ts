// Owns the tests of what may be said to an agent, in which order, and what is refused.
import { expect, it } from 'vitest';
import {
  checkGuidance,
  LONGEST_GUIDANCE,
  MOST_QUEUED,
  openGuidance,
  queuedGuidance,
} from '../../../src/domain/guidance.ts';
import { fromRecord, type StateRecord, toRecord } from '../../../src/domain/snapshot.ts';
import { World } from './fixture.ts';

function send(world: World, taskId: string, text: string): string {
  const [event] = world.act({ type: 'guidance.send', taskId, text });
  if (event?.type !== 'guidance.queued') throw new Error('nothing was queued');
  return event.guidanceId;
}

function atWork(): { world: World; taskId: string; runId: string } {
  const world = new World();
  world.start();
  const { id: taskId } = world.add('Login');
  return { world, taskId, runId: world.work(taskId) };
}

it('waits in its order, goes its way to the receipt, and comes back to its old place', () => {
  const { world, taskId, runId } = atWork();
  const ids = ['one', 'two', 'three'].map((text) => send(world, taskId, text));
  const [first = ''] = ids;
  const queued = (): string[] => queuedGuidance(world.state, taskId).map(({ text }) => text);
  expect(queued()).toEqual(['one', 'two', 'three']);
  world.act({ type: 'guidance.show', guidanceId: first, runId, via: 'tool' });
  expect(queued()).toEqual(['two', 'three']);
  expect(world.refusal({ type: 'guidance.show', guidanceId: first, runId, via: 'idle' }).message).toContain('is shown');
  world.act({ type: 'guidance.requeue', guidanceId: first, reason: 'its agent ended' });
  expect(queued()).toEqual(['one', 'two', 'three']);
  // The receipt came later than it was waited for: it is not said twice.
  world.act({ type: 'guidance.acknowledge', guidanceId: first });
  expect(queued()).toEqual(['two', 'three']);
  expect(world.act({ type: 'guidance.acknowledge', guidanceId: first })).toEqual([]);
  expect(world.act({ type: 'guidance.requeue', guidanceId: first, reason: 'late' })).toEqual([]);
  expect(world.state.guidance.get(first)).toMatchObject({ state: 'acknowledged', author: 'ada', via: 'tool', runId });
  expect(world.refusal({ type: 'guidance.acknowledge', guidanceId: ids[1] ?? '' }).message).toContain('never shown');
});

it('is taken back while it waits, and not once it was shown', () => {
  const { world, taskId, runId } = atWork();
  const [one, two] = [send(world, taskId, 'one'), send(world, taskId, 'two')];
  world.act({ type: 'guidance.retract', guidanceId: one.replace('hint-', '') });
  expect(world.state.guidance.get(one)?.state).toBe('retracted');
  expect(world.refusal({ type: 'guidance.retract', guidanceId: one }).message).toContain('retracted already');
  world.act({ type: 'guidance.show', guidanceId: two, runId, via: 'tool' });
  const refusal = world.refusal({ type: 'guidance.retract', guidanceId: two });
  expect(refusal).toMatchObject({ code: 'not-allowed', next: `drover hint ${taskId} "<the correction>"` });
  expect(world.refusal({ type: 'guidance.retract', guidanceId: 'hint-zzzzz' }).code).toBe('unknown-hint');
});

it('is refused for a task that is over, with what to type next; what waits when it completes is told to be too late', () => {
  const { world, taskId, runId } = atWork();
  const [waits, shown] = [send(world, taskId, 'waits'), send(world, taskId, 'shown')];
  world.act({ type: 'guidance.show', guidanceId: shown, runId, via: 'tool' });
  world.act({ type: 'task.submit', taskId, verdict: 'pass', summary: 'done' });
  world.act({ type: 'task.complete', taskId, commit: null, by: 'agent', checkout: '' });
  expect(world.state.guidance.get(waits)).toMatchObject({
    state: 'retracted',
    note: expect.stringContaining('completed'),
  });
  world.act({ type: 'guidance.requeue', guidanceId: shown, reason: 'its agent ended' });
  expect(world.state.guidance.get(shown)?.state).toBe('retracted');
  expect(world.refusal({ type: 'guidance.send', taskId, text: 'late' })).toMatchObject({
    code: 'illegal-transition',
    next: 'drover add <title>',
  });
  const other = world.add('Other');
  world.act({ type: 'task.cancel', taskId: other.id, reason: '' });
  expect(world.refusal({ type: 'guidance.send', taskId: other.id, text: 'x' }).next).toBe(`drover retry ${other.id}`);
});

it('waits over a cancel and a retry', () => {
  const { world, taskId } = atWork();
  send(world, taskId, 'one');
  world.act({ type: 'task.cancel', taskId, reason: '' });
  world.act({ type: 'task.retry', taskId });
  expect(openGuidance(world.state, taskId)).toHaveLength(1);
});

it('is refused while a command works on the task, and taken for its next attempt', () => {
  const world = new World();
  world.start();
  const { id: taskId } = world.add('Login');
  send(world, taskId, 'before');
  world.act({ type: 'worktree.add', worktreeId: 'worktree-1', path: '/pool/1' });
  world.act({
    type: 'task.claim',
    taskId,
    runId: 'run-1',
    worker: 1,
    worktreeId: 'worktree-1',
    baseCommit: 'b'.repeat(40),
    agent: 'command',
    conversationId: 'c',
  });
  expect(world.refusal({ type: 'guidance.send', taskId, text: 'now' })).toMatchObject({
    code: 'not-allowed',
    next: 'drover attach',
  });
});

it('has a limit of its size and of how many wait', () => {
  const { world, taskId } = atWork();
  const refusal = world.refusal({ type: 'guidance.send', taskId, text: 'x'.repeat(LONGEST_GUIDANCE + 1) });
  expect(refusal.code).toBe('too-large');
  expect(refusal.message).toContain(String(LONGEST_GUIDANCE));
  expect(world.refusal({ type: 'guidance.send', taskId, text: ' \n' }).code).toBe('bad-params');
  for (let n = 0; n < MOST_QUEUED; n++) send(world, taskId, `hint ${n}`);
  expect(world.refusal({ type: 'guidance.send', taskId, text: 'one more' }).next).toBe(`drover hints ${taskId}`);
});

it('keeps every character as text', () => {
  expect(checkGuidance('!rm -rf /')).toBe('!rm -rf /');
  expect(checkGuidance('a\r\nb\rc\td')).toBe('a\nb\nc\td');
  expect(checkGuidance('x\x1b[201~\x03\x7f\x9b2J\u202ey\ud800')).toBe('x␛[201~␃␡2Jy\ufffd');
  expect(checkGuidance('日本 👩‍👩‍👧 é')).toBe('日本 👩‍👩‍👧 é');
});

it('is in the snapshot; a state from before there was guidance loads', () => {
  const { world, taskId } = atWork();
  send(world, taskId, 'one');
  expect(fromRecord(JSON.parse(JSON.stringify(toRecord(world.state))))).toEqual(world.state);
  const { guidance: _, ...old } = toRecord(world.state);
  expect(fromRecord(old as StateRecord).guidance.size).toBe(0);
});
