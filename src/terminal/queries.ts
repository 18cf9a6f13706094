// Owns the answers to what programs ask a terminal, as far as the emulator does not give them by itself.
import type { Terminal } from '@xterm/headless';

/** Pixels of a cell as told to programs that ask: no real terminal is known here, and 10 by 20 is a common one. */
const CELL_WIDTH = 10;
const CELL_HEIGHT = 20;

/** The 16 colours of xterm, as 0xRRGGBB. */
const PALETTE_16 = [
  0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00,
  0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
];
/** OSC 10 text, 11 background, 12 cursor: a dark screen. */
const DYNAMIC = new Map([
  [10, 0xe5e5e5],
  [11, 0x000000],
  [12, 0xe5e5e5],
]);

function paletteColor(index: number): number {
  if (index < 16) return PALETTE_16[index] ?? 0;
  if (index >= 232) return 0x010101 * (8 + (index - 232) * 10);
  const step = (value: number): number => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return (step(Math.floor(cube / 36)) << 16) | (step(Math.floor(cube / 6) % 6) << 8) | step(cube % 6);
}

/** `rgb:rrrr/gggg/bbbb`, as xterm answers. */
function colorSpec(color: number): string {
  const part = (shift: number): string => ((color >> shift) & 0xff).toString(16).padStart(2, '0').repeat(2);
  return `rgb:${part(16)}/${part(8)}/${part(0)}`;
}

/** Pairs of index and '?'; setting a colour is accepted and has no effect: the palette is the outer terminal's. */
function answerPalette(data: string, answer: (text: string) => void): void {
  const parts = data.split(';');
  for (let i = 0; i + 1 < parts.length && i < 512; i += 2) {
    const index = Number(parts[i]);
    if (parts[i + 1] === '?' && Number.isInteger(index) && index >= 0 && index < 256) {
      answer(`\x1b]4;${index};${colorSpec(paletteColor(index))}\x1b\\`);
    }
  }
}

/** `OSC 10 ; ? ; ?` asks for 10 and 11. */
function answerDynamic(first: number, data: string, answer: (text: string) => void): void {
  data.split(';').forEach((part, offset) => {
    const color = DYNAMIC.get(first + offset);
    if (part === '?' && color !== undefined) answer(`\x1b]${first + offset};${colorSpec(color)}\x1b\\`);
  });
}

function answerWindow(terminal: Terminal, what: number, answer: (text: string) => void): boolean {
  const { cols, rows } = terminal;
  if (what === 14) answer(`\x1b[4;${rows * CELL_HEIGHT};${cols * CELL_WIDTH}t`);
  else if (what === 16) answer(`\x1b[6;${CELL_HEIGHT};${CELL_WIDTH}t`);
  else if (what === 18) answer(`\x1b[8;${rows};${cols}t`);
  else return false;
  return true;
}

/**
 * Makes `terminal` answer XTVERSION, colour queries, window sizes, the kitty keyboard query (none) and the colour scheme (dark), and swallow
 * clipboard writes (OSC 52): what an agent prints must not reach the operator's clipboard. `name` is what XTVERSION says.
 */
export function registerQueries(terminal: Terminal, name: string, answer: (text: string) => void): void {
  const { parser } = terminal;
  parser.registerCsiHandler({ prefix: '>', final: 'q' }, (params) => {
    if ((params[0] ?? 0) === 0) answer(`\x1bP>|${name}\x1b\\`);
    return true;
  });
  parser.registerCsiHandler({ prefix: '?', final: 'u' }, () => {
    answer('\x1b[?0u');
    return true;
  });
  parser.registerCsiHandler({ prefix: '?', final: 'n' }, (params) => {
    if (params[0] !== 996) return false;
    answer('\x1b[?997;1n');
    return true;
  });
  parser.registerCsiHandler({ final: 't' }, (params) => answerWindow(terminal, Number(params[0]), answer));
  parser.registerOscHandler(4, (data) => {
    answerPalette(data, answer);
    return true;
  });
  for (const first of DYNAMIC.keys()) {
    parser.registerOscHandler(first, (data) => {
      answerDynamic(first, data, answer);
      return true;
    });
  }
  parser.registerOscHandler(52, () => true);
}
