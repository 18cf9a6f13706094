// Owns the one place that touches the inside of @xterm/headless: what is used of it, and the check that it is there.
import { createRequire } from 'node:module';
import type { ITerminalInitOnlyOptions, ITerminalOptions, Terminal } from '@xterm/headless';
import type { EmulatorLine } from './cells.ts';
import { useGraphemes } from './unicode.ts';

const require = createRequire(import.meta.url);

/** The emulator's ring of lines; its oldest are dropped through recycle, splice and trimStart. */
export interface EmulatorLines {
  readonly length: number;
  readonly maxLength: number;
  get(index: number): EmulatorLine | undefined;
  recycle(): EmulatorLine;
  trimStart(count: number): void;
  splice(start: number, deleteCount: number, ...items: EmulatorLine[]): void;
}

/** What SGR 58 and 59 set. */
interface ExtendedAttributes {
  underlineColor: number;
  readonly _ext: number;
}

/** The attributes in which the next character is printed. */
export interface Pen {
  readonly fg: number;
  readonly bg: number;
  readonly extended: ExtendedAttributes;
}

interface EmulatorBuffer {
  readonly ybase: number;
  readonly lines: EmulatorLines;
}

/** Not public API of @xterm/headless: the version is pinned, and `checkCore` refuses to start on one that has changed. */
interface EmulatorCore {
  readonly _inputHandler: {
    parse(data: Uint8Array): unknown;
    onRequestRefreshRows(listener: (range: { start: number; end: number } | undefined) => void): unknown;
    onRequestReset(listener: () => void): unknown;
    eraseInDisplay(
      params: { readonly params: readonly number[]; readonly length: number },
      respectProtect: boolean,
    ): boolean;
    readonly _curAttrData: Pen;
  };
  readonly buffer: {
    readonly x: number;
    readonly y: number;
    readonly ybase: number;
    readonly lines: { get(index: number): EmulatorLine | undefined };
  };
  readonly buffers: { readonly active: EmulatorBuffer; readonly alt: EmulatorBuffer; readonly normal: EmulatorBuffer };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly decPrivateModes: {
      readonly applicationCursorKeys: boolean;
      readonly applicationKeypad: boolean;
      readonly bracketedPasteMode: boolean;
      readonly sendFocus: boolean;
      readonly synchronizedOutput: boolean;
      readonly cursorStyle?: 'block' | 'underline' | 'bar' | undefined;
      readonly cursorBlink?: boolean | undefined;
    };
  };
  readonly coreMouseService: { readonly activeProtocol: string; readonly activeEncoding: string };
  readonly _oscLinkService: { getLinkData(id: number): { readonly uri: string } | undefined };
}

export interface Emulator {
  readonly terminal: Terminal;
  readonly core: EmulatorCore;
}

function checkCore(core: EmulatorCore | undefined): asserts core is EmulatorCore {
  const line = core?.buffer?.lines?.get(0);
  const missing = Object.entries({
    'parse()': typeof core?._inputHandler?.parse === 'function',
    onRequestRefreshRows: typeof core?._inputHandler?.onRequestRefreshRows === 'function',
    onRequestReset: typeof core?._inputHandler?.onRequestReset === 'function',
    'a line of 3 words a cell': line?._data instanceof Uint32Array && line._data.length >= line.length * 3,
    '_combined and _extendedAttrs': typeof line?._combined === 'object' && typeof line._extendedAttrs === 'object',
    'buffers.active': core?.buffers?.active !== undefined,
    'recycle(), splice() and trimStart() of lines': hasLineMethods(core?.buffers?.normal?.lines),
    'eraseInDisplay()': typeof core?._inputHandler?.eraseInDisplay === 'function',
    'an underline colour with a setter': underlineSetter(core) !== undefined,
    'decPrivateModes.synchronizedOutput': core?.coreService?.decPrivateModes?.synchronizedOutput === false,
    isCursorHidden: core?.coreService?.isCursorHidden === false,
    activeProtocol: typeof core?.coreMouseService?.activeProtocol === 'string',
    getLinkData: typeof core?._oscLinkService?.getLinkData === 'function',
  }).filter(([, isThere]) => !isThere);
  if (missing.length > 0) {
    const names = missing.map(([name]) => name).join(', ');
    throw new Error(
      `@xterm/headless is not the version Drover is made for: ${names} is missing. Install the exact version of package.json.`,
    );
  }
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
    set(this: ExtendedAttributes, value: number) {
      set.call(this, value === -1 ? 0 : value);
    },
  });
}

const isSeparated = new WeakSet<object>();

interface UnderlineSetter {
  readonly prototype: object;
  readonly get: (this: ExtendedAttributes) => number;
  readonly set: (this: ExtendedAttributes, value: number) => void;
}

function underlineSetter(core: EmulatorCore | undefined): UnderlineSetter | undefined {
  const extended = core?._inputHandler?._curAttrData?.extended;
  if (extended === undefined) return undefined;
  const prototype = Object.getPrototypeOf(extended) as object;
  const property = Object.getOwnPropertyDescriptor(prototype, 'underlineColor');
  if (property?.get === undefined || property.set === undefined) return undefined;
  return { prototype, get: property.get as UnderlineSetter['get'], set: property.set };
}

function hasLineMethods(lines: EmulatorLines | undefined): boolean {
  return [lines?.recycle, lines?.splice, lines?.trimStart].every((method) => typeof method === 'function');
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
  return { terminal, core };
}
