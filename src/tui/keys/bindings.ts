// Owns the default bindings: key table, key, command string, and the help that `?` and the hints show. The one place where a key gets its meaning; those of copy mode stand beside it.
import { COPY_BINDINGS } from './copy-bindings.ts';

export const KEY_TABLES = [
  'prefix',
  'root',
  'queue',
  'activity',
  'panel',
  'view',
  'copy-mode-vi',
  'copy-mode',
] as const;
/**
 * `prefix` holds the keys after the prefix key; `root` holds keys that work at any time and therefore never reach a pane. `queue` and `activity` are
 * those of the sidebars while they have the keys, `panel` those of the intervention panel, `view` those of help and of the popups; in help a key that types text filters. The last two are
 * those of copy mode with vi's keys and with emacs', under tmux' names.
 */
export type KeyTable = (typeof KEY_TABLES)[number];

export interface Binding {
  readonly table: KeyTable;
  readonly key: string;
  readonly command: string;
  readonly help: string;
  /** Left out of the hints, where it would only repeat another row. */
  readonly isAlternative?: true;
}

const prefix = (key: string, command: string, help: string): Binding => ({ table: 'prefix', key, command, help });
const also = (key: string, command: string, help: string): Binding => ({
  ...prefix(key, command, help),
  isAlternative: true,
});

/** A row for each of the keys, which do the same in one table. */
const keysOf = (table: KeyTable, keys: readonly string[], command: string, help: string): Binding[] =>
  keys.map((key) => ({ table, key, command, help }));
const queue = (keys: string, command: string, help: string): Binding[] =>
  keysOf('queue', keys.split(' '), command, help);
const activity = (keys: string, command: string, help: string): Binding[] =>
  keysOf('activity', keys.split(' '), command, help);
const panel = (keys: string, command: string, help: string): Binding[] =>
  keysOf('panel', keys.split(' '), command, help);
const view = (keys: string, command: string, help: string): Binding[] => keysOf('view', keys.split(' '), command, help);

const QUEUE_BINDINGS: readonly Binding[] = [
  ...queue('Up k C-p', 'queue-select up', 'task above'),
  ...queue('Down j C-n', 'queue-select down', 'task below'),
  ...queue('PPage C-b', 'queue-select page-up', 'ten tasks up'),
  ...queue('NPage C-f', 'queue-select page-down', 'ten tasks down'),
  ...queue('Home g', 'queue-select top', 'first task'),
  ...queue('End G', 'queue-select bottom', 'last task'),
  ...queue('s', 'queue-start', 'let it be the next one'),
  ...queue('+ =', 'queue-priority +1', 'priority up'),
  ...queue('-', 'queue-priority -1', 'priority down'),
  ...queue('e', 'queue-edit', 'edit the task'),
  ...queue('i', 'queue-hint', 'tell its agent something'),
  ...queue('x', 'queue-cancel', 'cancel the task, after a yes'),
  ...queue('p', 'queue-pause', 'pause the task'),
  ...queue('u', 'queue-resume', 'let it go on'),
  ...queue('r', 'queue-retry', 'try it again'),
  ...queue('w', 'queue-why', 'why it stands where it stands'),
  ...queue('d', 'queue-diff', 'what it has changed'),
  ...queue('f', 'queue-pane', 'go to its pane'),
  ...queue('Enter', 'queue-show', 'show the task'),
  ...queue('a', 'intervene', "the task's panel: answer, hint, pause, files"),
  ...queue('/', 'queue-filter', 'filter the list by words'),
  ...queue('Tab BTab', 'activity', 'keys to the activity feed'),
  ...queue('Escape q C-c C-g', 'queue', 'keys back to the panes'),
];

const ACTIVITY_BINDINGS: readonly Binding[] = [
  ...activity('Up k C-p', 'scroll up', 'a line back in time'),
  ...activity('Down j C-n', 'scroll down', 'a line on in time'),
  ...activity('PPage C-b', 'scroll page-up', 'ten lines back'),
  ...activity('NPage C-f', 'scroll page-down', 'ten lines on'),
  ...activity('Home g', 'scroll top', 'to the oldest line'),
  ...activity('End G', 'scroll bottom', 'to the newest line'),
  ...activity('Tab BTab', 'queue', 'keys to the queue'),
  ...activity('Escape q C-c C-g', 'activity', 'keys back to the panes'),
];

const PANEL_BINDINGS: readonly Binding[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(
    (n): Binding => ({ table: 'panel', key: String(n), command: `panel-choose ${n}`, help: `answer ${n}` }),
  ),
  ...panel('Enter', 'panel-enter', 'choose the answer, or look into the file'),
  ...panel('Up k C-p', 'scroll up', 'a row up'),
  ...panel('Down j C-n', 'scroll down', 'a row down'),
  ...panel('PPage b C-b', 'scroll page-up', 'a page up'),
  ...panel('NPage Space C-f', 'scroll page-down', 'a page down'),
  ...panel('Home g', 'scroll top', 'to the first row'),
  ...panel('End G', 'scroll bottom', 'to the last row'),
  ...panel('Tab', 'panel-go next', 'next part: question, hint, files'),
  ...panel('BTab', 'panel-go previous', 'part before'),
  ...panel('a', 'panel-go question', 'to the question'),
  ...panel('i', 'panel-go hint', 'write a hint'),
  ...panel('f', 'panel-go files', 'to the files'),
  ...panel('p', 'queue-pause', 'pause the task'),
  ...panel('u', 'queue-resume', 'let it go on'),
  ...panel('r', 'queue-retry', 'try it again'),
  ...panel('s', 'queue-start', 'let it be the next one'),
  ...panel('o', 'queue-pane', 'go to its pane'),
  ...panel('x', 'queue-cancel', 'cancel the task, after a yes'),
  ...panel('Escape q C-c', 'close', 'back to the list, or close the panel'),
];

