// Owns what is used of the inside of @xterm/headless, and the check that it is there.
import type { EmulatorLine } from './cells.ts';

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
  readonly _urlId: number;
}

/** The attributes in which the next character is printed. */
export interface Pen {
  fg: number;
  bg: number;
  readonly extended: ExtendedAttributes;
}

export interface EmulatorBuffer {
  /** The cursor's; x is the number of columns when the next character wraps. */
  x: number;
  readonly y: number;
  readonly ybase: number;
  readonly lines: EmulatorLines;
}

export interface EmulatorParams {
  readonly params: Int32Array;
  readonly _subParamsIdx: Uint16Array;
  length: number;
  reset(): void;
}

/** True when it was what the handler is for. */
export type ControlHandler = (params: EmulatorParams) => boolean;

/** The emulator's state machine. */
export interface EmulatorParser {
  currentState: number;
  /** What the width tables said of the last character; 0 when the next one joins with nothing. */
  precedingJoinState: number;
  _collect: number;
  readonly _params: EmulatorParams;
  readonly _executeHandlers: Readonly<Record<number, (() => boolean) | undefined>>;
  /** By final character, for sequences without prefix and intermediates; the last one that returns true was it. */
  readonly _csiHandlers: Readonly<Record<number, readonly ControlHandler[] | undefined>>;
  readonly _csiHandlerFb: (id: number, params: EmulatorParams) => void;
  parse(data: Uint32Array, length: number): void;
  /** Back to the state between sequences. */
  reset(): void;
}

/** What the parser's findings are done to. */
export interface EmulatorHandler {
  parse(data: Uint8Array): unknown;
  onRequestRefreshRows(listener: (range: { start: number; end: number } | undefined) => void): unknown;
  onRequestReset(listener: () => void): unknown;
  eraseInDisplay(
    params: { readonly params: ArrayLike<number>; readonly length: number },
    respectProtect: boolean,
  ): boolean;
  print(data: Uint32Array, start: number, end: number): void;
  /** Erases the cells from `start` to before `end` of a row of the screen. */
  _eraseInBufferLine(y: number, start: number, end: number, clearsWrap?: boolean, respectsProtect?: boolean): void;
  /** The pen with which is erased: nothing of it but the background's colour. */
  _eraseAttrData(): { readonly bg: number };
  readonly _parser: EmulatorParser;
  readonly _curAttrData: Pen;
  readonly _activeBuffer: EmulatorBuffer;
  readonly _bufferService: { readonly cols: number };
  readonly _charsetService: { readonly charset: object | undefined };
  readonly _coreService: {
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: { readonly wraparound: boolean };
  };
  readonly _dirtyRowTracker: { markDirty(y: number): void };
}

/** Not public API of @xterm/headless: the version is pinned, and `checkCore` refuses to start on one that has changed. */
export interface EmulatorCore {
  readonly _inputHandler: EmulatorHandler;
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
  readonly unicodeService: { charProperties(code: number, preceding: number): number };
  readonly _oscLinkService: { getLinkData(id: number): { readonly uri: string } | undefined };
}

/** Throws, naming what is missing, when the installed @xterm/headless is another than the one this code knows. */
export function checkCore(core: EmulatorCore | undefined): asserts core is EmulatorCore {
  const line = core?.buffer?.lines?.get(0);
  const missing = Object.entries({
    'parse()': typeof core?._inputHandler?.parse === 'function',
    onRequestRefreshRows: typeof core?._inputHandler?.onRequestRefreshRows === 'function',
    onRequestReset: typeof core?._inputHandler?.onRequestReset === 'function',
    'a line of 3 words a cell': line?._data instanceof Uint32Array && line._data.length >= line.length * 3,
    '_combined and _extendedAttrs': typeof line?._combined === 'object' && typeof line._extendedAttrs === 'object',
    'buffers.active': core?.buffers?.active !== undefined,
    'recycle(), splice() and trimStart() of lines': hasLineMethods(core?.buffers?.normal?.lines),
    ...missingOfParser(core?._inputHandler),
    'eraseInDisplay()': typeof core?._inputHandler?.eraseInDisplay === 'function',
    'an underline colour with a setter': underlineSetter(core) !== undefined,
    'decPrivateModes.synchronizedOutput': core?.coreService?.decPrivateModes?.synchronizedOutput === false,
    isCursorHidden: core?.coreService?.isCursorHidden === false,
    activeProtocol: typeof core?.coreMouseService?.activeProtocol === 'string',
    charProperties: typeof core?.unicodeService?.charProperties === 'function',
    getLinkData: typeof core?._oscLinkService?.getLinkData === 'function',
  }).filter(([, isThere]) => !isThere);
  if (missing.length > 0) {
    const names = missing.map(([name]) => name).join(', ');
    throw new Error(
      `@xterm/headless is not the version Drover is made for: ${names} is missing. Install the exact version of package.json.`,
    );
  }
}

/** What fast-parse.ts stands on. */
function missingOfParser(handler: EmulatorHandler | undefined): Record<string, boolean> {
  const parser = handler?._parser;
  const modes = handler?._coreService;
  return {
    'parse() of the parser': typeof parser?.parse === 'function' && typeof handler?.print === 'function',
    'the state of the parser': parser?.currentState === 0 && parser.precedingJoinState === 0 && parser._collect === 0,
    'parameters of 32 numbers': parser?._params?.params?.length === 32 && parser._params._subParamsIdx?.length === 32,
    'handlers of CR, LF and SGR':
      typeof parser?._executeHandlers?.[0x0d] === 'function' &&
      typeof parser._executeHandlers[0x0a] === 'function' &&
      typeof parser._csiHandlers?.[0x6d]?.[0] === 'function' &&
      typeof parser._csiHandlerFb === 'function' &&
      typeof parser.reset === 'function',
    '_activeBuffer with a cursor':
      typeof handler?._activeBuffer?.x === 'number' && typeof handler._activeBuffer.ybase === 'number',
    'insert mode, wrap-around and character sets':
      modes?.modes?.insertMode === false &&
      modes.decPrivateModes?.wraparound === true &&
      handler?._charsetService !== undefined &&
      handler._charsetService.charset === undefined,
    '_bufferService.cols and markDirty()':
      typeof handler?._bufferService?.cols === 'number' && typeof handler._dirtyRowTracker?.markDirty === 'function',
    '_eraseInBufferLine() and _eraseAttrData()':
      typeof handler?._eraseInBufferLine === 'function' && handler._eraseAttrData?.().bg === 0,
    'a pen with a link': handler?._curAttrData?.extended?._urlId === 0,
  };
}

function hasLineMethods(lines: EmulatorLines | undefined): boolean {
  return [lines?.recycle, lines?.splice, lines?.trimStart].every((method) => typeof method === 'function');
}

interface UnderlineSetter {
  readonly prototype: object;
  readonly get: (this: object) => number;
  readonly set: (this: object, value: number) => void;
}

/** Where the colour of an underline is set. */
export function underlineSetter(core: EmulatorCore | undefined): UnderlineSetter | undefined {
  const extended = core?._inputHandler?._curAttrData?.extended;
  if (extended === undefined) return undefined;
  const prototype = Object.getPrototypeOf(extended) as object;
  const property = Object.getOwnPropertyDescriptor(prototype, 'underlineColor');
  if (property?.get === undefined || property.set === undefined) return undefined;
  return { prototype, get: property.get as UnderlineSetter['get'], set: property.set };
}
