// Owns what a window is: a name, the panes that are its own, and how it is looked at. Pure.
import type { Layout } from './layout.ts';
import type { SidebarName } from './leaf.ts';
import type { SidebarWish } from './tile.ts';

/** What each window has for itself. */
export interface WindowView {
  readonly layout: Layout;
  readonly focused: number | null;
  readonly lastFocused: number | null;
  readonly isZoomed: boolean;
  readonly sidebar: SidebarWish;
  readonly sidebars: ReadonlyMap<SidebarName, SidebarWish>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly order: readonly number[];
}

export interface Window {
  /** As it was typed: sanitise before showing. */
  readonly name: string;
  /** The panes that were broken out into it; null for a window that shows all those that no other one has. */
  readonly panes: readonly number[] | null;
  /** How it was looked at when it was left. */
  readonly view: WindowView;
}

/** The panes of a window out of `all`: in the window's order, then those that are not in it by number. */
export function memberPanes(
  windows: readonly Window[],
  index: number,
  all: readonly number[],
  order: readonly number[],
): number[] {
  const own = windows[index]?.panes ?? null;
  const taken = new Set(windows.flatMap((window) => window.panes ?? []));
  const members = all.filter((pane) => (own ? own.includes(pane) : !taken.has(pane)));
  const place = (pane: number): number => {
    const at = order.indexOf(pane);
    return at < 0 ? order.length + pane : at;
  };
  return members.sort((a, b) => place(a) - place(b));
}

/** The index of the window that shows a pane; the shown one where it does, -1 where none does. */
export function windowOf(windows: readonly Window[], shown: number, pane: number): number {
  const owner = windows.findIndex((window) => window.panes?.includes(pane));
  if (owner >= 0) return owner;
  return windows[shown]?.panes === null ? shown : windows.findIndex((window) => window.panes === null);
}
