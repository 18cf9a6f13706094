// Owns the default bindings: key table, key, command string, and the help that `?` and the hints show. The one place where a key gets its meaning.

export const KEY_TABLES = ['prefix', 'root'] as const;
/** `prefix` holds the keys after the prefix key; `root` holds keys that work at any time and therefore never reach a pane. */
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
  prefix('s', 'shell', "shell in the task's worktree"),
  prefix('m', 'lock-pane', 'lock the pane, or unlock it'),
  prefix('c', 'quick', 'write down a task'),
  prefix(':', 'command-bar', 'command bar'),
  prefix('b', 'sidebar', 'show or hide the queue'),
  prefix('r', 'redraw', 'draw the screen anew'),
  prefix('?', 'help', 'all keys'),
  prefix('C-z', 'suspend', 'back to the shell for a while; fg comes back'),
  prefix('d', 'detach', 'detach; all keeps running'),
];
