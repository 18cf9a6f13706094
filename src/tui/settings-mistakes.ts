// Owns what is wrong with what the workspace reads of its operator's settings: key bindings, layouts, themes.
import type { Config } from '../config/schema.ts';
import { nearestFirst } from '../domain/nearest.ts';
import { buildKeyMap, type KeyMap } from './keys/key-map.ts';
import { type Catalogue, loadCatalogue } from './layout/catalogue.ts';

export interface SettingsMistake {
  /** One sentence that names the place. */
  readonly message: string;
  /** The file to mend; null when it is the configuration. */
  readonly path: string | null;
}

type Chosen = Pick<Config, 'layout' | 'theme'>;

/** All mistakes, those of the key bindings first. None keeps the workspace from being opened. */
export function mistakesIn({ keys, catalogue, layout, theme }: { keys: KeyMap; catalogue: Catalogue } & Chosen) {
  const mistakes: SettingsMistake[] = [
    ...keys.problems.map((message) => ({ message, path: null })),
    ...catalogue.mistakes.map(({ path, problem }) => ({ message: `${path}: ${problem}`, path })),
  ];
  if (!catalogue.layouts.has(layout)) mistakes.push(unknown('layout', layout, catalogue.layouts, 'grid'));
  if (!catalogue.themes.has(theme)) mistakes.push(unknown('theme', theme, catalogue.themes, 'dark'));
  return mistakes;
}

function unknown(
  what: 'layout' | 'theme',
  name: string,
  known: ReadonlyMap<string, unknown>,
  used: string,
): SettingsMistake {
  const names = nearestFirst(name, [...known.keys()].sort()).join(', ');
  return { message: `${what}: there is no ${what} "${name}", "${used}" is used; there are ${names}`, path: null };
}

/** What a workspace that is opened now would say; `homes` are folders with `layouts/` and `themes/`. */
export function settingsMistakes(config: Config, homes: readonly string[]): SettingsMistake[] {
  const keys = buildKeyMap(config.keys, config.copyMode);
  return mistakesIn({ keys, catalogue: loadCatalogue(homes, null), layout: config.layout, theme: config.theme });
}
