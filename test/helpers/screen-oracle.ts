// Owns a second look at a screen: a plain emulator fed the same bytes, read cell by cell through its public API, and frames put together again.
import { createRequire } from 'node:module';
import type { IBufferCell, Terminal } from '@xterm/headless';
import {
  BG_DIM,
  BG_HAS_EXTENDED,
  BG_ITALIC,
  BG_OVERLINE,
  CELL_CODE_MASK,
  CELL_COMBINED,
  CELL_WIDTH_SHIFT,
  CELL_WORDS,
  type ExtendedStyle,
  FG_BLINK,
  FG_BOLD,
  FG_INVERSE,
  FG_INVISIBLE,
  FG_STRIKE,
  FG_UNDERLINE,
  type Frame,
  type PaneUpdate,
} from '../../src/protocol/cells.ts';
import type { FrameTables } from '../../src/terminal/cells.ts';
import { useGraphemes } from '../../src/terminal/unicode.ts';

const require = createRequire(import.meta.url);

/** One row, a string a cell: character, width, colours, attributes, as a reader of the screen would tell them. */
export type Row = string[];

/** What a program may print, with everything that moves rows, buffers or attributes. */
export const FRAGMENTS = [
  'abc',
  'hello world ',
  '\r\n',
  '\n',
  '\r',
  '\b',
  '\t',
  '你好',
  '😀',
  '👨‍👩‍👧',
  'é',
  'x\u0301',
  '\x1b[H',
  '\x1b[2J',
  '\x1b[J',
  '\x1b[1J',
  '\x1b[3J',
  '\x1b[K',
  '\x1b[1K',
  '\x1b[2K',
  '\x1b[L',
  '\x1b[2M',
  '\x1b[P',
  '\x1b[@',
  '\x1b[3X',
  '\x1bM',
  '\x1bD',
  '\x1bE',
  '\x1b[S',
  '\x1b[T',
  '\x1b[3;7r',
  '\x1b[r',
  '\x1b7',
  '\x1b8',
  '\x1b[?1049h',
  '\x1b[?1049l',
  '\x1b[?47h',
  '\x1b[?47l',
  '\x1bc',
  '\x1b[!p',
  '\x1b[5;5H',
  '\x1b[2;1H',
  '\x1b#8',
  '\x1b[4h',
  '\x1b[4l',
  '\x1b[b',
  '\x1b[?7l',
  '\x1b[?7h',
  '\x1b[31m',
  '\x1b[1;4m',
  '\x1b[38;2;10;20;30m',
  '\x1b[48;5;200m',
  '\x1b[7;3m',
  '\x1b[4:3;58:5:9m',
  '\x1b[59m',
  '\x1b[m',
  '\x1b]8;;https://example.org/a\x07',
  '\x1b]8;;\x07',
  '\x1b[?25l',
  '\x1b[?25h',
  '\x1b[20C',
  '\x1b[4D',
  '\x1b[A',
  '\x1b(0q\x1b(B',
  "\x1b['}",
  // What the short way of parsing must tell apart: kinds of clusters, lines that wrap, sequences cut or of another form, protected cells.
  'a line that is longer than the screen is wide',
  '宽字符宽字符宽字符宽字符x',
  '한국어',
  '\u1112\u1161\u11ab',
  '🇩',
  '🇪',
  '\u200d',
  '\ufe0f',
  '\u0600',
  'ก็ำ',
  '\u00a0—…\u00ad',
  '\x7f',
  '\x85',
  '\x18',
  '\x1b[',
  '\x1b[12;3',
  ';5H',
  '\x1b[97;41;53m',
  '\x1b[38;5;1;100m',
  '\x1b[38;2;1m',
  '\x1b[48;5m',
  '\x1b[0;22;3;4m',
  '\x1b[9;24;39m',
  '\x1b[1;2;5;8m',
  '\x1b[55;29;49;90m',
  '\x1b[25;28m',
  '\x1b[38:2::9:8:7m',
  '\x1b[3000000000m',
  '\x1b[1"q',
  '\x1b[0"q',
  '\x1b[?K',
  '\x1b[?2J',
  '\x1b[3b',
];

/** Those without links: the oracle does not tell links, which die with their lines in the emulator, but not in what was copied. */
export const LINKLESS_FRAGMENTS = FRAGMENTS.filter((fragment) => !fragment.startsWith('\x1b]8'));

/** A plain emulator with the widths of the real one, and `scrollback` lines of history. */
export function createOracle(cols: number, rows: number, scrollback = 50): Terminal {
  const { Terminal: TerminalClass } = require('@xterm/headless') as typeof import('@xterm/headless');
  const terminal = new TerminalClass({ cols, rows, scrollback, allowProposedApi: true, logLevel: 'off' });
  useGraphemes(terminal);
  return terminal;
}

/** Feeds the oracle and waits until it has taken all. */
export function feed(terminal: Terminal, bytes: Uint8Array): void {
  (terminal as unknown as { _core: { _inputHandler: { parse(bytes: Uint8Array): void } } })._core._inputHandler.parse(
    bytes,
  );
}

function colorName(mode: 'default' | 'palette' | 'rgb', value: number): string {
  return mode === 'default' ? '-' : `${mode}${value}`;
}

