// Owns the answers to what programs ask a terminal, as far as the emulator does not give them by itself.
import type { Terminal } from '@xterm/headless';
import { ColorAnswers } from './color-answers.ts';
import { isDark, type PaneColors } from './colors.ts';
import type { Emulator } from './emulator.ts';
import { registerReports } from './status-reports.ts';

/** Pixels of a cell as told to programs that ask: no real terminal is known here, and 10 by 20 is a common one. */
const CELL_WIDTH = 10;
const CELL_HEIGHT = 20;
/** DEC 2031: the program wants to be told when dark becomes light. */
const TELL_SCHEME = 2031;

export interface QueryParts {
  /** What XTVERSION says. */
  readonly name: string;
  readonly colors: PaneColors;
  /** Where answers go. */
  readonly answer: (text: string) => void;
}

function answerWindow(terminal: Terminal, what: number, answer: (text: string) => void): boolean {
  const { cols, rows } = terminal;
  const pixels = `${rows * CELL_HEIGHT};${cols * CELL_WIDTH}`;
  if (what === 11) answer('\x1b[1t');
  else if (what === 14) answer(`\x1b[4;${pixels}t`);
  else if (what === 15) answer(`\x1b[5;${pixels}t`);
  else if (what === 16) answer(`\x1b[6;${CELL_HEIGHT};${CELL_WIDTH}t`);
  else if (what === 18) answer(`\x1b[8;${rows};${cols}t`);
  else if (what === 19) answer(`\x1b[9;${rows};${cols}t`);
  else return false;
  return true;
}

/**
 * Answers XTVERSION, DA3, colours, window sizes, the colour scheme, keyboard protocols (none: keys are sent in the old form), and the reports of
 * status-reports.ts; swallows clipboard writes (OSC 52): what an agent prints must not reach the operator's clipboard.
 */
export class Queries {
  readonly #parts: QueryParts;
  readonly #colors: ColorAnswers;
  #tellsScheme = false;

  constructor(parts: QueryParts) {
    this.#parts = parts;
    this.#colors = new ColorAnswers(parts.colors, parts.answer);
  }

  /** A program that asked for it (DEC 2031) is told when dark becomes light, or light dark. */
  setColors(colors: PaneColors): void {
    const wasDark = isDark(this.#colors.colors);
    this.#colors.colors = colors;
    if (this.#tellsScheme && isDark(colors) !== wasDark) this.#tellScheme();
  }

  /** For an emulator that no program has used yet. */
  attach(emulator: Emulator): void {
    const { terminal, core } = emulator;
    this.#reset();
    core._inputHandler.onRequestReset(() => this.#reset());
    this.#colors.attach(terminal);
    registerReports(emulator, this.#parts.answer);
    this.#registerIdentity(terminal);
    this.#registerScheme(terminal);
    terminal.parser.registerOscHandler(52, () => true);
  }

  #reset(): void {
    this.#tellsScheme = false;
    this.#colors.reset();
  }

  #tellScheme(): void {
    this.#parts.answer(`\x1b[?997;${isDark(this.#colors.colors) ? 1 : 2}n`);
  }

  #registerIdentity(terminal: Terminal): void {
    const { parser } = terminal;
    const { name, answer } = this.#parts;
    parser.registerCsiHandler({ prefix: '>', final: 'q' }, (params) => {
      if ((params[0] ?? 0) === 0) answer(`\x1bP>|${name}\x1b\\`);
      return true;
    });
    parser.registerCsiHandler({ prefix: '=', final: 'c' }, (params) => {
      if ((params[0] ?? 0) === 0) answer('\x1bP!|00000000\x1b\\');
      return true;
    });
    // Flags that a program pushes or sets are never in force: it learns that here, and reads keys in the old form.
    parser.registerCsiHandler({ prefix: '?', final: 'u' }, () => {
      answer('\x1b[?0u');
      return true;
    });
    parser.registerCsiHandler({ prefix: '?', final: 'm' }, (params) => {
      if (params[0] === 4) answer('\x1b[>4;0m');
      return true;
    });
    parser.registerCsiHandler({ final: 't' }, (params) => answerWindow(terminal, Number(params[0]), answer));
  }

  #registerScheme({ parser }: Terminal): void {
    parser.registerCsiHandler({ prefix: '?', final: 'n' }, (params) => {
      if (params[0] !== 996) return false;
      this.#tellScheme();
      return true;
    });
    for (const final of ['h', 'l']) {
      parser.registerCsiHandler({ prefix: '?', final }, (params) => {
        if (params.includes(TELL_SCHEME)) this.#tellsScheme = final === 'h';
        return false;
      });
    }
    parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, (params) => {
      if (params[0] !== TELL_SCHEME) return false;
      this.#parts.answer(`\x1b[?${TELL_SCHEME};${this.#tellsScheme ? 1 : 2}$y`);
      return true;
    });
  }
}
