// Owns the text that keeps what an operator's windows look like: layouts, moved borders, the order of panes, the theme. Pure.
import { savedWindows } from '../keys/window-commands.ts';
import type { Layout } from '../layout/layout.ts';
import { SIDEBAR_NAMES } from '../layout/leaf.ts';
import type { SidebarWish } from '../layout/tile.ts';
import type { Window, WindowView } from '../layout/window.ts';
import type { Model } from '../model.ts';
import {
  type Field,
  parseJsonFile,
  readFlag,
  readList,
  readNumber,
  readObject,
  readWord,
} from '../theme/json-fields.ts';

/** The layout and the theme of the configuration: who changes those wants to see them. */
export interface Configured {
  readonly layout: string;
  readonly theme: string;
}

/** What a model looks like, as JSON. */
export function lookText(model: Model, configured: Configured): string {
  const windows = savedWindows(model).map(({ name, panes, view }) => ({
    name,
    panes,
    view: { ...view, layout: view.layout.name, sidebars: [...view.sidebars], sizes: [...view.sizes] },
  }));
  const { theme, shownWindow, lastWindow } = model;
  return `${JSON.stringify({ configured, theme: theme.name, shownWindow, lastWindow, windows })}\n`;
}

/** The model as it looked when the text was written; unchanged by a text that is none of ours. */
export function withLook(model: Model, text: string, configured: Configured): Model {
  try {
    return read(model, text, configured);
  } catch {
    return model;
  }
}

function read(model: Model, text: string, configured: Configured): Model {
  const top = readObject(parseJsonFile(text), ['configured', 'theme', 'shownWindow', 'lastWindow', 'windows']);
  const of = readObject(top('configured'), ['layout', 'theme']);
  const before: Configured = { layout: readText(of('layout')), theme: readText(of('theme')) };
  const windows = readList(top('windows'), { from: 1, to: 20 }).map((field): Window => {
    const read = readObject(field, ['name', 'panes', 'view']);
    const panes = read('panes').value === null ? null : readPanes(read('panes'));
    return { name: readText(read('name')), panes, view: readView(read('view'), model, before, configured) };
  });
  const index = { from: 0, to: windows.length - 1 };
  const shownWindow = readNumber(top('shownWindow'), index);
  const shown = windows[shownWindow];
  if (!shown || windows.every(({ panes }) => panes !== null)) return model;
  const theme = before.theme === configured.theme ? model.catalogue.themes.get(readText(top('theme'))) : model.theme;
  return {
    ...model,
    ...shown.view,
    windows,
    shownWindow,
    lastWindow: readNumber(top('lastWindow'), index),
    theme: theme ?? model.theme,
  };
}

function readView(field: Field, model: Model, before: Configured, configured: Configured): WindowView {
  const keys = ['layout', 'focused', 'lastFocused', 'isZoomed', 'sidebar', 'sidebars', 'sizes', 'order'] as const;
  const read = readObject(field, keys);
  const name = readText(read('layout'));
  const isStale = before.layout !== configured.layout && name === before.layout;
  const layout: Layout | undefined = isStale ? undefined : model.catalogue.layouts.get(name);
  const pane = (of: Field): number | null => (of.value === null ? null : readNumber(of, PANES));
  return {
    layout: layout ?? model.layout,
    focused: pane(read('focused')),
    lastFocused: pane(read('lastFocused')),
    isZoomed: readFlag(read('isZoomed')),
    sidebar: readWord(read('sidebar'), WISHES),
    sidebars: new Map(readPairs(read('sidebars'), (of, wish) => [readWord(of, SIDEBAR_NAMES), readWord(wish, WISHES)])),
    // Sizes belong to the parts of their layout.
    sizes: layout ? new Map(readPairs(read('sizes'), (path, size) => [readText(path), readSize(size)])) : new Map(),
    order: readPanes(read('order')),
  };
}

const WISHES: readonly SidebarWish[] = ['auto', 'shown', 'hidden'];
const PANES = { from: 1, to: 0xffff };
const MANY = { from: 0, to: 1000 };

function readPanes(field: Field): number[] {
  return readList(field, MANY).map((pane) => readNumber(pane, PANES));
}

function readPairs<P>(field: Field, read: (key: Field, value: Field) => P): P[] {
  return readList(field, MANY).map((pair) => {
    const [key, value] = readList(pair, { from: 2, to: 2 });
    if (!key || !value) throw new Error(`${field.key} must be pairs`);
    return read(key, value);
  });
}

function readText(field: Field): string {
  if (typeof field.value !== 'string') throw new Error(`${field.key} must be a text`);
  return field.value;
}

/** Cells, or a share of what other parts leave. */
function readSize({ key, value }: Field): number {
  if (typeof value !== 'number' || !(value > 0 && value < 100_000)) throw new Error(`${key} must be a size`);
  return value;
}
