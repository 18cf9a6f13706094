// Owns the model of the workspace: all that decides what is on the screen, except the cells of the panes.
import type { Envelope } from '../domain/event.ts';
import { questionWords } from '../domain/question.ts';
import { emptyState, type State } from '../domain/state.ts';
import { isInterrupted } from '../domain/status.ts';
import type { Run } from '../domain/worker.ts';
import type { ClientInfo, PaneInfo } from '../protocol/methods.ts';
import type { Mark } from './attention/marks.ts';
import type { FormMode } from './command-bar/capture-form.ts';
import type { Completion } from './command-bar/completion.ts';
import type { LineEdit } from './command-bar/line-edit.ts';
import type { SearchMode } from './copy-mode/search-mode.ts';
import { type CopyOptions, type CopyState, initialCopyState } from './copy-mode/state.ts';
import type { KeyMap } from './keys/key-map.ts';
import type { Border } from './layout/border.ts';
import { type Catalogue, layoutNamed, themeNamed } from './layout/catalogue.ts';
import type { Layout } from './layout/layout.ts';
import type { SidebarName } from './layout/leaf.ts';
import type { Size } from './layout/rect.ts';
import { type SidebarWish, type Tiling, tile } from './layout/tile.ts';
import { memberPanes, type Window, type WindowView } from './layout/window.ts';
import type { PanelMode } from './panel/panel-mode.ts';
import { type Activity, NO_ACTIVITY, NO_QUEUE_FOCUS, type QueueFocus } from './queue/queue-focus.ts';
import { mistakesIn } from './settings-mistakes.ts';
import type { Theme } from './theme/theme.ts';

/** A line for the status line; gone when the clock reaches `until` (ms since epoch). */
interface StatusNote {
  readonly kind: 'info' | 'refusal';
  readonly text: string;
  /** The command to type next; empty when there is none. */
  readonly next: string;
  readonly until: number;
}

/** A line of input at the bottom: the command bar or the quick capture. */
export interface InputMode {
  readonly kind: 'command' | 'quick';
  readonly edit: LineEdit;
  readonly completion: Completion | null;
  /** Why the last Enter was refused; stays until the text is changed. */
  readonly refusal: string | null;
  /** True between Enter and the answer. */
  readonly isRunning: boolean;
  /** How many lines back in the history of the command bar; 0 is the line being written. */
  readonly historyAt: number;
}

export type Mode =
  | { readonly kind: 'normal' }
  | { readonly kind: 'prefix'; readonly token: number; readonly hasHints: boolean }
  | InputMode
  | FormMode
  | SearchMode
  | PanelMode
  | { readonly kind: 'help'; readonly scroll: number; readonly filter: string }
  | {
      readonly kind: 'popup';
      readonly title: string;
      readonly lines: readonly string[];
      readonly scroll: number;
      /** Coloured as a difference; absent means no. */
      readonly isDiff?: boolean;
    };

type Connection =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'lost';
      readonly reason: string;
      readonly attempts: number;
      readonly since: number;
      readonly isOrderly: boolean;
    };

export interface Model {
  /** The repository's name; empty until the server has said it. */
  readonly repository: string;
  readonly isReadOnly: boolean;
  readonly keys: KeyMap;
  /** The layouts and themes there are. */
  readonly catalogue: Catalogue;
  readonly theme: Theme;
  /** All windows, in the order of the window list. What the shown one looks like stands in the model's own fields. */
  readonly windows: readonly Window[];
  /** Index of the shown window. */
  readonly shownWindow: number;
  /** Index of the window that was shown before. */
  readonly lastWindow: number;
  readonly layout: Layout;
  readonly size: Size;
  /** ms since epoch, set by the shell before each update. */
  readonly now: number;
  readonly state: State;
  /** False until the first state has come, and the panes with it. */
  readonly hasState: boolean;
  /** Events that came before the state they follow. */
  readonly early: readonly Envelope[];
  /** The panes that the server has, and whether a program runs in them. */
  readonly panes: ReadonlyMap<number, boolean>;
  /** What the server last said of each pane. */
  readonly infos: ReadonlyMap<number, PaneInfo>;
  /** Who is attached, the longest first. */
  readonly people: readonly ClientInfo[];
  readonly focused: number | null;
  readonly lastFocused: number | null;
  readonly isZoomed: boolean;
  readonly sidebar: SidebarWish;
  readonly sidebars: ReadonlyMap<SidebarName, SidebarWish>;
  /** Sizes that borders were moved to, by the paths of the layout's parts. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Panes in the order of their swaps; those that it lacks follow by number. */
  readonly order: readonly number[];
  /** The border that the mouse holds. */
  readonly drag: Border | null;
  /** ms since epoch until which a repeatable key needs no prefix. */
  readonly repeatUntil: number;
  /** The key that gave the keys back to the panes, and until when (ms since epoch) it is kept from them; null when that is over. */
  readonly wayOut: { readonly key: string; readonly until: number } | null;
  /** What is read in the queue and the feed, and whether they have the keys. */
  readonly queue: QueueFocus;
  readonly activity: Activity;
  /** Panes that have printed or rung since they were focused. */
  readonly marks: ReadonlyMap<number, Mark>;
  /** False while the terminal says that another window has the keyboard. */
  readonly hasTerminalFocus: boolean;
  /** The pane in which a mouse button is held down: drags and the release belong to it. */
  readonly mousePane: number | null;
  /** What was found of the terminal around us; lines for the help. */
  readonly outerFacts: readonly string[];
  readonly mode: Mode;
  readonly note: StatusNote | null;
  /** What the status line has said, the newest first, each with its time. */
  readonly said: readonly string[];
  readonly connection: Connection;
  /** Lines that were run in the command bar, oldest first. */
  readonly history: readonly string[];
  /** Numbers the waits for hints, so that a late one is known. */
  readonly nextToken: number;
  readonly copy: CopyState;
}

