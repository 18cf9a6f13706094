// Owns blessed: it lays out and draws the chrome into cells of the compositor, and never touches a terminal.
import { PassThrough, type Readable, Writable } from 'node:stream';
import type { Widgets } from 'blessed';
import { textWidth } from '../../domain/text-width.ts';
import {
  COLOR_P16,
  COLOR_P256,
  FG_BLINK,
  FG_BOLD,
  FG_INVERSE,
  FG_INVISIBLE,
  FG_UNDERLINE,
} from '../../protocol/cells.ts';
import { blessedKey, typedText } from './blessed-key.ts';
import { blessed } from './blessed-library.ts';
import type { Compositor } from './compositor.ts';
import { GraphemeCodec } from './grapheme-codec.ts';
import { type PaneCell, PaneMask, type PaneRun } from './pane-mask.ts';

export type { PaneCell, PaneRun } from './pane-mask.ts';

export interface BlessedScreenOptions {
  readonly cols: number;
  readonly rows: number;
  readonly compositor: Compositor;
  /** Called after each screen.render(): the chrome is in the compositor, the mask is new; blit all panes and flush. */
  readonly onDamage: () => void;
  /**
   * Colours of the chrome: a blessed colour number (0-255) to a colour word of cells.ts (COLOR_RGB | 0xrrggbb). Numbers that are
   * not in it are the terminal's palette.
   */
  readonly palette?: ReadonlyMap<number, number>;
}

export interface PaneGeometry {
  readonly left: number | string;
  readonly top: number | string;
  readonly width: number | string;
  readonly height: number | string;
}

export interface BlessedScreen {
  readonly screen: Widgets.Screen;
  /** An element that reserves its rectangle for a pane (1-65535). Later siblings cover it. Draws nothing itself. */
  paneBox(parent: Widgets.Node, pane: number, geometry: PaneGeometry): Widgets.BoxElement;
  /** The visible stretches of a pane as of the last render, top to bottom, left to right. */
  paneRuns(pane: number): readonly PaneRun[];
  /** Which pane shows at x, y of the screen, and which of its cells; null on chrome. */
  paneAt(x: number, y: number): PaneCell | null;
  /** Lays out and renders at the new size. Resize the compositor first. */
  resize(cols: number, rows: number): void;
  /** Hands a key in tmux' notation to the focused widget as blessed's keypress. `ch` is the text it types, if any. */
  dispatchKey(key: string, ch?: string): void;
  setPalette(palette: ReadonlyMap<number, number>): void;
  destroy(): void;
}

/** Attribute of a cell that belongs to a pane; its character is then the pane's number. */
const MARKER = -2;
/** blessed's "no colour" in its nine bits. */
const DEFAULT_COLOR = 0x1ff;
/** blessed's attribute bits, from bit 18 of a cell's attribute. */
const FLAGS: readonly (readonly [number, number])[] = [
  [1, FG_BOLD],
  [2, FG_UNDERLINE],
  [4, FG_BLINK],
  [8, FG_INVERSE],
  [16, FG_INVISIBLE],
];

type Line = [attribute: number, text: string | number][] & { dirty?: boolean };

/** What blessed has and its types do not tell. */
interface Internals {
  lines: Line[];
  program: { emit(name: string, ...values: unknown[]): boolean };
  children: Laid[];
  draw(): void;
  alloc(isDirty?: boolean): void;
}

interface Laid {
  children: Laid[];
  _clines?: unknown;
  lpos?: unknown;
  render(): unknown;
  _getCoords(get: boolean): { xi: number; xl: number; yi: number; yl: number } | undefined;
}

/** Makes the screen on streams that lead nowhere. blessed leaves no process handlers behind. One at a time. */
export function createBlessedScreen(options: BlessedScreenOptions): BlessedScreen {
  const sink = Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), {
    columns: options.cols,
    rows: options.rows,
    isTTY: true,
  });
  const codec = new GraphemeCodec();
  const mask = new PaneMask();
  adaptLibrary(codec);
  const screen = openScreen(sink);
  const internals = screen as unknown as Internals;
  const painter = { ...options, codec, mask, palette: options.palette ?? new Map<number, number>() };
  // What is allocated anew has to be painted, although blessed takes the terminal to be cleared by then.
  const alloc = internals.alloc.bind(screen);
  internals.alloc = () => alloc(true);
  internals.draw = () => {
    if (codec.isFull) {
      codec.reset();
      for (const line of internals.lines) line.dirty = true;
      forgetLayout(internals.children);
      for (const child of internals.children) child.render();
    }
    paint(internals.lines, painter);
    options.onDamage();
  };
  return {
    screen,
    paneBox: (parent, pane, geometry) => makePaneBox({ screen: internals, mask }, parent, pane, geometry),
    paneRuns: (pane) => mask.runs(pane),
    paneAt: (x, y) => mask.at(x, y),
    resize: (cols, rows) => {
      Object.assign(sink, { columns: cols, rows });
      sink.emit('resize');
    },
    dispatchKey: (key, ch = typedText(key)) => {
      const pressed = blessedKey(key, ch);
      internals.program.emit('keypress', ch, pressed);
      internals.program.emit(`key ${pressed.full}`, ch, pressed);
    },
    setPalette: (palette) => {
      painter.palette = palette;
      for (const line of internals.lines) line.dirty = true;
    },
    destroy: () => screen.destroy(),
  };
}

