// Owns the shape and the defaults of the configuration. Written by `drover init`, read by load.ts.
import type { AgentKind } from '../domain/worker.ts';

/** All times in ms after loading; the file writes them as `30s`, `10m`, `1h`. */
export interface Config {
  /** The branch that tasks land on; null finds it (origin/HEAD, then main or master, then the branch that is checked out). */
  baseBranch: string | null;
  workers: number;
  agent: AgentKind;
  /** Shell command run on the merged result before a task lands; null runs none. */
  test: string | null;
  /** Most time that the test command may take. */
  testTimeout: number;
  /** Most time that one attempt of a task may take. */
  taskTimeout: number;
  /** The time that a task's agent has to come to a safe point when it is paused, before it is interrupted. */
  pauseGrace: number;
  retry: { maxAttempts: number; baseDelay: number; maxDelay: number };
  /** The back-off after an error of the agent's API, in which the same conversation waits to go on. */
  apiRetry: { baseDelay: number; maxDelay: number };
  claude: {
    /** The program; found on PATH. */
    command: string;
    /** Added to the command line before the prompt. */
    args: string[];
    model: string | null;
    permissionMode: string;
    /** Passed on as Claude Code's own permission rules. */
    allow: string[];
    deny: string[];
    /** The renderer: `default` keeps scrollback, `fullscreen` draws on the alternate screen. */
    tui: 'default' | 'fullscreen';
  };
  /** What PreToolUse answers to a tool that writes. `ask` shows the agent's own dialog. */
  policy: { insideWorktree: 'allow' | 'ask'; outsideWorktree: 'ask' | 'deny' };
  command: {
    /** argv; `{prompt}`, `{title}`, `{task}` and `{worktree}` are replaced in whole arguments or within them, never by a shell. */
    argv: string[];
  };
  keys: { prefix: string; bindings: Record<string, string> };
  /** How a person is told that a task needs them; `auto` takes what the terminal is known to understand. */
  notify: 'auto' | 'bell' | 'osc9' | 'osc99' | 'osc777' | 'off';
  /** The workspace sets the title of its window. */
  title: boolean;
  scrollback: number;
  /** The keys of copy mode. */
  copyMode: 'vi' | 'emacs';
  /** argv of a program that takes what is copied on its standard input; empty copies through the terminal. */
  copyCommand: string[];
  /** A selection made with the mouse is copied when the button is released. */
  copyOnSelect: boolean;
  /** Names of the layout and the theme that the workspace begins with. */
  layout: string;
  theme: string;
  /** `reduced`: nothing of the workspace's own moves; ages change every ten seconds. */
  motion: 'full' | 'reduced';
}

export const DEFAULT_CONFIG: Config = {
  baseBranch: null,
  workers: 4,
  agent: 'claude',
  test: null,
  testTimeout: 10 * 60_000,
  taskTimeout: 60 * 60_000,
  pauseGrace: 60_000,
  retry: { maxAttempts: 3, baseDelay: 30_000, maxDelay: 600_000 },
  apiRetry: { baseDelay: 30_000, maxDelay: 600_000 },
  claude: { command: 'claude', args: [], model: null, permissionMode: 'default', allow: [], deny: [], tui: 'default' },
  policy: { insideWorktree: 'allow', outsideWorktree: 'ask' },
  command: { argv: [] },
  keys: { prefix: 'C-g', bindings: {} },
  notify: 'auto',
  title: true,
  scrollback: 10_000,
  copyMode: 'vi',
  copyCommand: [],
  copyOnSelect: true,
  layout: 'grid',
  theme: 'dark',
  motion: 'full',
};
