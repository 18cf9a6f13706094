// Owns the form of a cell and of a pane frame in memory; pane-frame.ts turns it into bytes and back.

/**
 * A cell is 4 u32 words: content, fg, bg, ext. The first three are @xterm/headless' own packing, so that the server copies them:
 * - content: bits 0-20 a code point, or with CELL_COMBINED set an index into the frame's `strings`; bits 22-23 the width
 *   (0 = the right half of a wide character, 1, 2). A blank never written to has code point 0.
 * - fg, bg: bits 0-23 a colour, bits 24-25 its mode (0 default, 1 palette 16, 2 palette 256, 3 RGB), above that the attributes.
 * - ext: 0, or an index into the frame's `styles` (underline style and colour, hyperlink).
 */
export const CELL_WORDS = 4;
export const CELL_COMBINED = 0x200000;
export const CELL_CODE_MASK = 0x1fffff;
export const CELL_WIDTH_SHIFT = 22;

export const COLOR_MODE_MASK = 0x3000000;
export const COLOR_DEFAULT = 0;
export const COLOR_P16 = 0x1000000;
export const COLOR_P256 = 0x2000000;
export const COLOR_RGB = 0x3000000;

/** Attributes in the fg word. */
export const FG_INVERSE = 0x4000000;
export const FG_BOLD = 0x8000000;
export const FG_UNDERLINE = 0x10000000;
export const FG_BLINK = 0x20000000;
export const FG_INVISIBLE = 0x40000000;
export const FG_STRIKE = 0x80000000;
/** Attributes in the bg word. BG_HAS_EXTENDED, and bit 29 (protected), are xterm's bookkeeping: they are cut before a cell leaves the server. */
export const BG_ITALIC = 0x4000000;
export const BG_DIM = 0x8000000;
export const BG_HAS_EXTENDED = 0x10000000;
export const BG_OVERLINE = 0x40000000;

export interface ExtendedStyle {
  /** 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed */
  readonly underline: number;
  /** As a cell's colour: mode in bits 24-25. 0 takes the text's colour. */
  readonly underlineColor: number;
  /** OSC 8 target; empty for none. Data of an agent: http, https, file and mailto only reach the outer terminal. */
  readonly link: string;
}

export interface PaneLine {
  readonly y: number;
  /** `cols` × CELL_WORDS */
  readonly cells: Uint32Array;
}

export interface PaneCursor {
  readonly x: number;
  readonly y: number;
  readonly isVisible: boolean;
  /** DECSCUSR: 0 default, 1/2 block, 3/4 underline, 5/6 bar */
  readonly shape: number;
}

/** What the program in the pane has switched on, as far as a client must know it. Bits of PaneUpdate.modes. */
export const PANE_MODE = {
  bracketedPaste: 1,
  applicationCursor: 2,
  applicationKeypad: 4,
  alternateScreen: 8,
  mouseClick: 16,
  mouseDrag: 32,
  mouseAny: 64,
  mouseSgr: 128,
  focusEvents: 256,
} as const;

export interface PaneUpdate {
  readonly pane: number;
  /** Counts the programs that ran in this pane; when it changes, what the client holds of the pane is void. */
  readonly generation: number;
  readonly cols: number;
  readonly rows: number;
  readonly cursor: PaneCursor;
  readonly modes: number;
  /** Only the rows that changed since the last frame this client was sent. */
  readonly lines: readonly PaneLine[];
}

export interface Frame {
  /** Counts from 1 for each client. */
  readonly number: number;
  /** The client acknowledges no free frame: it is the echo of a key, or so small that nobody waits for it. */
  readonly isFree: boolean;
  /** Tables of this frame alone; index 0 is never used, so that 0 means none. */
  readonly strings: readonly string[];
  readonly styles: readonly ExtendedStyle[];
  readonly panes: readonly PaneUpdate[];
}
