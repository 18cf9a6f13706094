// Owns the layouts and themes there are: those that come with the program, the repository's on top, the operator's on top of both.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSmallFile } from '../../config/config-files.ts';
import { INSTALLATION } from '../../config/installation.ts';
import { printable } from '../../domain/text.ts';
import { parseTheme, type Theme } from '../theme/theme.ts';
import { type Layout, parseLayout } from './layout.ts';

export interface Catalogue {
  readonly layouts: ReadonlyMap<string, Layout>;
  readonly themes: ReadonlyMap<string, Theme>;
  /** One for each file that says something wrong. */
  readonly mistakes: readonly Mistake[];
}

export interface Mistake {
  /** The file, or the folder. */
  readonly path: string;
  /** One sentence that begins with the key where there is one. */
  readonly problem: string;
}

/** Folders that hold `layouts/` and `themes/`; the later one wins. */
type Homes = readonly string[];

/** A name that can be typed in the command bar as one word. */
const NAME = /^[A-Za-z0-9][\w-]{0,39}$/;
/** More files than anybody chooses from. */
const MOST_FILES = 100;

let shipped: Catalogue | null = null;

/** What comes with the program. Throws with file and key when it is wrong. */
export function shippedCatalogue(): Catalogue {
  if (shipped) return shipped;
  const empty: Catalogue = { layouts: new Map(), themes: new Map(), mistakes: [] };
  const found = addHome(empty, INSTALLATION, null);
  const [mistake] = found.mistakes;
  if (mistake !== undefined) throw new Error(`${mistake.path}: ${mistake.problem}`);
  shipped = found;
  return found;
}

/** All there is. A file with a mistake is told of; what `before` had under its name stays, so that a slip of the pen changes nothing on the screen. */
export function loadCatalogue(homes: Homes, before: Catalogue | null): Catalogue {
  let catalogue = shippedCatalogue();
  for (const home of homes) catalogue = addHome(catalogue, home, before);
  return catalogue;
}

function addHome(catalogue: Catalogue, home: string, before: Catalogue | null): Catalogue {
  const mistakes = [...catalogue.mistakes];
  const base = catalogue.themes.get('dark') ?? null;
  const layouts = new Map(catalogue.layouts);
  const themes = new Map(catalogue.themes);
  readFolder(join(home, 'layouts'), mistakes, (name, text) => {
    keep(layouts, name, before?.layouts.get(name), () => parseLayout(name, text));
  });
  readFolder(join(home, 'themes'), mistakes, (name, text) => {
    // One of the same name as a shipped one changes that.
    const own = catalogue.themes.get(name) ?? base;
    keep(themes, name, before?.themes.get(name), () => parseTheme(name, text, own));
  });
  return { layouts, themes, mistakes };
}

function keep<T>(into: Map<string, T>, name: string, before: T | undefined, parse: () => T): void {
  try {
    into.set(name, parse());
  } catch (error) {
    if (before !== undefined) into.set(name, before);
    throw error;
  }
}

/** Calls `use` with each file of a folder; what that throws becomes a mistake. */
function readFolder(folder: string, mistakes: Mistake[], use: (name: string, text: string) => void): void {
  for (const entry of filesIn(folder, mistakes)) {
    const path = join(folder, entry);
    const name = entry.slice(0, -'.json'.length);
    try {
      if (!NAME.test(name)) throw new Error('a name is one word of letters, digits, - and _');
      use(name, readSmallFile(path) ?? '');
    } catch (error) {
      mistakes.push({ path, problem: printable(error instanceof Error ? error.message : String(error)) });
    }
  }
}

function filesIn(folder: string, mistakes: Mistake[]): string[] {
  try {
    const entries = readdirSync(folder).filter((entry) => entry.endsWith('.json') && !entry.startsWith('.'));
    if (entries.length > MOST_FILES)
      mistakes.push({ path: folder, problem: `there are more than ${MOST_FILES} files; the rest is left out` });
    return entries.sort().slice(0, MOST_FILES);
  } catch {
    // Most people have no such folder.
    return [];
  }
}

/** The names of all there is, in their order, and the files that give none. */
export function lookNames(homes: Homes): { layout: string[]; theme: string[]; mistakes: readonly Mistake[] } {
  const { layouts, themes, mistakes } = loadCatalogue(homes, null);
  return { layout: [...layouts.keys()].sort(), theme: [...themes.keys()].sort(), mistakes };
}

/** The layout of a name; without it the first of the catalogue. */
export function layoutNamed(catalogue: Catalogue, name: string): Layout {
  const layout = catalogue.layouts.get(name) ?? catalogue.layouts.get('grid');
  if (!layout) throw new Error('the layout "grid" is missing from the installation');
  return layout;
}

/** The theme of a name; without it the dark one. */
export function themeNamed(catalogue: Catalogue, name: string): Theme {
  const theme = catalogue.themes.get(name) ?? catalogue.themes.get('dark');
  if (!theme) throw new Error('the theme "dark" is missing from the installation');
  return theme;
}
