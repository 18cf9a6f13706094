// Owns how an emulator is made: @xterm/headless with grapheme widths, two faults of it cured, and the short way of parsing.
import { createRequire } from 'node:module';
import type { ITerminalInitOnlyOptions, ITerminalOptions, Terminal } from '@xterm/headless';
import { checkCore, type EmulatorCore, type EmulatorHandler, underlineSetter } from './emulator-core.ts';
import { installFastParse } from './fast-parse.ts';
import { LineEnds } from './line-ends.ts';
import { useGraphemes } from './unicode.ts';

const require = createRequire(import.meta.url);

export interface Emulator {
  readonly terminal: Terminal;
  readonly core: EmulatorCore;
  readonly ends: LineEnds;
}

/**
 * SGR 59 (underline in the text's colour) sets -1, which the emulator's packing makes the same word as RGB white. With 0 the two can be told apart.
 * The prototype is shared by all emulators: this is done once.
 */
function separateDefaultFromWhite(core: EmulatorCore): void {
  const found = underlineSetter(core);
  if (found === undefined || isSeparated.has(found.prototype)) return;
  isSeparated.add(found.prototype);
  const { get, set } = found;
  Object.defineProperty(found.prototype, 'underlineColor', {
    configurable: true,
    get,
    set(this: object, value: number) {
      set.call(this, value === -1 ? 0 : value);
    },
  });
}

const isSeparated = new WeakSet<object>();

/**
 * ED 1 with the cursor in the last cell touches the row behind the screen, which is not there, and throws: a program could end the server with it.
 * There all of the screen is erased, which ED 2 does too.
 */
function cureEraseAbove(handler: EmulatorHandler): void {
  const { eraseInDisplay } = handler;
  handler.eraseInDisplay = (params, respectProtect) => {
    const { x, y, lines } = handler._activeBuffer;
    const isAll = params.params[0] === 1 && x + 1 >= handler._bufferService.cols && y + 1 >= lines.length;
    return eraseInDisplay.call(handler, isAll ? { params: [2], length: 1 } : params, respectProtect);
  };
}

/** Loads what the first emulator needs, its character tables above all: some 20 ms that a program's first output would wait for. */
export function loadEmulator(): void {
  createEmulator(1, 1, 0).terminal.dispose();
}

/** A fresh emulator with grapheme widths. Throws when the installed @xterm/headless is another than the one this code knows. */
export function createEmulator(cols: number, rows: number, scrollback: number): Emulator {
  const { Terminal: TerminalClass } = require('@xterm/headless') as {
    Terminal: new (options: ITerminalOptions & ITerminalInitOnlyOptions) => Terminal;
  };
  const terminal = new TerminalClass({
    cols,
    rows,
    scrollback,
    allowProposedApi: true,
    logLevel: 'off',
    // What may be asked with CSI t; registerQueries answers. The title is never told: it could be made to type a command.
    windowOptions: {
      getWinSizePixels: true,
      getCellSizePixels: true,
      getWinSizeChars: true,
      getWinState: true,
      getScreenSizePixels: true,
      getScreenSizeChars: true,
      pushTitle: true,
      popTitle: true,
    },
  });
  useGraphemes(terminal);
  const core = (terminal as unknown as { _core?: EmulatorCore })._core;
  checkCore(core);
  separateDefaultFromWhite(core);
  cureEraseAbove(core._inputHandler);
  const ends = new LineEnds();
  installFastParse(core, ends);
  return { terminal, core, ends };
}
