// Owns what the commands for windows do to the model: open, close, rename, go to, break a pane out and join it.
import { memberPanes, type Window, type WindowView, windowOf } from '../layout/window.ts';
import { emptyView, type Model, paneNumbers, windowPanes } from '../model.ts';
import { note, refusal } from '../note.ts';

/** As many as a window list can show and a person can tell apart. */
const MOST_WINDOWS = 20;

function viewOf(model: Model): WindowView {
  const { layout, focused, lastFocused, isZoomed, sidebar, sidebars, sizes, order } = model;
  return { layout, focused, lastFocused, isZoomed, sidebar, sidebars, sizes, order };
}

/** The windows with the shown one as it is looked at now. */
export function savedWindows(model: Model): Window[] {
  const view = viewOf(model);
  return model.windows.map((window, index) => (index === model.shownWindow ? { ...window, view } : window));
}

/** The model with that window shown; an index that no window has changes nothing. */
function showWindow(model: Model, index: number): Model {
  const windows = savedWindows(model);
  const target = windows[index];
  if (!target || index === model.shownWindow) return model;
  return { ...model, ...target.view, windows, shownWindow: index, lastWindow: model.shownWindow, drag: null };
}

/** Goes to a window by its number in the list (from 1), its name, or `next`, `previous`, `last`. */
export function goToWindow(model: Model, to: string): Model {
  const { windows, shownWindow } = model;
  const count = windows.length;
  if (to === 'next' || to === 'previous') {
    if (count === 1) return note(model, 'there is only one window');
    return showWindow(model, (shownWindow + (to === 'next' ? 1 : count - 1)) % count);
  }
  if (to === 'last') return count === 1 ? note(model, 'there is only one window') : showWindow(model, model.lastWindow);
  const index = windowCalled(windows, to);
  return index < 0 ? refuseWindow(model, to) : showWindow(model, index);
}

/** The index of the window of that name or number from 1; -1 when there is none. */
function windowCalled(windows: readonly Window[], to: string): number {
  const named = windows.findIndex(({ name }) => name === to);
  if (named >= 0 || !/^\d{1,2}$/.test(to)) return named;
  return windows[Number(to) - 1] ? Number(to) - 1 : -1;
}

function refuseWindow(model: Model, to: string): Model {
  return refusal(model, `there is no window "${to}"`, `${model.keys.prefix} W opens one`);
}

/** Opens a window that shows all panes that are not broken out, in the layout of the shown one. */
export function openWindow(model: Model, name: string): Model {
  return addWindow(model, { name: name || freeName(model), panes: null, view: emptyView(model.layout) });
}

function addWindow(model: Model, window: Window): Model {
  if (model.windows.length >= MOST_WINDOWS)
    return refusal(model, `${MOST_WINDOWS} windows are open; no more fit`, `${model.keys.prefix} & closes one`);
  const windows = [...savedWindows(model), window];
  return showWindow({ ...model, windows }, windows.length - 1);
}

function freeName(model: Model): string {
  for (let number = model.windows.length + 1; ; number++) {
    const name = `window-${number}`;
    if (!model.windows.some((window) => window.name === name)) return name;
  }
}

/** Gives the shown window another name. */
export function renameWindow(model: Model, name: string): Model {
  const windows = model.windows.map((window, index) => (index === model.shownWindow ? { ...window, name } : window));
  return note({ ...model, windows }, `this window is called ${name}`);
}

/** Closes the shown window; the panes that were broken out into it go back to the others. Nothing ends. */
export function closeWindow(model: Model): Model {
  const windows = savedWindows(model);
  const others = windows.filter((_window, index) => index !== model.shownWindow);
  if (!others.some(({ panes }) => panes === null))
    return refusal(model, 'the last window with all panes stays open', `${model.keys.prefix} d detaches`);
  return withoutWindow(model, windows, model.shownWindow);
}

