// Owns a layout's file: what it may say, and where it is loaded from. A mistake names file and key.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseJsonFile, readNumber, readObject, readText, readWord } from '../theme/json-fields.ts';

export interface Layout {
  readonly name: string;
  /** `width` in columns with its border; below `hideBelow` columns of the terminal it is shown only when asked for. */
  readonly sidebar: { readonly side: 'left' | 'right'; readonly width: number; readonly hideBelow: number };
  /** What a pane's inside should have, and what it must have to be shown beside others. */
  readonly panes: {
    readonly wantedColumns: number;
    readonly wantedRows: number;
    readonly minimumColumns: number;
    readonly minimumRows: number;
  };
}

/** The layouts that come with the program; the path is the same from src/tui/layout and dist/tui/layout. */
const FOLDER = new URL('../../../layouts/', import.meta.url);

/** Loads `layouts/<name>.json`. Throws with file and key when it says something wrong. */
export function loadLayout(name: string): Layout {
  const file = fileURLToPath(new URL(`${name}.json`, FOLDER));
  return parseLayout(readFileSync(file, 'utf8'), file);
}

/** Validates a layout's text; `file` is named in what it throws. */
export function parseLayout(text: string, file: string): Layout {
  const top = readObject(parseJsonFile(text, file), ['name', 'sidebar', 'panes']);
  const sidebar = readObject(top('sidebar'), ['side', 'width', 'hideBelow']);
  const panes = readObject(top('panes'), ['wantedColumns', 'wantedRows', 'minimumColumns', 'minimumRows']);
  return {
    name: readText(top('name')),
    sidebar: {
      side: readWord(sidebar('side'), ['left', 'right'] as const),
      width: readNumber(sidebar('width'), { from: 16, to: 120 }),
      hideBelow: readNumber(sidebar('hideBelow'), { from: 0, to: 1000 }),
    },
    panes: {
      wantedColumns: readNumber(panes('wantedColumns'), { from: 1, to: 1000 }),
      wantedRows: readNumber(panes('wantedRows'), { from: 1, to: 1000 }),
      minimumColumns: readNumber(panes('minimumColumns'), { from: 1, to: 1000 }),
      minimumRows: readNumber(panes('minimumRows'), { from: 1, to: 1000 }),
    },
  };
}
