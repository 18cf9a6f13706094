// Owns the tests of how ids are drawn and references resolved.
import { describe, expect, it } from 'vitest';
import { ID_ALPHABET, makeId, resolveEpic, resolveTask } from '../../../src/domain/ids.ts';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { World } from './fixture.ts';

function refusalOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof RefusalError) return error.refusal;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Tasks with the given ids, five characters each. */
function worldWith(...ids: string[]): World {
  const world = new World();
  for (const short of ids) {
    const task = { ...world.add(`Task ${short}`), id: `task-${short}` };
    world.state.tasks.set(task.id, task);
  }
  for (const id of [...world.state.tasks.keys()]) if (!ids.includes(id.slice(5))) world.state.tasks.delete(id);
  return world;
}

describe('makeId', () => {
  it('draws five characters over the whole alphabet, without look-alikes', () => {
    expect(makeId(() => 0)).toBe('22222');
    expect(makeId(() => 0.999999)).toBe('zzzzz');
    expect(ID_ALPHABET).not.toMatch(/[01ilo]/);
    expect(new Set(ID_ALPHABET).size).toBe(ID_ALPHABET.length);
  });
});

describe('resolveTask', () => {
  const { state } = worldWith('x7k2m', 'x7k9p', 'qqqqq');

  it.each(['task-x7k2m', 'x7k2m', 'X7K2M', ' task-X7k2', 'x7k2'])('takes %j', (ref) => {
    expect(resolveTask(state, ref).id).toBe('task-x7k2m');
  });

  it('refuses an unknown one with the nearest', () => {
    expect(refusalOf(() => resolveTask(state, 'task-x7k2n'))).toEqual({
      code: 'unknown-task',
      message: 'There is no task "task-x7k2n". The nearest is task-x7k2m "Task x7k2m".',
      next: 'drover list',
    });
  });

  it('names no nearest where nothing is near, and none for an empty reference', () => {
    expect(refusalOf(() => resolveTask(state, 'hello')).message).toBe('There is no task "hello".');
    expect(refusalOf(() => resolveTask(state, '')).code).toBe('unknown-task');
    expect(refusalOf(() => resolveTask(state, 'task-')).code).toBe('unknown-task');
  });

  it('refuses a beginning of several with their names, at most five', () => {
    const refusal = refusalOf(() => resolveTask(state, 'x7'));
    expect(refusal.code).toBe('ambiguous-task');
    expect(refusal.message).toBe('"x7" may be task-x7k2m "Task x7k2m", task-x7k9p "Task x7k9p".');
    const many = worldWith('aa222', 'aa333', 'aa444', 'aa555', 'aa666', 'aa777', 'aa888');
    const { message } = refusalOf(() => resolveTask(many.state, 'aa'));
    expect(message.match(/task-/g)).toHaveLength(5);
    expect(message).toMatch(/and 2 more\.$/);
  });

  it('puts no control character of the reference into its answer', () => {
    const { message } = refusalOf(() => resolveTask(state, '\u001b]0;x\u0007'));
    expect(message).not.toMatch(/\p{Cc}/u);
  });
});

describe('resolveEpic', () => {
  const world = new World();
  world.act({ type: 'epic.create', title: 'Login' });
  world.act({ type: 'epic.create', title: 'bbbbb' });

  it.each(['epic-aaaaa', 'aaaaa', 'aa', 'login', ' LOGIN '])('takes %j', (ref) => {
    expect(resolveEpic(world.state, ref).title).toBe('Login');
  });

  it('refuses what is only a part of a title', () => {
    expect(refusalOf(() => resolveEpic(world.state, 'Log'))).toMatchObject({
      code: 'unknown-epic',
      next: 'drover epic list',
    });
  });
});
