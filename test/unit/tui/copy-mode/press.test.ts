// Owns the test of copy mode's keys: lines and a cursor before, keys, what is there after.
import { describe, expect, test } from 'vitest';
import type { CopyMode, CopyStep } from '../../../../src/tui/copy-mode/copy-mode.ts';
import { useMouseInCopy } from '../../../../src/tui/copy-mode/mouse.ts';
import { pressCopyKey } from '../../../../src/tui/copy-mode/press.ts';
import { textBetween } from '../../../../src/tui/copy-mode/row.ts';
import { modeOf, VIEW } from './rows.ts';

const TEXT = [
  'The quick brown fox',
  '  jumps over (the) dog.',
  '',
  'Second part, 地域別の合計 here',
  'error: one',
  'fine',
  'Error: two',
  'error: three',
  '',
  'the end',
];

function press(mode: CopyMode, keys: string): CopyStep {
  let step: CopyStep = { mode, wish: null };
  for (const key of keys.split(' ')) {
    if (step.mode === null) throw new Error(`copy mode was left before ${key}`);
    step = pressCopyKey(step.mode, key, VIEW);
  }
  return step;
}

/** The row of the cursor from its column on. */
function under(step: CopyStep): string {
  if (step.mode === null) return 'left';
  const { rows, cursor } = step.mode;
  return textBetween(rows[cursor.y]?.cells ?? '', cursor.x, 999);
}

test('a key does what it is bound to', () => {
  const mode = { ...modeOf(TEXT), bindings: new Map([['z', 'cancel'] as const]) };
  expect(press(mode, 'z').mode).toBeNull();
  expect(press(mode, 'l').mode?.cursor).toEqual(mode.cursor);
});

describe('vi keys', () => {
  test.each([
    ['l', 'he quick brown fox'],
    ['w', 'quick brown fox'],
    ['3 w', 'fox'],
    ['e', 'e quick brown fox'],
    ['w w b', 'quick brown fox'],
    ['j w', 'jumps over (the) dog.'],
    ['j ^ w w W', 'dog.'],
    ['j ^ w w w', 'the) dog.'],
    ['$', 'x'],
    ['$ 0', 'The quick brown fox'],
    ['j ^', 'jumps over (the) dog.'],
    ['G', 'd'],
    ['G g', 'The quick brown fox'],
    ['6 G', 'fine'],
    [': 7 Enter', 'Error: two'],
    ['f o', 'own fox'],
    ['f o ;', 'ox'],
    ['f o ; ,', 'own fox'],
    ['f o ; ;', 'ox'],
    ['$ F o ;', 'own fox'],
    ['f Escape w', 'quick brown fox'],
    ['3 j f の', 'の合計 here'],
    ['4 j *', 'Error: two'],
    ['4 j * n', 'error: three'],
    ['7 j #', 'Error: two'],
    ['2 j *', ''],
    ['L', 'error: one'],
    ['M', ''],
    ['L H', 'The quick brown fox'],
    ['}', ''],
    ['C-d', ''],
    ['$ j j j', '別の合計 here'],
  ])('%s', (keys, expected) => {
    expect(under(press(modeOf(TEXT), keys))).toBe(expected);
  });

  test.each([
    ['v e y', 'The'],
    ['w v e e Enter', 'quick brown'],
    ['V j y', 'The quick brown fox\n  jumps over (the) dog.'],
    ['l l C-v j l y', 'e\nju'],
    ['v w w o y', 'The quick b'],
    ['Y', 'The quick brown fox'],
    ['w w D', 'brown fox'],
    ['3 j w w v l l y', ', 地'],
  ])('%s copies', (keys, text) => {
    expect(press(modeOf(TEXT), keys)).toEqual({ mode: null, wish: { kind: 'copy', text } });
  });

  test('search has smart case, a count, and both ways', () => {
    const step = press(modeOf(TEXT), '/ e r r o r Enter');
    expect(under(step)).toBe('error: one');
    expect(step.mode?.search).toMatchObject({ current: 0, query: 'error' });
    expect(step.mode?.search?.matches).toHaveLength(3);
    expect(under(press(modeOf(TEXT), '/ e r r o r Enter n'))).toBe('Error: two');
    expect(under(press(modeOf(TEXT), '/ e r r o r Enter n N'))).toBe('error: one');
    expect(under(press(modeOf(TEXT), 'G ? E r r Enter'))).toBe('Error: two');
    expect(under(press(modeOf(TEXT), 'G ? e r r Enter n'))).toBe('Error: two');
  });

  test('a search that finds nothing says so and stays where it was', () => {
    const step = press(modeOf(TEXT), 'w / z z z Enter');
    expect(step.wish).toEqual({ kind: 'refuse', text: '"zzz" is not found' });
    expect(under(step)).toBe('quick brown fox');
  });

  test('Escape gives a search up, then the selection, then copy mode', () => {
    const step = press(modeOf(TEXT), 'v / d o g');
    expect(under(step)).toBe('dog.');
    const back = press(step.mode as CopyMode, 'Escape');
    expect(under(back)).toBe('The quick brown fox');
    const cleared = press(back.mode as CopyMode, 'Escape');
    expect(cleared.mode?.selection).toBeNull();
    expect(press(cleared.mode as CopyMode, 'Escape')).toEqual({ mode: null, wish: null });
  });

  test('the view follows the cursor, and no further', () => {
    const { mode } = press(modeOf(TEXT), 'j j j j j');
    expect(mode).toMatchObject({ top: 1, cursor: { y: 5 } });
    expect(press(mode as CopyMode, 'k k').mode?.top).toBe(1);
  });

  test('r and t ask for a document', () => {
    expect(press(modeOf(TEXT), 'r').wish).toEqual({ kind: 'load', source: 'screen' });
    expect(press(modeOf(TEXT), 't').wish).toEqual({ kind: 'load', source: 'conversation' });
  });
});

