// Owns the tests of the intervention panel as a model: how it is opened, what keys do in it, which question they answer, and what it tells the server to do.
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../src/tui/effect.ts';
import type { Model } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { busyHistory, key, modelOf, NOW, rowsOf, steps } from './model-fixture.ts';
import { asked, COLOURS, change, filesOf, hear, panelOf, panelWith, question } from './panel-fixture.ts';

const press = (model: Model, keys: string) => steps(model, ...keys.split(' ').map(key));
const sent = (effects: readonly Effect[], type: Effect['type']) => effects.filter((effect) => effect.type === type);
const TASK = 'task-p4q8r';

describe('the panel', () => {
  test('opens for the task of the focused pane, and for the one that is selected in the queue', () => {
    const [model, effects] = press(modelOf(busyHistory()), 'C-g a');
    expect(panelOf(model).taskId).toBe('task-x7k2m');
    expect(sent(effects, 'watch-files')).toEqual([{ type: 'watch-files', taskId: 'task-x7k2m' }]);
    const [fromQueue] = press(modelOf(busyHistory()), 'C-g q End a');
    expect(panelOf(fromQueue).taskId).toBe('task-d2f3g');
    expect(panelOf(press(modelOf(busyHistory()), 'C-g : i n t e r v e n e Enter')[0]).taskId).toBe('task-x7k2m');
  });

  test('says so where no task is', () => {
    const [model] = press({ ...modelOf(busyHistory()), focused: 4 }, 'C-g a');
    expect(model.mode.kind).toBe('normal');
    expect(model.note?.text).toBe('no task is worked on in this pane');
  });

  test('closes with Escape or the prefix; the files are watched no more, and no key reaches a pane meanwhile', () => {
    for (const keys of ['Escape', 'q', 'C-g']) {
      const [model, effects] = press(panelWith(), keys);
      expect(model.mode.kind, keys).not.toBe('panel');
      expect(sent(effects, 'watch-files'), keys).toEqual([{ type: 'watch-files', taskId: null }]);
    }
    expect(sent(press(panelWith(question('ask-1')), 'z 9 h e l l Tab y e s')[1], 'input')).toEqual([]);
  });

  test('watches again after a new subscription, and closes when the server knows the task no more', () => {
    const { state } = modelOf(busyHistory());
    const reply = { seq: state.seq, state: null, isRunning: true, panes: [] };
    const [, effects] = update(panelWith(), { type: 'subscribed', reply });
    expect(sent(effects, 'watch-files')).toEqual([{ type: 'watch-files', taskId: TASK }]);
    const model = panelWith();
    model.state.tasks.delete(TASK);
    expect(update(model, { type: 'ticked' })[0].mode.kind).toBe('normal');
  });

  test('its keys pause, resume, cancel after a yes, and lead to the pane', () => {
    const lines = (keys: string, model = panelWith()) => sent(press(model, keys)[1], 'run');
    expect(lines('p')).toEqual([{ type: 'run', line: `pause ${TASK}` }]);
    expect(lines('u')).toEqual([]);
    expect(lines('x')).toEqual([]);
    expect(lines('x n')).toEqual([]);
    expect(lines('x y')).toEqual([{ type: 'run', line: `cancel ${TASK}` }]);
    const [left] = press({ ...panelWith(), focused: 1 }, 'o');
    expect(left).toMatchObject({ focused: 2, mode: { kind: 'normal' } });
    const [queued] = press(modelOf(busyHistory()), 'C-g q End a');
    expect(lines('s', queued)).toEqual([{ type: 'run', line: 'edit task-d2f3g --priority 6' }]);
    expect(lines('o', queued)).toEqual([]);
  });

  test('a client that looks on only sees all and changes nothing', () => {
    const model: Model = { ...panelWith(question('ask-1')), isReadOnly: true };
    const [after, effects] = press(model, '1 p x y i h Enter');
    expect(effects.filter(({ type }) => type !== 'view')).toEqual([]);
    expect(after.note?.text).toBe('you look on only: nothing is changed from here');
    expect(press(model, '1')[0].note?.text).toBe('you look on only: nothing is changed from here');
    expect(rowsOf(model).join('\n')).toContain('you look on only: nothing is changed from here');
    expect(rowsOf(model).join('\n')).not.toContain(' pause ');
  });
});

