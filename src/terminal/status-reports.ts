// Owns the reports of a terminal's state (DECRQSS, DECRQM, XTGETTCAP) as far as the emulator gives them wrong or not at all.
import type { Terminal } from '@xterm/headless';
import {
  BG_DIM,
  BG_HAS_EXTENDED,
  BG_ITALIC,
  BG_OVERLINE,
  COLOR_MODE_MASK,
  FG_BLINK,
  FG_BOLD,
  FG_INVERSE,
  FG_INVISIBLE,
  FG_STRIKE,
  FG_UNDERLINE,
} from '../protocol/cells.ts';
import type { Emulator } from './emulator.ts';
import type { Pen } from './emulator-core.ts';

/** ANSI modes of terminals with a transmit key and the like: they are off here, and nothing can switch them on. */
const NEVER_ANSI: ReadonlySet<number> = new Set([1, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19]);
const PERMANENTLY_SET = 3;
const PERMANENTLY_RESET = 4;
/** DEC 2027: grapheme clusters are one cell, always. */
const GRAPHEMES = 2027;

/** What XTGETTCAP tells: what xterm-256color has and panes do; null for a capability that is only there. */
const CAPABILITIES: ReadonlyMap<string, string | null> = new Map([
  ['TN', 'xterm-256color'],
  ['name', 'xterm-256color'],
  ['Co', '256'],
  ['colors', '256'],
  ['RGB', '8/8/8'],
  ['Tc', null],
  ['Su', null],
  ['Smulx', '\x1b[4:%p1%dm'],
  ['Setulc', '\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%dm'],
  ['setrgbf', '\x1b[38:2:%p1%d:%p2%d:%p3%dm'],
  ['setrgbb', '\x1b[48:2:%p1%d:%p2%d:%p3%dm'],
  ['smxx', '\x1b[9m'],
  ['Ss', '\x1b[%p1%d q'],
  ['Se', '\x1b[2 q'],
  ['Sync', '\x1b[?2026%?%p1%{1}%-%tl%eh%;'],
]);
/** Names in one question; a real one asks for a few. */
const MAX_NAMES = 64;

function colorParameters(word: number, base: number): string[] {
  const value = word & 0xffffff;
  switch ((word & COLOR_MODE_MASK) >>> 24) {
    case 1:
      return [`${(value & 0xff) < 8 ? base + (value & 0xff) : base + 52 + (value & 0xff)}`];
    case 2:
      return [`${base + 8}:5:${value & 0xff}`];
    case 3:
      return [`${base + 8}:2::${value >> 16}:${(value >> 8) & 0xff}:${value & 0xff}`];
    default:
      return [];
  }
}

/** The SGR parameters that give the pen as it is, from a reset on. */
function sgrOf(pen: Pen): string {
  const { fg, bg } = pen;
  const kind = (bg & BG_HAS_EXTENDED) === 0 ? 0 : (pen.extended._ext >>> 26) & 7;
  const underline = (fg & FG_UNDERLINE) === 0 ? [] : [kind > 1 ? `4:${kind}` : '4'];
  const flags: [number, string][] = [
    [fg & FG_BOLD, '1'],
    [bg & BG_DIM, '2'],
    [bg & BG_ITALIC, '3'],
  ];
  const more: [number, string][] = [
    [fg & FG_BLINK, '5'],
    [fg & FG_INVERSE, '7'],
    [fg & FG_INVISIBLE, '8'],
    [fg & FG_STRIKE, '9'],
    [bg & BG_OVERLINE, '53'],
  ];
  const named = (list: [number, string][]): string[] => list.flatMap(([flag, name]) => (flag === 0 ? [] : [name]));
  return [
    '0',
    ...named(flags),
    ...underline,
    ...named(more),
    ...colorParameters(fg, 30),
    ...colorParameters(bg, 40),
  ].join(';');
}

/** DECSCUSR as it was set: 0 for the default. */
function cursorStyle({ core }: Emulator): number {
  const { cursorStyle: style, cursorBlink } = core.coreService.decPrivateModes;
  if (style === undefined) return 0;
  return { block: 1, underline: 3, bar: 5 }[style] + (cursorBlink === true ? 0 : 1);
}

function tellCapabilities(data: string, answer: (text: string) => void): void {
  for (const hex of data.split(';', MAX_NAMES)) {
    const name = /^(?:[\da-fA-F]{2})+$/.test(hex) ? Buffer.from(hex, 'hex').toString('latin1') : '';
    const value = CAPABILITIES.get(name);
    if (value === undefined) answer(`\x1bP0+r${/^[\da-fA-F]*$/.test(hex) ? hex : ''}\x1b\\`);
    else
      answer(
        `\x1bP1+r${hex}${value === null ? '' : `=${Buffer.from(value, 'latin1').toString('hex').toUpperCase()}`}\x1b\\`,
      );
  }
}

/** Makes the emulator give these reports. */
export function registerReports(emulator: Emulator, answer: (text: string) => void): void {
  const { parser }: Terminal = emulator.terminal;
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, (data) => {
    if (data === 'm') answer(`\x1bP1$r${sgrOf(emulator.core._inputHandler._curAttrData)}m\x1b\\`);
    else if (data === ' q') answer(`\x1bP1$r${cursorStyle(emulator)} q\x1b\\`);
    else return false;
    return true;
  });
  parser.registerDcsHandler({ intermediates: '+', final: 'q' }, (data) => {
    tellCapabilities(data, answer);
    return true;
  });
  parser.registerCsiHandler({ intermediates: '$', final: 'p' }, (params) => {
    const mode = Number(params[0]);
    if (!NEVER_ANSI.has(mode)) return false;
    answer(`\x1b[${mode};${PERMANENTLY_RESET}$y`);
    return true;
  });
  parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, (params) => {
    if (params[0] !== GRAPHEMES) return false;
    answer(`\x1b[?${GRAPHEMES};${PERMANENTLY_SET}$y`);
    return true;
  });
}