export interface ModelOptions {
  readonly isReadOnly: boolean;
  readonly keys: KeyMap;
  readonly catalogue: Catalogue;
  /** Names in the catalogue; unknown ones give the defaults. */
  readonly layout: string;
  readonly theme: string;
  readonly size: Size;
  readonly now: number;
  /** Vi's keys, and copying with the mouse, when left out. */
  readonly copy?: CopyOptions;
}

/** The model before the first message; mistakes in the operator's bindings, layouts and themes are shown at once. */
export function initialModel(options: ModelOptions): Model {
  const { catalogue } = options;
  const view = emptyView(layoutNamed(catalogue, options.layout));
  return {
    ...view,
    isReadOnly: options.isReadOnly,
    keys: options.keys,
    size: options.size,
    now: options.now,
    catalogue,
    theme: themeNamed(catalogue, options.theme),
    windows: [{ name: 'main', panes: null, view }],
    shownWindow: 0,
    lastWindow: 0,
    repository: '',
    state: emptyState(),
    hasState: false,
    early: [],
    panes: new Map(),
    infos: new Map(),
    people: [],
    drag: null,
    repeatUntil: 0,
    wayOut: null,
    queue: NO_QUEUE_FOCUS,
    activity: NO_ACTIVITY,
    mode: firstMode(options),
    marks: new Map(),
    hasTerminalFocus: true,
    mousePane: null,
    outerFacts: [],
    note: null,
    said: [],
    connection: { kind: 'open' },
    history: [],
    nextToken: 1,
    copy: initialCopyState(options.copy),
  };
}

function firstMode(options: ModelOptions): Mode {
  const lines = mistakesIn(options).map(({ message }) => message);
  if (lines.length === 0) return { kind: 'normal' };
  return { kind: 'popup', title: 'mistakes in your settings', lines, scroll: 0 };
}

/** A window as it is opened: nothing zoomed, moved or hidden. */
export function emptyView(layout: Layout): WindowView {
  return {
    layout,
    focused: null,
    lastFocused: null,
    isZoomed: false,
    sidebar: 'auto',
    sidebars: new Map(),
    sizes: new Map(),
    order: [],
  };
}

/** The numbers of all panes, ascending: every worker of the session, and those above that still run something. */
export function paneNumbers(model: Model): number[] {
  const numbers = new Set<number>();
  for (let number = 1; number <= model.state.session.workers; number++) numbers.add(number);
  for (const worker of model.state.workers.values()) if (worker.runId !== null) numbers.add(worker.number);
  for (const [pane, isAlive] of model.panes) if (isAlive) numbers.add(pane);
  return [...numbers].sort((a, b) => a - b);
}

/** The panes of the shown window in the order in which they are shown. */
export function windowPanes(model: Model): number[] {
  return memberPanes(model.windows, model.shownWindow, paneNumbers(model), model.order);
}

const TILED_BY = ['size', 'focused', 'lastFocused', 'isZoomed', 'sidebar', 'sidebars', 'layout', 'sizes'] as const;
/** The last tiling with what it was made of: it is asked for several times in each step and in each painting, and rarely changes. */
let tiled: {
  readonly from: Pick<Model, (typeof TILED_BY)[number]>;
  readonly panes: string;
  readonly tiling: Tiling;
} | null = null;

/** Where everything stands now. */
export function tilingOf(model: Model): Tiling {
  const numbers = windowPanes(model);
  const panes = numbers.join(' ');
  const from = tiled?.from;
  if (tiled?.panes === panes && TILED_BY.every((name) => from?.[name] === model[name])) return tiled.tiling;
  const { size, focused, lastFocused, isZoomed, sidebar, sidebars, layout, sizes } = model;
  const made = { size, focused, lastFocused, isZoomed, sidebar, sidebars, layout, sizes };
  tiled = { from: made, panes, tiling: tile({ ...made, panes: numbers }) };
  return tiled.tiling;
}

/** The run that a worker has now; null when it is idle. */
export function runOfWorker(model: Model, number: number): Run | null {
  const runId = model.state.workers.get(number)?.runId ?? null;
  return runId === null ? null : (model.state.runs.get(runId) ?? null);
}

/** True when there is a program's screen to show and to type into. */
export function isPaneLive(model: Model, number: number): boolean {
  if (model.panes.get(number) === true) return true;
  return runOfWorker(model, number) !== null && !isPaneStranded(model, number);
}

/** True when the pane's agent ended with its server, and goes on with the next session. */
export function isPaneStranded(model: Model, number: number): boolean {
  const taskId = runOfWorker(model, number)?.taskId;
  const task = taskId === undefined ? undefined : model.state.tasks.get(taskId);
  return task !== undefined && isInterrupted(model.state, task);
}

/** Why this client changes nothing; null when it may. */
export function whyNotChanging({ connection, isReadOnly }: Model): string | null {
  if (connection.kind === 'lost') return 'the server is gone: nothing can be changed now';
  return isReadOnly ? 'you look on only: nothing is changed from here' : null;
}

/** What a run that waits for a person asks, with the answers there are; empty when that is not known. Not sanitised. */
export function askedWords({ questions, stateDetail }: Run): string {
  const [question] = questions;
  return question ? questionWords(question) : stateDetail;
}