describe('a question', () => {
  const answers = (keys: string, model: Model) => sent(press(model, keys)[1], 'answer');
  const answer = (id: string, ...words: string[]) => [{ type: 'answer', taskId: TASK, questionId: id, words }];

  test('a permission is allowed once, for the task, or denied with a reason', () => {
    const model = panelWith(question('ask-1'));
    expect(panelOf(model).part).toBe('question');
    expect(answers('1', model)).toEqual(answer('ask-1', 'allow'));
    expect(answers('Enter', model)).toEqual(answer('ask-1', 'allow'));
    expect(answers('2', model)).toEqual(answer('ask-1', 'allow-task'));
    expect(answers('Down Enter', model)).toEqual(answer('ask-1', 'allow-task'));
    expect(answers('3', model)).toEqual([]);
    expect(answers('3 Enter', model)).toEqual(answer('ask-1', 'deny'));
    expect(answers('3 n o t Space 1 Enter', model)).toEqual(answer('ask-1', 'deny', 'not 1'));
    expect(answers('3 n o Escape', model)).toEqual([]);
    expect(answers('4', model)).toEqual([]);
    expect(answers('1 1', model)).toEqual(answer('ask-1', 'allow'));
  });

  test('several parts are answered one after the other, and one of them with several options', () => {
    const model = panelWith(COLOURS);
    expect(answers('2', model)).toEqual([]);
    expect(rowsOf(press(model, '2')[0]).join('\n')).toMatch(
      /asks \(2 of 2\)[\s\S]*Which sizes\?[\s\S]*1 {2}\[ \] small/,
    );
    expect(answers('2 4', model)).toEqual([]);
    expect(rowsOf(press(model, '2 4')[0]).join('\n')).toContain('no option is marked yet');
    expect(answers('2 3 1 2 2 4', model)).toEqual(answer('ask-colours', '2', '1,3'));
    expect(answers('3 b l u e Enter 5 a l l Enter', model)).toEqual(answer('ask-colours', 'blue', 'all'));
    expect(answers('4 n o Enter', model)).toEqual(answer('ask-colours', 'deny', 'no'));
    expect(answers('1 6 Enter', model)).toEqual(answer('ask-colours', 'deny'));
  });

  test('words of one’s own that the verb would take for a denial are not sent', () => {
    const [model, effects] = press(panelWith(COLOURS), '3 d e n y Space a l l Enter');
    expect(sent(effects, 'answer')).toEqual([]);
    expect(panelOf(model).asked?.refusal).toContain('begin otherwise');
    expect(sent(press(panelWith(COLOURS), '3 Enter')[1], 'answer')).toEqual([]);
  });

  test('that somebody else has answered is not answered again, nor is the one behind it by the same key', () => {
    const before = panelWith(question('ask-1'), question('ask-2', { about: 'Bash: rm -rf dist' }));
    const answered = { type: 'run.answered', runId: 'run-p4q8r', questionId: 'ask-1' } as const;
    const after = hear(before, { ...answered, answer: { kind: 'allow', isForTask: false } });
    expect(panelOf(after).asked?.fate).toBe('bob answered: allow');
    for (const keys of ['1', '2', '3']) expect(answers(keys, after), keys).toEqual([]);
    expect(press(after, '1')[0].note).toMatchObject({
      text: 'bob answered: allow',
      next: 'Enter shows the next question',
    });
    expect(rowsOf(after).join('\n')).toMatch(
      /Bash: rm -rf build[\s\S]*✓ bob answered: allow[\s\S]*Enter shows the next question/,
    );
    const [next, effects] = press(after, 'Enter');
    expect(sent(effects, 'answer')).toEqual([]);
    expect(panelOf(next).asked?.question.id).toBe('ask-2');
    expect(answers('1', next)).toEqual(answer('ask-2', 'allow'));
  });

  test('a reason that is being written is not sent to another question', () => {
    const before = press(panelWith(question('ask-1'), question('ask-2')), '3 n o')[0];
    const answered = { type: 'run.answered', runId: 'run-p4q8r', questionId: 'ask-1', answer: null } as const;
    const after = hear(before, answered);
    expect(panelOf(after).asked).toMatchObject({
      writing: null,
      fate: 'it was answered in its pane, or is not asked any more',
    });
    expect(answers('Enter', after)).toEqual([]);
  });

  test('a refused answer says why and can be given again; a late one changes nothing', () => {
    const [waiting] = press(panelWith(question('ask-1')), '1');
    expect(panelOf(waiting).asked?.isRunning).toBe(true);
    const outcome = { ok: false, text: 'it was answered in its pane at this moment', next: '' } as const;
    const [refused] = update(waiting, { type: 'answered', questionId: 'ask-1', outcome });
    expect(panelOf(refused).asked).toMatchObject({ isRunning: false, refusal: outcome.text });
    expect(update(waiting, { type: 'answered', questionId: 'ask-0', outcome })[0].mode).toBe(waiting.mode);
  });

  test('is not answered by a number that is pressed behind the changes of a file', () => {
    const [told] = update(panelWith(question('ask-1')), { type: 'files-told', files: filesOf(TASK, change('a.ts')) });
    const [behind] = press(told, 'f Enter');
    expect(panelOf(behind).diff).not.toBeNull();
    expect(answers('1', behind)).toEqual([]);
    expect(panelOf(press(behind, '1')[0])).toMatchObject({ diff: null, part: 'question' });
    expect(answers('1 1', behind)).toEqual(answer('ask-1', 'allow'));
  });

  test('nothing is sent while the server is gone', () => {
    const [lost] = update(panelWith(question('ask-1')), { type: 'server-lost', reason: 'killed', isOrderly: false });
    expect(answers('1', lost)).toEqual([]);
    expect(sent(press(lost, 'i x Enter')[1], 'send-hint')).toEqual([]);
  });

  test('that comes while the panel is open is shown, and takes no key away from the files', () => {
    const model = hear(panelWith(), asked('p4q8r', question('ask-1')));
    expect(panelOf(model)).toMatchObject({ part: 'files', asked: { question: { id: 'ask-1' } } });
    expect(answers('Enter', model)).toEqual([]);
    expect(answers('a Enter', model)).toEqual(answer('ask-1', 'allow'));
  });

  test('is nobody’s any more once the run has ended', () => {
    const model = hear(panelWith(question('ask-1')), {
      type: 'run.ended',
      runId: 'run-p4q8r',
      exitCode: 1,
      signal: null,
      reason: '',
    });
    expect(panelOf(model).asked?.fate).toContain('nobody waits for an answer');
  });
});