describe('emacs keys', () => {
  test.each([
    ['C-f C-f', 'e quick brown fox'],
    ['M-f', ' quick brown fox'],
    ['M-f M-f', ' brown fox'],
    ['C-e', ''],
    ['C-n M-m', 'jumps over (the) dog.'],
    ['M->', 'd'],
    ['M-> M-<', 'The quick brown fox'],
    ['C-s f i n', 'fine'],
    ['C-s e r r C-s Enter', 'Error: two'],
  ])('%s', (keys, expected) => {
    expect(under(press(modeOf(TEXT, 'emacs'), keys))).toBe(expected);
  });

  test.each([
    ['C-Space M-f M-w', 'The'],
    ['C-Space C-e M-w', 'The quick brown fox'],
    ['C-Space C-n M-w', 'The quick brown fox\n'],
  ])('%s copies what lies between the ends', (keys, text) => {
    expect(press(modeOf(TEXT, 'emacs'), keys).wish).toEqual({ kind: 'copy', text });
  });
});

describe('the mouse', () => {
  const at = (kind: 'press' | 'drag' | 'release', x: number, y: number, clicks = 1) => ({ kind, x, y, clicks });

  test('a drag selects, its release copies and leaves', () => {
    let step = useMouseInCopy(modeOf(TEXT), at('press', 4, 0), VIEW, true);
    step = useMouseInCopy(step.mode as CopyMode, at('drag', 8, 0), VIEW, true);
    step = useMouseInCopy(step.mode as CopyMode, at('release', 8, 0), VIEW, true);
    expect(step).toEqual({ mode: null, wish: { kind: 'copy', text: 'quick' } });
  });

  test('without copy on select the selection stays', () => {
    let step = useMouseInCopy(modeOf(TEXT), at('press', 4, 0), VIEW, false);
    step = useMouseInCopy(step.mode as CopyMode, at('drag', 8, 0), VIEW, false);
    step = useMouseInCopy(step.mode as CopyMode, at('release', 8, 0), VIEW, false);
    expect(step.mode?.selection).not.toBeNull();
  });

  test('a double click takes a word, a triple one the line', () => {
    const word = useMouseInCopy(modeOf(TEXT), at('press', 6, 0, 2), VIEW, true).mode as CopyMode;
    expect(useMouseInCopy(word, at('release', 6, 0, 2), VIEW, true).wish).toEqual({ kind: 'copy', text: 'quick' });
    const line = useMouseInCopy(modeOf(TEXT), at('press', 6, 0, 3), VIEW, true).mode as CopyMode;
    expect(useMouseInCopy(line, at('release', 6, 0, 3), VIEW, true).wish).toEqual({ kind: 'copy', text: TEXT[0] });
  });

  test('the wheel that entered it leaves it at the end', () => {
    const mode: CopyMode = { ...modeOf(TEXT), leavesAtEnd: true };
    expect(useMouseInCopy(mode, { ...at('press', 0, 0), kind: 'wheel-down' }, VIEW, true).mode).toBeNull();
  });
});
