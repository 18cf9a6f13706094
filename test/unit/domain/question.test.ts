// Owns the tests of what a person's words answer, and of what a run keeps of its questions.
import { describe, expect, it } from 'vitest';
import { type Question, readAnswer } from '../../../src/domain/question.ts';
import { fromRecord, type StateRecord, toRecord } from '../../../src/domain/snapshot.ts';
import type { Run } from '../../../src/domain/worker.ts';
import { World } from './fixture.ts';

const question = (more: Partial<Question> = {}): Question => ({
  id: 'ask-1',
  kind: 'permission',
  tool: 'Bash',
  about: 'Bash: ls /',
  parts: [],
  scope: 'ls on files in /',
  askedAt: 5,
  ...more,
});
const part = (text: string, labels: string[], isMulti = false) => ({
  text,
  options: labels.map((label) => ({ label, description: '' })),
  isMulti,
});
const colour = question({ kind: 'question', scope: null, parts: [part('Colour?', ['Red', 'Green', 'Grey'])] });
const refusalOf = (asked: Question, ...words: string[]): string => {
  try {
    readAnswer(asked, words);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was taken');
};

describe('words', () => {
  it('answer a permission', () => {
    expect(readAnswer(question(), ['allow'])).toEqual({ kind: 'allow', isForTask: false });
    expect(readAnswer(question(), ['allow-task'])).toEqual({ kind: 'allow', isForTask: true });
    expect(readAnswer(question(), ['deny not', 'there'])).toEqual({ kind: 'deny', reason: 'not there' });
    expect(refusalOf(question(), 'allow', 'it')).toContain('there are allow, allow-task, deny');
    expect(refusalOf(question({ kind: 'plan', scope: null }), 'allow-task')).toContain('there are allow, deny');
    expect(refusalOf(question(), ' ')).toContain('an answer is missing');
    expect(refusalOf(question(), 'deny', 'x'.repeat(3000))).toContain('at most 2000 characters');
  });

  it('choose an option by number, label, beginning, or are words of their own', () => {
    const choose = (...words: string[]) => readAnswer(colour, words);
    expect(choose('2')).toEqual({ kind: 'choose', choices: ['Green'] });
    expect(choose('gre')).toEqual({ kind: 'choose', choices: ['gre'] });
    expect(choose('gree')).toEqual({ kind: 'choose', choices: ['Green'] });
    expect(choose('a', 'warm', 'one')).toEqual({ kind: 'choose', choices: ['a warm one'] });
    expect(choose('deny', 'ask later')).toEqual({ kind: 'deny', reason: 'ask later' });
    expect(refusalOf(colour, '0')).toBe('there is no option 0; there are 1 Red, 2 Green, 3 Grey');
  });

  it('choose several where several may be, and one for each part', () => {
    const two = question({ kind: 'question', parts: [part('A?', ['x', 'y']), part('B?', ['p', 'q', 'r'], true)] });
    expect(readAnswer(two, ['1', 'p,3'])).toEqual({ kind: 'choose', choices: ['x', 'p, r'] });
    expect(readAnswer(two, ['2 1'])).toEqual({ kind: 'choose', choices: ['y', 'p'] });
    expect(refusalOf(two, '1', '2', '3')).toContain('it asks 2 things');
    expect(refusalOf(two, '1', '1,9')).toContain('there is no option 9');
  });

  it('mean an option that is called deny', () => {
    const asked = question({ kind: 'question', parts: [part('Default policy?', ['allow', 'deny'])] });
    expect(readAnswer(asked, ['deny'])).toEqual({ kind: 'choose', choices: ['deny'] });
  });
});

function runOf(world: World, id: string): Run {
  const run = world.state.runs.get(id);
  if (!run) throw new Error(`no run ${id}`);
  return run;
}

describe('a run', () => {
  function asking() {
    const world = new World();
    world.start();
    const runId = world.work(world.add('Login').id);
    world.act({ type: 'run.ask', runId, question: question() });
    return { world, runId, run: () => runOf(world, runId) };
  }

  it('keeps its question until it is answered, with who did and what is allowed from then on', () => {
    const { world, runId, run } = asking();
    expect(world.act({ type: 'run.ask', runId, question: question() })).toEqual([]);
    expect(run().questions).toEqual([question()]);
    world.act({
      type: 'run.answer',
      runId,
      questionId: 'ask-1',
      answer: { kind: 'allow', isForTask: true },
      allows: 'k',
    });
    expect(run()).toMatchObject({ questions: [], answered: { by: 'ada', questionId: 'ask-1' }, allowed: ['k'] });
    const again = { type: 'run.answer', runId, questionId: 'ask-1' } as const;
    expect(world.refusal({ ...again, answer: { kind: 'deny', reason: '' } }).message).toContain(
      'asks nothing any more: ada answered it: allow for this task',
    );
    // Its pane says so too, a moment later.
    expect(world.act({ ...again, answer: null })).toEqual([]);
  });

  it('asks nothing when it is over, and its successor still allows what was allowed', () => {
    const { world, runId, run } = asking();
    world.act({
      type: 'run.answer',
      runId,
      questionId: 'ask-1',
      answer: { kind: 'allow', isForTask: true },
      allows: 'k',
    });
    world.act({ type: 'run.ask', runId, question: question({ id: 'ask-2' }) });
    const { taskId, worker } = run();
    world.act({ type: 'run.resume', taskId, runId: 'run-next', worker, reason: 'test' });
    expect(run().questions).toEqual([]);
    expect(runOf(world, 'run-next')).toMatchObject({ questions: [], answered: null, allowed: ['k'] });
    expect(world.act({ type: 'run.ask', runId, question: question({ id: 'ask-3' }) })).toEqual([]);
  });

  it('of an older record asks nothing', () => {
    const { world, runId } = asking();
    const record = JSON.parse(JSON.stringify(toRecord(world.state))) as StateRecord;
    const bare = record.runs.map(({ questions: _, answered: __, allowed: ___, ...rest }) => rest);
    const state = fromRecord({ ...record, runs: bare as StateRecord['runs'] });
    expect(state.runs.get(runId)).toMatchObject({ questions: [], answered: null, allowed: [] });
  });
});
