// Owns the tests of how the intervention panel looks: at each size, in each theme, with hostile names, and with more than fits.
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../../src/domain/text-width.ts';
import type { Model } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { plainText } from '../../../src/tui/view/line.ts';
import { sceneOf } from '../../../src/tui/view/scene.ts';
import { busyHistory, key, modelOf, NOW, rowsOf, steps } from './model-fixture.ts';
import { COLOURS, change, filesOf, hear, panelWith, question, SIZES } from './panel-fixture.ts';

const TASK = 'task-p4q8r';
const HOSTILE = 'src/\u001b]0;owned\u0007\u202e\nline two 日本語.ts';
const MANY = Array.from({ length: 60 }, (_, index) => change(`src/file-${index + 10}.ts`, { added: index }));

function full(model: Model): Model {
  const [told] = update(model, {
    type: 'files-told',
    files: filesOf(TASK, change(HOSTILE, { change: 'new' }), ...MANY),
  });
  let next = told;
  for (let n = 1; n < 8; n += 1)
    next = hear(next, {
      type: 'guidance.queued',
      guidanceId: `hint-aaaa${n}`,
      taskId: TASK,
      text: `hint ${n}\u009b2J`,
    });
  return next;
}

/** The rows of the panel alone. */
function panelRows(model: Model): string[] {
  const surface = sceneOf(model).front.find(({ id }) => id === 'panel');
  return surface?.lines.map(plainText) ?? [];
}

describe('a question', () => {
  const long = `blue, ${'which is the colour of the sea, '.repeat(3)}and of the sky`;
  const asks = (label: string) =>
    question('ask-1', {
      kind: 'question',
      about: 'Which?',
      parts: [{ text: 'Which?', options: [{ label, description: 'as in the logo' }], isMulti: false }],
    });
  const at = (model: Model, columns = 80): string[] => panelRows({ ...model, size: { columns, rows: 24 } });

  test('has an option that is longer than the panel in several rows', () => {
    const rows = at(panelWith(asks(long)));
    const from = rows.findIndex((row) => row.includes(' 1  blue'));
    const words = rows.slice(from, from + 3).map((row) => row.slice(8, -2).trim());
    expect(words.join(' ')).toBe(`${long} as in the logo`);
  });

  test('has one row for each answer where there is no room for more', () => {
    const text = at(panelWith(asks('very '.repeat(200)))).join('\n');
    expect(text).toMatch(/1 {2}very[\s\S]*\n.* 2 {2}answer in your own words/);
    expect(text).toContain('❯ i writes a hint');
  });

  test('is answered by Enter, says the foot, only where it can be', () => {
    const open = panelWith(asks('red'));
    expect(at(open).at(-1)).toContain('Enter answers');
    expect(at({ ...open, isReadOnly: true }).at(-1)).not.toContain('Enter');
    const answered = hear(open, { type: 'run.answered', runId: 'run-p4q8r', questionId: 'ask-1', answer: null });
    expect(at(answered).at(-1)).not.toContain('answers');
  });
});