const VIEW_BINDINGS: readonly Binding[] = [
  ...view('Up k C-p', 'scroll up', 'a line up'),
  ...view('Down j C-n', 'scroll down', 'a line down'),
  ...view('PPage b C-b', 'scroll page-up', 'a page up'),
  ...view('NPage Space C-f', 'scroll page-down', 'a page down'),
  ...view('Home g', 'scroll top', 'to the first line'),
  ...view('End G', 'scroll bottom', 'to the last line'),
  ...view('Escape q Enter C-c', 'close', 'close it'),
];

export const DEFAULT_BINDINGS: readonly Binding[] = [
  prefix('Left', 'focus left', 'pane to the left'),
  prefix('Right', 'focus right', 'pane to the right'),
  prefix('Up', 'focus up', 'pane above'),
  prefix('Down', 'focus down', 'pane below'),
  also('h', 'focus left', 'pane to the left'),
  also('l', 'focus right', 'pane to the right'),
  also('k', 'focus up', 'pane above'),
  also('j', 'focus down', 'pane below'),
  prefix('o', 'focus next', 'next pane'),
  prefix(';', 'focus last', 'pane before this one'),
  prefix('n', 'focus attention', 'next pane that needs someone'),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => also(String(n), `focus ${n}`, `pane ${n}`)),
  prefix('z', 'zoom', 'zoom, or back to all panes'),
  prefix('{', 'swap previous', 'swap with the pane before'),
  prefix('}', 'swap next', 'swap with the next pane'),
  prefix('C-Left', 'resize left', 'border to the left, repeatable'),
  prefix('C-Right', 'resize right', 'border to the right, repeatable'),
  prefix('C-Up', 'resize up', 'border up, repeatable'),
  prefix('C-Down', 'resize down', 'border down, repeatable'),
  also('M-Left', 'resize left 5', 'border 5 columns to the left'),
  also('M-Right', 'resize right 5', 'border 5 columns to the right'),
  also('M-Up', 'resize up 5', 'border 5 rows up'),
  also('M-Down', 'resize down 5', 'border 5 rows down'),
  also('H', 'resize left 5', 'border 5 columns to the left'),
  also('L', 'resize right 5', 'border 5 columns to the right'),
  also('K', 'resize up 5', 'border 5 rows up'),
  also('J', 'resize down 5', 'border 5 rows down'),
  prefix('E', 'even-sizes', 'borders back to where the layout has them'),
  prefix('Space', 'layout next', 'next layout'),
  ...['grid', 'stack', 'main-top', 'main-left', 'focus', 'dashboard'].map((name, index) =>
    also(`M-${index + 1}`, `layout ${name}`, `layout ${name}`),
  ),
  prefix('T', 'theme next', 'next theme'),
  prefix('!', 'break-pane', 'pane to a window of its own'),
  prefix('@', 'join-pane', 'pane back to all others'),
  prefix('W', 'command-bar new-window', 'new window, with a name'),
  prefix(',', 'command-bar rename-window', 'rename the window'),
  prefix(')', 'window next', 'next window'),
  prefix('(', 'window previous', 'window before in the list'),
  prefix("'", 'command-bar window', 'window by number or name'),
  prefix('&', 'close-window', 'close the window; nothing ends'),
  prefix('q', 'queue', 'the queue: choose a task and act on it'),
  prefix('s', 'shell', "shell in the task's worktree"),
  prefix('a', 'intervene', "the task's panel"),
  prefix('p', 'pause-task', 'pause the task, or let it go on'),
  prefix('m', 'lock-pane', 'lock the pane, or unlock it'),
  prefix('[', 'copy-mode', 'copy mode: scroll, search, copy'),
  also('PPage', 'copy-mode-up', 'copy mode, a page up'),
  prefix(']', 'paste-buffer', 'paste what was copied last'),
  prefix('e', 'edit-history', "the pane's history in your editor"),
  prefix('/', 'search', 'search all panes and conversations'),
  prefix('i', 'command-bar hint {task}', 'tell the agent of the pane something'),
  prefix('c', 'quick', 'write down a task'),
  prefix(':', 'command-bar', 'command bar'),
  prefix('b', 'sidebar', 'show or hide the sidebars; one: Q G C A P'),
  also('Q', 'sidebar queue', 'show or hide the queue'),
  also('G', 'sidebar gauges', "show or hide the workers' gauges"),
  also('C', 'sidebar charts', 'show or hide the charts'),
  also('A', 'sidebar activity', 'show or hide the activity feed'),
  also('P', 'sidebar pool', 'show or hide the worktrees'),
  prefix('~', 'messages', 'messages'),
  prefix('r', 'redraw', 'draw the screen anew'),
  prefix('?', 'help', 'all keys'),
  prefix('C-z', 'suspend', 'back to the shell for a while; fg comes back'),
  prefix('d', 'detach', 'detach; all keeps running'),
  ...QUEUE_BINDINGS,
  ...ACTIVITY_BINDINGS,
  ...PANEL_BINDINGS,
  ...VIEW_BINDINGS,
  ...COPY_BINDINGS,
];
