// Owns a theme's file: a colour and attributes for each style the chrome uses. A mistake names file and key.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Field, parseJsonFile, readFlag, readObject, readText } from './json-fields.ts';

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

export interface Theme {
  readonly name: string;
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

/** The themes that come with the program; the path is the same from src/tui/theme and dist/tui/theme. */
const FOLDER = new URL('../../../themes/', import.meta.url);

/** Loads `themes/<name>.json`. Throws with file and key when it says something wrong. */
export function loadTheme(name: string): Theme {
  const file = fileURLToPath(new URL(`${name}.json`, FOLDER));
  return parseTheme(readFileSync(file, 'utf8'), file);
}

/** Validates a theme's text; `file` is named in what it throws. */
export function parseTheme(text: string, file: string): Theme {
  const top = readObject(parseJsonFile(text, file), ['name', 'styles']);
  const fields = readObject(top('styles'), STYLE_NAMES);
  const styles = Object.fromEntries(STYLE_NAMES.map((name) => [name, readStyle(fields(name))])) as Record<
    StyleName,
    Style
  >;
  return { name: readText(top('name')), styles };
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
  throw new Error(
    `${field.file}: ${field.key} must be a number of the palette (0-255) or one of ${COLOR_NAMES.join(', ')}, but it is ${JSON.stringify(value)}`,
  );
}