describe.each(SIZES)('at $columns x $rows', (size) => {
  const models: readonly (readonly [string, () => Model])[] = [
    ['nothing asked', () => panelWith()],
    ['a permission', () => panelWith(question('ask-1', { about: `Bash: ${'rm -rf build '.repeat(40)}` }))],
    ['a question of two parts', () => panelWith(COLOURS)],
    ['words of one’s own', () => steps(panelWith(COLOURS), key('3'), key('x'))[0]],
    ['a hint', () => steps(panelWith(), key('i'), key('x'))[0]],
    ['a file', () => steps(full(panelWith()), key('Enter'))[0]],
  ];
  test.each(models)('%s: every row is as wide as the box, which is inside the screen', (name, make) => {
    const model = make();
    const sized: Model = { ...(name === 'a file' ? model : full(model)), size };
    const { front, cursor } = sceneOf(sized);
    const panel = front.find(({ id }) => id === 'panel');
    if (!panel) throw new Error('there is no panel');
    const { rect, lines } = panel;
    expect(lines).toHaveLength(rect.height);
    for (const line of lines) expect(textWidth(plainText(line))).toBe(rect.width);
    expect(rect.x + rect.width).toBeLessThanOrEqual(size.columns);
    expect(rect.y + rect.height).toBeLessThan(size.rows);
    const isWriting = /one’s own|hint/.test(name);
    expect(cursor !== null).toBe(isWriting);
    if (cursor) expect(plainText(lines[cursor.y - rect.y] ?? [])).toMatch(/words x|❯ x/);
    expect(lines.map(plainText).join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test('has the question with all its answers, the line for a hint, and files', () => {
    const text = panelRows({ ...full(panelWith(COLOURS)), size }).join('\n');
    expect(text).toMatch(
      /Which colour\?[\s\S]*1 {2}red[\s\S]*2 {2}green[\s\S]*3 {2}answer in your own words[\s\S]*4 {2}do not answer/,
    );
    expect(text).toContain('❯ i writes a hint');
    expect(text).toMatch(/files \(61\)[\s\S]*\.ts +(?:new|modified) +\+/);
  });
});

test('the head says how the task stands, and what can be done', () => {
  const text = panelRows(panelWith()).join('\n');
  expect(text).toContain(`╭─ ${TASK}: add a rate limit to every endpoint of the public interface `);
  expect(text).toMatch(/in progress 1m · {2}needs-input {2}1m · worker 2 · Login/);
  // It waits for words, not for an answer.
  expect(text).toContain('│ May I delete the folder build? ');
  expect(panelRows(panelWith(question('ask-1'))).join('\n')).not.toContain('May I delete');
  expect(text).toMatch(/ i {2}hint {3}f {2}files {3}p {2}pause {3}o {2}pane {3}x {2}cancel/);
});

test('a task that nobody works on says why, takes hints for its next agent, and shows no files', () => {
  const [model] = steps(modelOf(busyHistory()), ...['C-g', 'q', 'End', 'a'].map(key));
  const none = { taskId: 'task-d2f3g', from: null, place: null, files: [], isCut: false, note: 'it was never begun' };
  const text = panelRows(update(model, { type: 'files-told', files: none })[0]).join('\n');
  expect(text).toMatch(/│ ready \d+s · Reports/);
  expect(text).toContain('It waits for');
  expect(text).toContain('it waits for its next agent');
  expect(text).toContain('no work to show: it was never begun');
});

test('files that lie in a worktree no more say so; a binary one has no lines, and a cut list has more', () => {
  const files = { ...filesOf(TASK, change('logo.png', { added: null, removed: null, changedAt: null })), isCut: true };
  const [model] = update(panelWith(), { type: 'files-told', files: { ...files, place: 'commit' } });
  const text = panelRows(model).join('\n');
  expect(text).toContain('files (1 and more), as committed');
  expect(text).toMatch(/logo\.png +modified +binary/);
});

test('the end of a long name is kept', () => {
  const long = `${'folder/'.repeat(40)}name.ts`;
  const [model] = update(
    { ...panelWith(), size: { columns: 80, rows: 24 } },
    { type: 'files-told', files: filesOf(TASK, change(long)) },
  );
  expect(panelRows(model).join('\n')).toMatch(/…[^ ]*folder\/name\.ts +modified +\+2 −1 +3s/);
});

test('every style that it uses is one of the theme', () => {
  const model = full(panelWith(COLOURS));
  for (const theme of model.catalogue.themes.values()) {
    for (const { lines } of sceneOf({ ...model, theme }).front)
      for (const { style } of lines.flat()) expect(theme.styles[style], style).toBeDefined();
  }
});

test('a smaller screen than any still has a panel', () => {
  for (const size of [
    { columns: 20, rows: 6 },
    { columns: 1, rows: 1 },
  ]) {
    const rows = rowsOf({ ...full(panelWith(COLOURS)), size, now: NOW });
    expect(rows).toHaveLength(size.rows);
  }
});
