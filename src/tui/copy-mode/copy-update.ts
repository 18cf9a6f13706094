// Owns copy mode's part of the update: entering, keys, the mouse, documents that come, and what was copied.

import { printable } from '../../domain/text.ts';
import type { MouseEvent } from '../input/input-event.ts';
import { focusAnywhere } from '../keys/window-commands.ts';
import { type Model, tilingOf } from '../model.ts';
import { note, refusal } from '../note.ts';
import {
  type CopyMode,
  type CopyStep,
  type CopyView,
  clampTop,
  goTo,
  openCopyMode,
  searchFor,
  showPlace,
  withRows,
  withView,
} from './copy-mode.ts';
import { clamp } from './motion.ts';
import { type CopyMouse, useMouseInCopy } from './mouse.ts';
import { pressCopyKey } from './press.ts';
import { pasteIntoPrompt } from './prompt.ts';
import { BLANK_ROW } from './row.ts';
import type { CopyEffect, CopyMessage, CopyOpening, CopyState, FoundPlace, Queued } from './state.ts';

type Step = readonly [Model, readonly CopyEffect[]];

/** Two presses within this many ms are a double click. */
const DOUBLE_CLICK = 400;

/** True when the keys of the focused pane go to copy mode. */
export function isCopying(model: Model): boolean {
  return model.focused !== null && model.copy.panes.has(model.focused);
}

function viewOf(model: Model, pane: number): CopyView {
  const inner = tilingOf(model).panes.find((tile) => tile.pane === pane)?.inner;
  return { width: Math.max(1, inner?.width ?? 80), height: Math.max(1, inner?.height ?? 24) };
}

/** Panes in copy mode that have another size now show the same text in it. What is not all loaded yet is loaded anew. */
export function settleCopy(model: Model): Step {
  if (model.copy.panes.size === 0) return [model, []];
  let at: Step = [model, []];
  for (const { pane, inner } of tilingOf(model).panes) {
    const mode = model.copy.panes.get(pane);
    const view = viewOf(model, pane);
    if (mode?.kind !== 'open' || inner.width === 0 || inner.height === 0) continue;
    if (mode.view.width === view.width && mode.view.height === view.height) continue;
    const isLoading = mode.view.width !== view.width && mode.rows.includes(BLANK_ROW);
    at = join(at, (before) =>
      isLoading
        ? settle(before, pane, { ...mode, view }, { mode, wish: { kind: 'load', source: mode.source } })
        : [withPane(before, pane, withView(mode, view)), []],
    );
  }
  return at;
}

function withCopy(model: Model, change: Partial<CopyState>): Model {
  return { ...model, copy: { ...model.copy, ...change } };
}

function withPane(model: Model, pane: number, mode: CopyMode | CopyOpening | null): Model {
  const panes = new Map(model.copy.panes);
  if (mode) panes.set(pane, mode);
  else panes.delete(pane);
  return withCopy(model, { panes });
}

interface Entry {
  readonly source?: 'auto' | 'screen' | 'conversation';
  readonly task?: string | null;
  readonly queue?: readonly Queued[];
  readonly leavesAtEnd?: boolean;
}

/** Enters copy mode on a pane; what is typed until its document has come waits for it. */
function enterCopyMode(model: Model, pane: number, entry: Entry = {}): Step {
  if (model.connection.kind === 'lost') return [refusal(model, 'the server is gone: there is no history now', ''), []];
  const token = model.nextToken;
  const queue = entry.queue ?? [];
  const opening: CopyOpening = { kind: 'opening', token, queue, leavesAtEnd: entry.leavesAtEnd ?? false };
  const load: CopyEffect = {
    type: 'copy-load',
    pane,
    token,
    source: entry.source ?? 'auto',
    task: entry.task ?? null,
    width: viewOf(model, pane).width,
    isWhole: queue.some(({ kind }) => kind === 'place'),
  };
  return [{ ...withPane(model, pane, opening), nextToken: token + 1 }, [load]];
}

/** The command `copy-mode`, and with `keys` what is pressed in it at once. */
export function copyModeCommand(model: Model, keys: readonly string[] = []): Step {
  const pane = model.focused;
  if (pane === null) return [refusal(model, 'there is no pane yet', `${model.keys.prefix} : run`), []];
  if (!model.panes.has(pane)) return [refusal(model, `nothing has run in pane ${pane} yet`, ''), []];
  const queue = keys.map((key): Queued => ({ kind: 'key', key }));
  const known = model.copy.panes.get(pane);
  if (known) return queue.reduce<Step>((step, item) => join(step, (at) => take(at, pane, item)), [model, []]);
  return enterCopyMode(model, pane, { queue });
}

