// Owns the proof of widths: every emoji sequence that Unicode recommends is one cluster in two columns.
import { describe, expect, it } from 'vitest';
import { CELL_WIDTH_SHIFT, CELL_WORDS } from '../../../src/protocol/cells.ts';
import { FrameTables } from '../../../src/terminal/cells.ts';
import { Screen } from '../../../src/terminal/screen.ts';
import { tablesOf, wireRow } from '../../helpers/screen-oracle.ts';

// Sets of strings need the flag v, which the compiler's target does not know in a literal.
const SETS = 'v';
const RGI = new RegExp('^\\p{RGI_Emoji}$', SETS);
const SKIN_TONES = Array.from({ length: 5 }, (_, i) => String.fromCodePoint(0x1f3fb + i));

/** All code points that are emoji by themselves or before a selector. */
function emojiCodes(): string[] {
  const found: string[] = [];
  for (let code = 0x23; code <= 0x1fbff; code += 1) {
    const text = code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code);
    if (/^\p{Emoji}$/u.test(text)) found.push(text);
  }
  return found;
}

const codes = emojiCodes();
const selected = codes.map((code) => `${code}\ufe0f`).filter((text) => RGI.test(text));

/** Sequences of two to four parts joined by U+200D; the parts of a longer one are looked for only behind a shorter one's beginning. */
function joinedSequences(): string[] {
  const people = ['🧑', '👨', '👩', '👦', '👧', '🧒', '🧔', '👯', '🤼', '👱'];
  const toned = (text: string): string[] => [text, ...SKIN_TONES.map((tone) => text + tone)];
  const simple = [...codes.filter((code) => RGI.test(code)), ...selected];
  const withTones = simple.flatMap((text) => toned(text).filter((each) => RGI.test(each)));
  const seconds = ['♀️', '♂️', '⚕️', '⚖️', '✈️', '➡️', ...simple];
  const found: string[] = [];
  for (const first of [...withTones, ...simple, '⛹️', '🕵️', '🏋️', '🏌️', '🏳️', '🏴'])
    for (const second of seconds) {
      const text = `${first}\u200d${second}`;
      if (RGI.test(text)) found.push(text);
    }
  for (const first of people.flatMap(toned))
    for (const middle of ['❤️', '🤝', '❤️\u200d💋', '🐰', '🫯'])
      for (const last of people.flatMap(toned)) {
        const text = `${first}\u200d${middle}\u200d${last}`;
        if (RGI.test(text)) found.push(text);
      }
  const children = ['👦', '👧', '🧒'];
  for (const parents of ['👨', '👩', '👨\u200d👨', '👨\u200d👩', '👩\u200d👩', '🧑\u200d🧑', '🧑'])
    for (const child of children)
      for (const other of ['', ...children.map((each) => `\u200d${each}`)]) {
        const text = `${parents}\u200d${child}${other}`;
        if (RGI.test(text)) found.push(text);
      }
  for (const person of withTones)
    for (const gender of ['♀️', '♂️']) {
      const text = `${person}\u200d${gender}\u200d➡️`;
      if (RGI.test(text)) found.push(text);
    }
  for (const first of toned('🧑').concat(toned('👨'), toned('👩')))
    for (const tool of ['🦯', '🦼', '🦽']) {
      const text = `${first}\u200d${tool}\u200d➡️`;
      if (RGI.test(text)) found.push(text);
    }
  return [...new Set(found)];
}

function flags(): string[] {
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCodePoint(0x1f1e6 + i));
  return letters.flatMap((a) => letters.map((b) => a + b)).filter((text) => RGI.test(text));
}

const keycaps = [...'0123456789#*'].map((key) => `${key}\ufe0f\u20e3`);

/** Prints each text alone in a row and says which are not one cell of two columns with the x behind it. */
function wrongOnes(texts: readonly string[]): string[] {
  const rows = 200;
  const ignore = { onAnswer: () => {}, onTitle: () => {}, onBell: () => {} };
  const screen = new Screen({ cols: 20, rows, scrollback: 0, name: 'Drover', now: () => 0, ...ignore });
  const wrong: string[] = [];
  for (let at = 0; at < texts.length; at += rows) {
    const some = texts.slice(at, at + rows);
    screen.push(Buffer.from(`\x1b[2J${some.map((text, y) => `\x1b[${y + 1};1H${text}x`).join('')}`));
    screen.parse(Number.POSITIVE_INFINITY);
    const tables = new FrameTables();
    const lines = screen.changesSince(0, tables)?.lines ?? [];
    for (const [y, text] of some.entries()) {
      const cells = lines[y]?.cells ?? new Uint32Array();
      const row = wireRow(cells, tablesOf(tables));
      const widths = [0, 1, 2].map((x) => (cells[x * CELL_WORDS] ?? 0) >>> CELL_WIDTH_SHIFT);
      const isRight = row[0]?.split('|')[0] === text && widths.join() === '2,0,1' && row[2]?.startsWith('x|');
      if (isRight !== true) wrong.push(`${text} ${[...text].map((c) => c.codePointAt(0)?.toString(16)).join(' ')}`);
    }
  }
  screen.dispose();
  return wrong;
}

describe('two columns and one cell', () => {
  const joined = joinedSequences();

  it('has every sequence with the selector U+FE0F', () => {
    expect(selected.length).toBeGreaterThan(200);
    expect(wrongOnes(selected)).toEqual([]);
  });

  it('has every sequence joined with U+200D', () => {
    expect(joined.length).toBeGreaterThan(1300);
    expect(wrongOnes(joined)).toEqual([]);
  });

  it('has every emoji with a skin tone, flag and keycap', () => {
    const toned = codes.flatMap((code) => SKIN_TONES.map((tone) => code + tone)).filter((text) => RGI.test(text));
    expect(toned.length).toBeGreaterThan(600);
    expect(wrongOnes([...toned, ...flags(), ...keycaps])).toEqual([]);
  });

  it('has every single emoji', () => {
    const single = codes.filter((code) => RGI.test(code));
    expect(single.length).toBeGreaterThan(1000);
    expect(wrongOnes(single)).toEqual([]);
  });
});
