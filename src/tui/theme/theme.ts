// Owns a theme's file: a colour and attributes for each style the chrome uses. A mistake names the key.
import { type Field, parseJsonFile, readFlag, readList, readObject, wrong } from './json-fields.ts';

/** Everything in the chrome is drawn in one of these. */
const STYLE_NAMES = [
  'text',
  'dim',
  'strong',
  'border',
  'borderFocused',
  'title',
  'titleFocused',
  'working',
  'quiet',
  'attention',
  'trouble',
  'done',
  'bar',
  'barDim',
  'barName',
  'barAlert',
  'key',
  'input',
  'candidate',
  'candidateSelected',
  'popup',
  'popupDim',
  'popupBorder',
  'popupTitle',
] as const;
export type StyleName = (typeof STYLE_NAMES)[number];

export interface Style {
  /** A number of the terminal's palette (0-255); -1 is its own default. */
  readonly fg: number;
  readonly bg: number;
  readonly bold: boolean;
  readonly inverse: boolean;
}

/** The screen that a theme is made for, `#rrggbb` each: told to programs in panes where the terminal does not tell its own colours. */
export interface ThemeColors {
  readonly foreground: string;
  readonly background: string;
  readonly cursor?: string;
  /** The first 16 of the palette. */
  readonly ansi?: string[];
}

export interface Theme {
  readonly name: string;
  /** null where any screen will do. */
  readonly colors: ThemeColors | null;
  readonly styles: Readonly<Record<StyleName, Style>>;
}

/** The palette's first 16 by name, in its order. */
const COLOR_NAMES = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'brightBlack',
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
  'brightWhite',
] as const;

/** Validates a theme's text; what it throws names the key. Styles that it leaves out are taken from `base`; without one it must have all. */
export function parseTheme(name: string, text: string, base: Theme | null): Theme {
  const top = readObject(parseJsonFile(text), ['styles', 'colors']);
  const own = top('styles');
  // What only changes the colours that programs are told.
  const fields = readObject(own.value === undefined && base ? { ...own, value: {} } : own, STYLE_NAMES);
  const styles = Object.fromEntries(
    STYLE_NAMES.map((style) => {
      const field = fields(style);
      return [style, field.value === undefined && base ? base.styles[style] : readStyle(field)];
    }),
  ) as Record<StyleName, Style>;
  const colors = top('colors');
  return { name, styles, colors: colors.value === undefined ? (base?.colors ?? null) : readColors(colors) };
}

/** The theme for a terminal without colours: what it paints on a ground of its own, in bold, is inverted there. */
export function withoutColors(theme: Theme): Theme {
  const styles = Object.entries(theme.styles).map(([name, { bg, bold, inverse }]) => [
    name,
    { fg: -1, bg: -1, bold, inverse: inverse || (bg >= 0 && bold) },
  ]);
  return { ...theme, styles: Object.fromEntries(styles) as Record<StyleName, Style> };
}

function readColors(field: Field): ThemeColors {
  const colors = readObject(field, ['foreground', 'background', 'cursor', 'ansi']);
  const [cursor, ansi] = [colors('cursor'), colors('ansi')];
  return {
    foreground: readRgb(colors('foreground')),
    background: readRgb(colors('background')),
    ...(cursor.value === undefined ? {} : { cursor: readRgb(cursor) }),
    ...(ansi.value === undefined ? {} : { ansi: readList(ansi, { from: 16, to: 16 }).map(readRgb) }),
  };
}

function readRgb(field: Field): string {
  const { value } = field;
  if (typeof value === 'string' && /^#[\da-f]{6}$/i.test(value)) return value;
  return wrong(field, 'must be a colour such as "#ffffff"');
}

function readStyle(field: Field): Style {
  const style = readObject(field, ['fg', 'bg', 'bold', 'inverse']);
  return {
    fg: readColor(style('fg')),
    bg: readColor(style('bg')),
    bold: readFlag(style('bold')),
    inverse: readFlag(style('inverse')),
  };
}

/** A missing colour is the terminal's default. */
function readColor(field: Field): number {
  const { value } = field;
  if (value === undefined) return -1;
  const named = COLOR_NAMES.find((name) => name === value);
  if (named !== undefined) return COLOR_NAMES.indexOf(named);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255) return value;
  return wrong(field, `must be a number of the palette (0-255) or one of ${COLOR_NAMES.join(', ')}`);
}