/** The model without one of these windows; if that is shown, the one before it is shown next. */
function withoutWindow(model: Model, windows: readonly Window[], gone: number): Model {
  const rest = windows.filter((_window, index) => index !== gone);
  const shift = (index: number): number => Math.max(0, index > gone || index === rest.length ? index - 1 : index);
  if (gone !== model.shownWindow)
    return { ...model, windows: rest, shownWindow: shift(model.shownWindow), lastWindow: shift(model.lastWindow) };
  const next = shift(model.lastWindow === gone ? Math.max(0, gone - 1) : model.lastWindow);
  const target = rest[next];
  if (!target) return model;
  return { ...model, ...target.view, windows: rest, shownWindow: next, lastWindow: next, drag: null };
}

/** Moves the focused pane to a window of its own. */
export function breakPane(model: Model): Model {
  const { focused } = model;
  if (focused === null) return refusal(model, 'there is no worker yet', `${model.keys.prefix} : run`);
  if (windowPanes(model).length < 2)
    return refusal(model, `pane ${focused} is alone in this window already`, `${model.keys.prefix} @ joins it again`);
  const windows = savedWindows(model).map((window) =>
    window.panes ? { ...window, panes: window.panes.filter((pane) => pane !== focused) } : window,
  );
  const view = { ...emptyView(model.layout), focused };
  return addWindow({ ...model, windows }, { name: `pane-${focused}`, panes: [focused], view });
}

/** Takes the focused pane to another window, with an empty name back to the one that shows all panes; its own one is closed when it was the last there. */
export function joinPane(model: Model, to: string): Model {
  const { focused, shownWindow } = model;
  const own = model.windows[shownWindow]?.panes ?? null;
  const target = to === '' ? model.windows.findIndex(({ panes }) => panes === null) : windowCalled(model.windows, to);
  if (target < 0) return refuseWindow(model, to);
  if (focused === null || (own === null && !model.windows[target]?.panes))
    return refusal(model, 'this pane is not broken out', `${model.keys.prefix} ! gives it a window of its own`);
  if (target === shownWindow) return note(model, `pane ${focused} is in this window already`);
  const windows = savedWindows(model).map((window, index) => {
    const panes = window.panes?.filter((pane) => pane !== focused) ?? null;
    if (index !== target) return { ...window, panes };
    // Nobody has been there since the pane was broken out: it has the focus there still.
    const { view } = window;
    const lastFocused = view.focused === focused ? view.lastFocused : view.focused;
    return { ...window, panes: panes && [...panes, focused], view: { ...view, focused, lastFocused } };
  });
  const joined = { ...model, windows, lastWindow: target };
  return own?.length === 1 ? withoutWindow(joined, windows, shownWindow) : showWindow(joined, target);
}

/** The focus on a pane in whatever window it is. */
export function focusAnywhere(model: Model, pane: number, focus: (model: Model, pane: number) => Model): Model {
  const index = windowOf(model.windows, model.shownWindow, pane);
  return focus(index >= 0 ? showWindow(model, index) : model, pane);
}

/** Closes windows whose panes are all gone, and puts the focus on a pane that exists in the shown one. */
export function settleWindows(model: Model): Model {
  const all = paneNumbers(model);
  const gone = model.windows.findIndex(({ panes }) => panes !== null && !panes.some((pane) => all.includes(pane)));
  // Without a state nothing is known of what is gone.
  if (gone >= 0 && model.hasState) return settleWindows(withoutWindow(model, savedWindows(model), gone));
  const members = memberPanes(model.windows, model.shownWindow, all, model.order);
  const isThere = (pane: number | null): boolean => pane !== null && members.includes(pane);
  // What is heard of before the state may be any pane.
  if (isThere(model.focused) || !model.hasState) return model;
  const focused = isThere(model.lastFocused) ? model.lastFocused : (members[0] ?? null);
  return model.focused === focused ? model : { ...model, focused };
}