/** blessed measures text by an old Unicode, so it gets our measure. `chars.all` is only ever the pattern of a replace, which asks Symbol.replace. */
function adaptLibrary(codec: GraphemeCodec): void {
  blessed.unicode.strWidth = textWidth;
  blessed.unicode.chars.all = { [Symbol.replace]: (text: string) => codec.encode(text) };
}

/** Constructs the screen; what blessed does to the process meanwhile is undone. */
function openScreen(sink: Writable): Widgets.Screen {
  const events = ['uncaughtException', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'exit'];
  const emitter: NodeJS.EventEmitter = process;
  const before = events.map((name) => new Set(emitter.listeners(name)));
  // With TMUX set, blessed runs `tmux -V` and waits for it.
  const tmux = process.env['TMUX'];
  delete process.env['TMUX'];
  try {
    return blessed.screen({
      input: new PassThrough(),
      // Its types ask for a Readable; it only ever writes.
      output: sink as unknown as Readable,
      terminal: 'xterm-256color',
      fullUnicode: true,
      forceUnicode: true,
      smartCSR: false,
      useBCE: false,
      autoPadding: false,
      warnings: false,
    });
  } finally {
    if (tmux !== undefined) process.env['TMUX'] = tmux;
    for (const [index, name] of events.entries()) {
      for (const listener of emitter.listeners(name)) {
        if (before[index]?.has(listener) === false) emitter.removeListener(name, listener as () => void);
      }
    }
  }
}

interface Painter {
  readonly compositor: Compositor;
  readonly codec: GraphemeCodec;
  readonly mask: PaneMask;
  readonly palette: ReadonlyMap<number, number>;
}

/** Chrome goes to the compositor, markers to the mask; rows in which blessed has changed nothing keep what they have. */
function paint(lines: readonly Line[], painter: Painter): void {
  const { compositor, mask } = painter;
  mask.resize(compositor.cols, compositor.rows);
  for (const [y, line] of lines.entries()) {
    if (y >= compositor.rows) break;
    if (line.dirty === false) continue;
    line.dirty = false;
    mask.clearRow(y);
    paintLine(line, y, painter);
  }
}

function paintLine(line: Line, y: number, { compositor, codec, mask, palette }: Painter): void {
  const cols = Math.min(line.length, compositor.cols);
  // Neighbours mostly look alike.
  let look = Number.NaN;
  let fg = 0;
  let bg = 0;
  for (let x = 0; x < cols; x++) {
    const cell = line[x];
    if (cell === undefined) continue;
    const attribute = cell[0];
    const unit = cell[1];
    // A number stays one when a shadow or a transparent widget has mixed into the attribute.
    if (typeof unit === 'number') {
      mask.add(unit, x, y);
      continue;
    }
    const text = codec.decode(unit);
    if (text === null && x > 0) continue;
    if (attribute !== look) {
      look = attribute;
      fg = foreground(attribute, palette);
      bg = color(attribute, palette);
    }
    compositor.setCell(x, y, text ?? ' ', fg, bg);
  }
}

function foreground(attribute: number, palette: ReadonlyMap<number, number>): number {
  let word = color(attribute >> 9, palette);
  const flags = attribute >> 18;
  for (const [flag, bit] of FLAGS) if ((flags & flag) !== 0) word |= bit;
  return word >>> 0;
}

function color(bits: number, palette: ReadonlyMap<number, number>): number {
  const number = bits & DEFAULT_COLOR;
  if (number > 255) return 0;
  return palette.get(number) ?? (number < 16 ? COLOR_P16 : COLOR_P256) | number;
}

function makePaneBox(
  context: { readonly screen: Internals; readonly mask: PaneMask },
  parent: Widgets.Node,
  pane: number,
  geometry: PaneGeometry,
): Widgets.BoxElement {
  const box = blessed.box({ parent, ...geometry });
  const laid = box as unknown as Laid;
  laid.render = () => {
    const coords = laid._getCoords(true);
    if (coords === undefined) {
      delete laid.lpos;
      return;
    }
    laid.lpos = coords;
    context.mask.setOrigin(pane, coords.xi, coords.yi);
    for (let y = Math.max(0, coords.yi); y < coords.yl; y++) {
      const line = context.screen.lines[y];
      if (line === undefined) break;
      for (let x = Math.max(0, coords.xi); x < Math.min(coords.xl, line.length); x++) {
        const cell = line[x];
        if (cell === undefined || (cell[0] === MARKER && cell[1] === pane)) continue;
        cell[0] = MARKER;
        cell[1] = pane;
        line.dirty = true;
      }
    }
    for (const child of laid.children) child.render();
  };
  return box;
}

/** Makes every element parse its text anew at its next render. */
function forgetLayout(elements: readonly Laid[]): void {
  for (const element of elements) {
    delete element._clines;
    forgetLayout(element.children);
  }
}