function join([model, effects]: Step, next: (model: Model) => Step): Step {
  const [after, more] = next(model);
  return [after, [...effects, ...more]];
}

/** A key for the focused pane, which is in copy mode. */
export function typeIntoCopy(model: Model, key: string): Step {
  return model.focused === null ? [model, []] : take(model, model.focused, { kind: 'key', key });
}

/** A paste: only a line of input takes it. */
export function pasteIntoCopy(model: Model, text: string): Model {
  const pane = model.focused;
  const mode = pane === null ? undefined : model.copy.panes.get(pane);
  if (pane === null || mode?.kind !== 'open') return model;
  return withPane(model, pane, pasteIntoPrompt(mode, printable(text), viewOf(model, pane)));
}

/** One thing for a pane in copy mode, now or as soon as its document is there. */
function take(model: Model, pane: number, item: Queued): Step {
  const mode = model.copy.panes.get(pane);
  if (!mode) return [model, []];
  if (mode.kind === 'open') return settle(model, pane, mode, apply(model, pane, mode, item));
  if (item.kind === 'key' && (item.key === 'q' || item.key === 'Escape' || item.key === 'C-c'))
    return [withPane(model, pane, null), []];
  return [withPane(model, pane, { ...mode, queue: [...mode.queue, item] }), []];
}

function apply(model: Model, pane: number, mode: CopyMode, item: Queued): CopyStep {
  const view = viewOf(model, pane);
  if (item.kind === 'key') return pressCopyKey(mode, item.key, view);
  if (item.kind === 'mouse') return useMouseInCopy(mode, item.mouse, view, model.copy.options.onSelect);
  const from = clamp(mode.rows, { x: 0, y: item.number });
  const found = searchFor(mode, item.query, { from, isBackward: false, view });
  return { mode: found ?? showPlace(mode, from, view), wish: null };
}

/** The step's mode into the model, and its wish done. */
function settle(model: Model, pane: number, before: CopyMode, { mode, wish }: CopyStep): Step {
  if (wish?.kind === 'load') {
    const [loading, effects] = enterCopyMode(model, pane, { source: wish.source });
    // What stands there stays to be seen until the other document is there.
    const opening = loading.copy.panes.get(pane);
    const token = opening?.token ?? before.token;
    return [withPane(loading, pane, { ...before, token }), effects];
  }
  const next = withPane(model, pane, mode);
  if (wish?.kind === 'refuse') return [refusal(next, wish.text, ''), []];
  if (wish?.kind === 'copy') return [withCopy(next, { buffer: wish.text }), [{ type: 'copy-text', text: wish.text }]];
  return [next, []];
}

/** The mouse over a pane in copy mode, or with its button held since it was pressed there; null when it is about something else. */
export function useMouseForCopy(model: Model, event: MouseEvent): Step | null {
  const { press } = model.copy;
  const isHeld = event.kind === 'drag' || event.kind === 'release';
  const tile = tilingOf(model).panes.find(({ pane, inner }) =>
    isHeld && press
      ? pane === press.pane
      : event.x >= inner.x && event.x < inner.x + inner.width && event.y >= inner.y && event.y < inner.y + inner.height,
  );
  if (!tile || (isHeld && !press) || (event.kind === 'press' && event.button !== 0)) return null;
  const isCopied = model.copy.panes.has(tile.pane);
  // Who looks on sends nothing to a program, but may read and copy.
  if (!isCopied && !(model.isReadOnly && model.panes.has(tile.pane))) return null;
  const { kind } = event;
  const mouse = { kind, x: event.x - tile.inner.x, y: event.y - tile.inner.y };
  const focused = event.kind === 'press' ? focus(model, tile.pane) : model;
  return useUnwanted(focused, tile.pane, mouse);
}

function focus(model: Model, pane: number): Model {
  return pane === model.focused ? model : { ...model, focused: pane, lastFocused: model.focused };
}

/** An event for a pane in copy mode, with its clicks counted. */
function point(model: Model, pane: number, mouse: Omit<CopyMouse, 'clicks'>): Step {
  const counted = mouse.kind === 'press' ? withPress(model, pane, mouse) : model;
  const clicks = counted.copy.press?.clicks ?? 1;
  return take(counted, pane, { kind: 'mouse', mouse: { ...mouse, clicks } });
}