describe('a hint', () => {
  test('is typed, sent and cleared when the server has it; a refused one stays with its reason', () => {
    const [model, effects] = press(panelWith(), 'i u s e Space q Enter');
    expect(sent(effects, 'send-hint')).toEqual([{ type: 'send-hint', taskId: TASK, text: 'use q' }]);
    const outcome = { ok: false, text: 'task-p4q8r is completed', next: '' } as const;
    const [refused] = update(model, { type: 'hint-sent', taskId: TASK, outcome });
    expect(panelOf(refused)).toMatchObject({ hint: { text: 'use q' }, refusal: outcome.text, isSending: false });
    const [taken] = update(model, { type: 'hint-sent', taskId: TASK, outcome: { ok: true, text: '' } });
    expect(panelOf(taken)).toMatchObject({ hint: { text: '' }, refusal: null, part: 'hint' });
    expect(press(taken, 'Escape')[0].mode.kind).toBe('panel');
  });

  test('shows its receipt from queued to acknowledged', () => {
    const message = { guidanceId: 'hint-aaaaa', taskId: TASK, text: 'look at the tests' } as const;
    let model = hear(panelWith(), { type: 'guidance.queued', ...message });
    expect(rowsOf(model).join('\n')).toMatch(/hints ─+ 1 not heard yet[\s\S]*queued +look at the tests/);
    model = hear(model, { type: 'guidance.shown', ...message, runId: 'run-p4q8r', via: 'tool' });
    expect(rowsOf(model).join('\n')).toMatch(/shown +look at the tests/);
    model = hear(model, { type: 'guidance.acknowledged', guidanceId: 'hint-aaaaa', taskId: TASK });
    expect(rowsOf(model).join('\n')).toMatch(/acknowledged look at the tests/);
    expect(rowsOf(model).join('\n')).not.toContain('not heard yet');
  });

  test('pasted text goes into the line that is written, and nowhere else', () => {
    const paste = { type: 'paste', bytes: Buffer.from('two\nlines\u001b[31m') } as const;
    expect(panelOf(steps(panelWith(), key('i'), paste)[0]).hint.text).toBe('two lines [31m');
    expect(panelOf(steps(panelWith(), paste)[0]).hint.text).toBe('');
    const [denying] = steps(panelWith(question('ask-1')), key('3'), paste);
    expect(panelOf(denying).asked?.writing?.edit.text).toBe('two lines [31m');
  });
});

