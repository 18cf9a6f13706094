// Owns the shape and the defaults of the configuration. Written by `drover init`, read by load.ts.
import type { SubtaskLimits } from '../domain/subtask.ts';
import type { AgentKind, TreeBackend } from '../domain/worker.ts';

/** How worktrees come by what the project's package managers install. */
export interface DependencySettings {
  /** Where lock files are looked for, beneath the repository; '' is its root. None: nothing is installed by itself. */
  folders: string[];
  /** Package managers that are left out. */
  skip: string[];
  /** `auto`: a reflink where the file system has it, else a hard link. `copy` links nothing that a program could write to. */
  share: 'auto' | 'link' | 'copy';
  /** Further files and folders that decide an install, such as the schema of a code generator. */
  keyFiles: string[];
}

/** A shell command that makes a worktree ready. */
export interface SetupStep {
  run: string;
  /** Files and folders that decide what it makes. */
  keyFiles: string[];
  /** What it makes, kept and copied into each worktree; without any it is run for each. */
  outputs: string[];
  /** Succeeds when there is nothing to do. */
  check: string | null;
  timeout: number;
}

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
  dependencies: DependencySettings;
  /** Run in this order when a worktree is made ready, after the dependencies. */
  setup: SetupStep[];
  /** Files of the user's checkout that worktrees get a copy of. */
  copy: string[];
  /** Most time that one attempt of a task may take. */
  taskTimeout: number;
  /** The time that a task's agent has to come to a safe point when it is paused, before it is interrupted. */
  pauseGrace: number;
  /** Worktrees, those that tasks hold among them: at most `size` are kept, at least `min` while a session runs, looked after again when `refresh` has passed. */
  pool: {
    size: number;
    min: number;
    refresh: number;
    /** How the files of a worktree are made; `auto` takes copy-on-write where that is to be had and pays. */
    backend: 'auto' | TreeBackend;
  };
  retry: { maxAttempts: number; baseDelay: number; maxDelay: number };
  /** The back-off after an error of the agent's API, in which the same conversation waits to go on. */
  apiRetry: { baseDelay: number; maxDelay: number };
  /** How much agents may delegate. */
  subtasks: SubtaskLimits;
  sync: {
    /** Whether the upstream of the base branch is asked for newer commits when a task begins. */
    fetch: 'auto' | 'off';
    /** Most time that the upstream may take to answer. */
    timeout: number;
  };
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
    /** `auto`: it tells Drover its tokens and dollars by OpenTelemetry, unless its environment sends that elsewhere; `off` leaves its transcript, which knows no dollars. */
    telemetry: 'auto' | 'off';
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
  dependencies: { folders: [''], skip: [], share: 'auto', keyFiles: [] },
  setup: [],
  copy: [],
  taskTimeout: 60 * 60_000,
  pauseGrace: 60_000,
  pool: { size: 8, min: 2, refresh: 30 * 60_000, backend: 'auto' },
  retry: { maxAttempts: 3, baseDelay: 30_000, maxDelay: 600_000 },
  apiRetry: { baseDelay: 30_000, maxDelay: 600_000 },
  subtasks: { maxDepth: 3, maxPerTask: 20, perMinute: 10, maxTokens: null, maxCost: null },
  sync: { fetch: 'auto', timeout: 30_000 },
  claude: {
    command: 'claude',
    args: [],
    model: null,
    permissionMode: 'default',
    allow: [],
    deny: [],
    tui: 'default',
    telemetry: 'auto',
  },
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
