// Owns what the commands for layouts, themes, sizes and places of panes do to the model.
import { nearby, nearestFirst } from '../../domain/nearest.ts';
import { borderOf, moveBorder } from '../layout/border.ts';
import { leavesOf } from '../layout/layout.ts';
import type { SidebarName } from '../layout/leaf.ts';
import { neighbour } from '../layout/neighbour.ts';
import { type Model, tilingOf, windowPanes } from '../model.ts';
import { note, refusal } from '../note.ts';
import type { Command, Direction } from './command.ts';

/** Takes a layout by its name, or the one after or before this. Sizes that were moved belong to the layout before. */
export function chooseLayout(model: Model, to: string): Model {
  const names = [...model.catalogue.layouts.keys()].sort();
  const name = stepTo(names, model.layout.name, to);
  const layout = model.catalogue.layouts.get(name);
  if (!layout) return refuseName(model, 'layout', to, names);
  const next = { ...model, layout, sizes: new Map(), sidebar: 'auto' as const, sidebars: new Map(), isZoomed: false };
  return note(next, `layout ${layout.name}`);
}

/** Takes a theme by its name, or the one after or before this. */
export function chooseTheme(model: Model, to: string): Model {
  const names = [...model.catalogue.themes.keys()].sort();
  const theme = model.catalogue.themes.get(stepTo(names, model.theme.name, to));
  if (!theme) return refuseName(model, 'theme', to, names);
  return note({ ...model, theme }, `theme ${theme.name}`);
}

function refuseName(model: Model, what: string, to: string, names: readonly string[]): Model {
  const meant = nearby(to, names);
  return refusal(
    model,
    `there is no ${what} "${to}"; there are ${nearestFirst(to, names).join(', ')}`,
    meant === null ? '' : `${what} ${meant}`,
  );
}

function stepTo(names: readonly string[], now: string, to: string): string {
  if (names.includes(to) || (to !== 'next' && to !== 'previous')) return to;
  const step = to === 'next' ? 1 : names.length - 1;
  return names[(names.indexOf(now) + step) % names.length] ?? to;
}

/** Moves a border of the focused pane. */
export function resizePane(model: Model, to: Direction, by: number): Model {
  const { focused } = model;
  const tiling = tilingOf(model);
  if (model.isZoomed) return note(model, 'the pane is zoomed: there is no border to move');
  const border = focused === null ? null : borderOf(tiling, focused, to);
  if (!border) return note(model, 'there is no border to move that way');
  const step = to === 'left' || to === 'up' ? -by : by;
  const sizes = moveBorder(tiling, model.sizes, border, step);
  return sizes ? { ...model, sizes } : note(model, 'the border is as far as it goes');
}

/** All borders where the layout has them. */
export function evenSizes(model: Model): Model {
  return { ...model, sizes: new Map() };
}

/** Puts the focused pane in the place of another one and that in its place; the focus goes with it. */
export function swapPanes(model: Model, other: Extract<Command, { name: 'swap' }>['with']): Model {
  const { focused } = model;
  const panes = windowPanes(model);
  if (focused === null || panes.length < 2) return note(model, 'there is no other pane in this window');
  const at = panes.indexOf(focused);
  const target = swapTarget(model, panes, at, other);
  if (target === null) return note(model, 'there is no pane on that side');
  const to = panes.indexOf(target);
  if (to < 0) return refusal(model, `pane ${target} is not in this window`, '');
  const order = panes.map((pane, index) => (index === at ? target : index === to ? focused : pane));
  return { ...model, order };
}

function swapTarget(
  model: Model,
  panes: readonly number[],
  at: number,
  other: Extract<Command, { name: 'swap' }>['with'],
): number | null {
  if (typeof other === 'number') return other;
  const count = panes.length;
  if (other === 'next') return panes[(at + 1) % count] ?? null;
  if (other === 'previous') return panes[(at + count - 1) % count] ?? null;
  return model.focused === null ? null : neighbour(tilingOf(model).panes, model.focused, other);
}

/** Shows or hides one sidebar of the layout, or with null all of them. One that would have no room is not asked for. */
export function toggleSidebar(model: Model, name: SidebarName | null): Model {
  const { sidebars } = tilingOf(model);
  const places = leavesOf(model.layout.tree).flatMap((leaf) => (leaf.kind === 'sidebar' ? [leaf.name] : []));
  if (places.length === 0 || (name !== null && !places.includes(name))) {
    const what = name === null ? 'no sidebar' : `no place for ${name}`;
    return refusal(model, `the layout ${model.layout.name} has ${what}`, 'layout dashboard');
  }
  const isShown = name === null ? sidebars.length > 0 : sidebars.some((sidebar) => sidebar.name === name);
  const wish = isShown ? 'hidden' : 'shown';
  const next: Model =
    name === null
      ? { ...model, sidebar: wish, sidebars: new Map() }
      : { ...model, sidebars: new Map(model.sidebars).set(name, wish) };
  const now = tilingOf(next).sidebars;
  const isThere = isShown || (name === null ? now.length > 0 : now.some((sidebar) => sidebar.name === name));
  if (isThere) return next;
  return refusal(model, `there is no room for ${name ?? 'a sidebar'} on a terminal of this size`, '');
}