function withPress(model: Model, pane: number, { x, y }: { x: number; y: number }): Model {
  const { press } = model.copy;
  const isAgain =
    press !== null && press.pane === pane && press.x === x && press.y === y && model.now - press.at <= DOUBLE_CLICK;
  const clicks = isAgain ? (press.clicks % 3) + 1 : 1;
  return withCopy(model, { press: { pane, x, y, at: model.now, clicks } });
}

/** What the program in a pane does not want of the mouse: the wheel and a drag enter copy mode, a double click takes a word. */
function useUnwanted(model: Model, pane: number, mouse: Omit<CopyMouse, 'clicks'>): Step {
  if (model.copy.panes.has(pane)) return point(model, pane, mouse);
  if (mouse.kind === 'wheel-up') {
    const queue: Queued[] = [{ kind: 'mouse', mouse: { ...mouse, clicks: 1 } }];
    return enterCopyMode(model, pane, { queue, leavesAtEnd: true, source: 'auto' });
  }
  if (mouse.kind === 'press') {
    const pressed = withPress(model, pane, mouse);
    const clicks = pressed.copy.press?.clicks ?? 1;
    if (clicks < 2) return [pressed, []];
    return enterCopyMode(pressed, pane, { source: 'screen', queue: [{ kind: 'mouse', mouse: { ...mouse, clicks } }] });
  }
  const { press } = model.copy;
  if (mouse.kind !== 'drag' || press?.pane !== pane) return [model, []];
  const start: CopyMouse = { kind: 'press', x: press.x, y: press.y, clicks: 1 };
  const queue: Queued[] = [
    { kind: 'mouse', mouse: start },
    { kind: 'mouse', mouse: { ...mouse, clicks: 1 } },
  ];
  return enterCopyMode(model, pane, { source: 'screen', queue });
}

/** What comes back of an effect of copy mode. */
export function hearCopy(model: Model, message: Exclude<CopyMessage, { type: 'found' }>): Step {
  switch (message.type) {
    case 'copy-loaded':
      return adopt(model, message);
    case 'copy-rows': {
      const mode = model.copy.panes.get(message.pane);
      if (mode?.kind !== 'open' || mode.token !== message.token) return [model, []];
      return [withPane(model, message.pane, withRows(mode, message.from, message.rows)), []];
    }
    case 'copy-refused': {
      const mode = model.copy.panes.get(message.pane);
      if (mode?.token !== message.token) return [model, []];
      const next = mode.kind === 'opening' ? withPane(model, message.pane, null) : model;
      return [refusal(next, message.text, message.next), []];
    }
    case 'copied':
      return [message.ok ? note(model, message.text) : refusal(model, message.text, message.next), []];
    case 'mouse-unused':
      return useUnwanted(model, message.pane, message.mouse);
  }
}

function adopt(model: Model, message: Extract<CopyMessage, { type: 'copy-loaded' }>): Step {
  const { pane, token, source, rows } = message;
  const before = model.copy.panes.get(pane);
  if (!before || before.token !== token) return [model, []];
  const view = viewOf(model, pane);
  const { leavesAtEnd } = before;
  const fresh = openCopyMode(
    { token, keys: model.copy.options.keys, bindings: model.keys.copy, source, rows, leavesAtEnd, top: message.top },
    view,
  );
  // The same document anew: as far from its end as before.
  const isRefreshed = before.kind === 'open' && before.source === source;
  const mode = isRefreshed ? sameDistance(fresh, before, view) : fresh;
  const queue = before.kind === 'opening' ? before.queue : [];
  return queue.reduce<Step>(
    (step, item) =>
      join(step, (at) =>
        take(at, pane, item.kind === 'place' ? { ...item, number: message.rowOf(item.number) } : item),
      ),
    [withPane(model, pane, mode), []],
  );
}

function sameDistance(fresh: CopyMode, before: CopyMode, view: CopyView): CopyMode {
  const y = fresh.rows.length - (before.rows.length - before.cursor.y);
  const top = clampTop(fresh.rows, fresh.rows.length - (before.rows.length - before.top), view);
  return goTo({ ...fresh, top }, clamp(fresh.rows, { x: before.cursor.x, y }), view);
}

/** Goes to a place that a search has found: its pane in copy mode, the words in sight. A run that is gone is read in the focused pane. */
export function goToFound(model: Model, place: FoundPlace, query: string): Step {
  const pane = place.pane ?? model.focused;
  if (pane === null) return [refusal(model, 'there is no pane to read it in', `${model.keys.prefix} : run`), []];
  const focused = focusAnywhere(model, pane, focus);
  const queue: Queued[] = [{ kind: 'place', number: place.line, query }];
  return enterCopyMode(focused, pane, { source: place.source, task: place.pane === null ? place.task : null, queue });
}