/** The public getter calls every link underlined; the attribute is what the program asked for. */
function hasUnderline(cell: IBufferCell): number {
  return (cell as unknown as { fg: number }).fg & FG_UNDERLINE;
}

/** Kind and colour of an underline, from the emulator's own words; 0:0 for none. */
function oracleUnderline(cell: IBufferCell): string {
  const { bg, extended } = cell as unknown as { bg: number; extended: { _ext: number } };
  const word = (bg & BG_HAS_EXTENDED) === 0 ? 0 : extended._ext;
  const kind = (word >>> 26) & 7;
  const isDefault = (word & 0x3000000) === 0;
  // In a palette colour the emulator leaves the high bits of an earlier one.
  const color = isDefault ? 0 : (word & 0x3000000) === 0x3000000 ? word & 0x3ffffff : word & 0x30000ff;
  if (kind <= 1 && color === 0) return hasUnderline(cell) === 0 ? '0:0' : '1:0';
  return `${kind}:${color}`;
}

function wireUnderline(fg: number, style: ExtendedStyle | undefined): string {
  const plain = (fg & FG_UNDERLINE) === 0 ? 0 : 1;
  return style === undefined ? `${plain}:0` : `${style.underline}:${style.underlineColor}`;
}

function oracleCell(cell: IBufferCell): string {
  const fg = colorName(cell.isFgDefault() ? 'default' : cell.isFgRGB() ? 'rgb' : 'palette', cell.getFgColor());
  const bg = colorName(cell.isBgDefault() ? 'default' : cell.isBgRGB() ? 'rgb' : 'palette', cell.getBgColor());
  const flags = [
    cell.isBold(),
    cell.isItalic(),
    cell.isDim(),
    hasUnderline(cell),
    cell.isBlink(),
    cell.isInverse(),
    cell.isInvisible(),
    cell.isStrikethrough(),
    cell.isOverline(),
  ];
  return `${cell.getChars()}|${cell.getWidth()}|${fg}|${bg}|${flags.map((flag) => (flag ? 1 : 0)).join('')}|${oracleUnderline(cell)}`;
}

/** The visible rows of the oracle. */
export function oracleRows(terminal: Terminal): Row[] {
  const buffer = terminal.buffer.active;
  return Array.from({ length: terminal.rows }, (_, y) => {
    const line = buffer.getLine(buffer.baseY + y);
    return Array.from({ length: terminal.cols }, (_unused, x) => {
      const cell = line?.getCell(x);
      return cell === undefined ? 'no cell' : oracleCell(cell);
    });
  });
}

/** The lines above the screen of the oracle's normal buffer, from number `from`. */
export function oracleHistory(terminal: Terminal, from = 0): Row[] {
  const buffer = terminal.buffer.normal;
  return Array.from({ length: buffer.baseY - from }, (_, y) => {
    const line = buffer.getLine(from + y);
    return Array.from({ length: terminal.cols }, (_unused, x) => {
      const cell = line?.getCell(x);
      return cell === undefined ? 'no cell' : oracleCell(cell);
    });
  });
}

type Tables = Pick<Frame, 'strings' | 'styles'>;

function wireColor(word: number): string {
  const mode = (word >>> 24) & 3;
  return colorName(mode === 0 ? 'default' : mode === 3 ? 'rgb' : 'palette', word & 0xffffff);
}

function wireCell(cells: Uint32Array, x: number, tables: Tables): string {
  const { strings, styles } = tables;
  const [content = 0, fg = 0, bg = 0, ext = 0] = cells.subarray(x * CELL_WORDS, (x + 1) * CELL_WORDS);
  const code = content & CELL_CODE_MASK;
  const chars =
    (content & CELL_COMBINED) === 0 ? (code === 0 ? '' : String.fromCodePoint(code)) : (strings[code] ?? 'no string');
  const flags = [
    fg & FG_BOLD,
    bg & BG_ITALIC,
    bg & BG_DIM,
    fg & FG_UNDERLINE,
    fg & FG_BLINK,
    fg & FG_INVERSE,
    fg & FG_INVISIBLE,
    fg & FG_STRIKE,
    bg & BG_OVERLINE,
  ];
  return `${chars}|${content >>> CELL_WIDTH_SHIFT}|${wireColor(fg)}|${wireColor(bg)}|${flags.map((flag) => (flag === 0 ? 0 : 1)).join('')}|${wireUnderline(fg, ext === 0 ? undefined : styles[ext])}`;
}

/** The tables of a frame that is not one yet. */
export function tablesOf(tables: FrameTables): Tables {
  return { strings: tables.strings(), styles: tables.styles() };
}

/** A row of a frame in the oracle's words. */
export function wireRow(cells: Uint32Array, tables: Tables): Row {
  return Array.from({ length: cells.length / CELL_WORDS }, (_, x) => wireCell(cells, x, tables));
}

/** What a client that obeys the protocol holds of one pane. */
export class PaneCopy {
  rows: Row[] = [];
  last: PaneUpdate | null = null;

  apply(frame: Frame, update: PaneUpdate): void {
    const isNew =
      this.last === null ||
      this.last.generation !== update.generation ||
      this.last.cols !== update.cols ||
      this.last.rows !== update.rows;
    if (isNew) this.rows = Array.from({ length: update.rows }, () => ['not sent']);
    for (const { y, cells } of update.lines) this.rows[y] = wireRow(cells, frame);
    this.last = update;
  }
}
