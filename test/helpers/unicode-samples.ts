// Owns the texts whose width is in question: whole tables of sequences, made from what this Node knows of Unicode and from the fixture.
import { readFileSync } from 'node:fs';
import { isWide } from '../../src/domain/wide.ts';

const FIXTURE = new URL('../fixtures/unicode/zwj-sequences.txt', import.meta.url);
const TONES = Array.from({ length: 5 }, (_, i) => String.fromCodePoint(0x1f3fb + i));
// Sets of strings need the flag v, which the compiler's target does not know in a literal.
const SETS = 'v';
const FLAG = new RegExp('^\\p{RGI_Emoji_Flag_Sequence}$', SETS);

/** Every text that a pattern stands for: each star is one of the five skin tones. */
function toned(pattern: string): string[] {
  return pattern.includes('*') ? TONES.flatMap((tone) => toned(pattern.replace('*', tone))) : [pattern];
}

function characters(matching: RegExp): string[] {
  const found: string[] = [];
  for (let code = 0x23; code <= 0x1fbff; code += 1) {
    const text = code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code);
    // A skin tone alone belongs to what is before it.
    if (matching.test(text) && !TONES.includes(text)) found.push(text);
  }
  return found;
}

const letters = Array.from({ length: 26 }, (_, i) => String.fromCodePoint(0x1f1e6 + i));
const emoji = characters(/^\p{Emoji_Presentation}$/u).filter((text) => !letters.includes(text));
const textual = characters(/^(?=\p{Emoji})\P{Emoji_Presentation}$/u);

function wide(): string[] {
  const found: string[] = [];
  for (let code = 0x300; code <= 0x3ffff; code += 1) {
    const text = String.fromCodePoint(code);
    // Of the tens of thousands of ideographs, which stand in blocks, every hundredth.
    if (
      isWide(code) &&
      !/[\p{M}\p{Emoji_Modifier}\u3164]/u.test(text) &&
      (!/\p{Script=Han}|\p{Script=Hangul}|\p{Cn}/u.test(text) || code % 100 === 0)
    )
      found.push(text);
  }
  return found;
}

/** Texts of one cluster in two columns, by what makes them wide. */
export const TWO_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  'joined with U+200D': readFileSync(FIXTURE, 'utf8').trim().split('\n').flatMap(toned),
  'made an emoji by U+FE0F': textual.map((text) => `${text}\ufe0f`),
  // It changes the picture and not the width, in the emulator as in most programs.
  'made text by U+FE0E': emoji.map((text) => `${text}\ufe0e`),
  'with a skin tone': characters(/^\p{Emoji_Modifier_Base}$/u).flatMap((text) => toned(`${text}*`)),
  flags: [...letters.flatMap((a) => letters.map((b) => a + b)).filter((text) => FLAG.test(text)), '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏴󠁧󠁢󠁷󠁬󠁳󠁿'],
  keycaps: [...'0123456789#*'].map((key) => `${key}\ufe0f\u20e3`),
  'wide by themselves': wide(),
};