describe('the files', () => {
  const told = (model: Model, ...files: Parameters<typeof change>[]) =>
    update(model, { type: 'files-told', files: filesOf(TASK, ...files.map((one) => change(...one))) });

  test('those of another task are not taken', () => {
    const [model] = update(panelWith(), { type: 'files-told', files: filesOf('task-x7k2m', change('a.ts')) });
    expect(panelOf(model).files).toBeNull();
  });

  test('the selection stays with its file when others come before it', () => {
    const [model] = told(panelWith(), ['b.ts'], ['c.ts']);
    const [moved] = press(model, 'Down');
    expect(panelOf(moved).selected).toBe('c.ts');
    const [more] = told(moved, ['a.ts'], ['b.ts'], ['c.ts']);
    expect(rowsOf(more).join('\n')).toContain('▸ c.ts');
    expect(panelOf(press(more, 'Home')[0]).selected).toBe('a.ts');
  });

  test('Enter shows the changes of one, a change of it loads them again, Escape leads back', () => {
    const [model, effects] = press(
      told(panelWith(), ['a.ts'], ['b.ts', { change: 'renamed', from: 'old.ts' }])[0],
      'Down Enter',
    );
    const load = (fields: object) => ({ type: 'load-diff', taskId: TASK, file: change('b.ts', fields) });
    expect(sent(effects, 'load-diff')).toEqual([load({ change: 'renamed', from: 'old.ts' })]);
    const lines = ['diff --git a/b.ts b/b.ts', '@@ -1 +1 @@', '-\u001b[2Jold', '+new'];
    const loaded = { type: 'diff-loaded', taskId: TASK, path: 'b.ts', loaded: { lines, isCut: false } } as const;
    const [shown] = update(model, loaded);
    expect(rowsOf(shown).join('\n')).toMatch(/▸ b\.ts|old\.ts → b\.ts/);
    expect(rowsOf(shown).join('\n')).toContain('-[2Jold');
    expect(update(shown, { ...loaded, path: 'a.ts', loaded: { refusal: 'no' } })[0].mode).toBe(shown.mode);
    const [same, none] = told(shown, ['a.ts'], ['b.ts', { change: 'renamed', from: 'old.ts' }]);
    expect(sent(none, 'load-diff')).toEqual([]);
    const [, again] = told(same, ['b.ts', { changedAt: NOW }]);
    expect(sent(again, 'load-diff')).toEqual([load({ changedAt: NOW })]);
    const [back] = press(shown, 'Escape');
    expect(panelOf(back)).toMatchObject({ diff: null, selected: 'b.ts' });
  });

  test('long changes are scrolled, and never out of sight', () => {
    const [open] = press(told(panelWith(), ['a.ts'])[0], 'Enter');
    const lines = Array.from({ length: 500 }, (_, index) => `+line ${index + 1}`);
    const [model] = update(open, { type: 'diff-loaded', taskId: TASK, path: 'a.ts', loaded: { lines, isCut: true } });
    expect(rowsOf(model).join('\n')).toMatch(/1–\d+ of 501/);
    expect(rowsOf(press(model, 'End')[0]).join('\n')).toMatch(/line 500[\s\S]*more than 1 MB/);
    expect(panelOf(press(model, 'Up')[0]).diff?.scroll).toBe(0);
    expect(panelOf(press(model, 'Space Down')[0]).diff?.scroll).toBeGreaterThan(20);
  });

  test('what cannot be shown says why', () => {
    const [open] = press(told(panelWith(), ['a.ts'])[0], 'Enter');
    const loaded = { refusal: 'task-p4q8r does not change "a.ts".' };
    const [model] = update(open, { type: 'diff-loaded', taskId: TASK, path: 'a.ts', loaded });
    expect(rowsOf(model).join('\n')).toContain(loaded.refusal);
  });
});
