// Owns what only tmux itself can say of where we are: its terminal's name, whether it hands sequences on, its clipboard.
import { execFile } from 'node:child_process';
import type { Capabilities } from './capabilities.ts';

export interface TmuxFacts {
  /** What the terminal around tmux calls itself (XTVERSION, else its TERM); empty when tmux does not know. Data. */
  readonly terminal: string;
  /** `allow-passthrough` is on or all. */
  readonly isPassedThrough: boolean;
  /** `set-clipboard`: on, external or off; empty when it is not known. */
  readonly clipboard: string;
}

/** ms; a tmux that does not answer is not worth waiting for. */
const PATIENCE = 1_000;

/** Asks the tmux that we are in; null when it does not answer. No shell: the words are fixed. */
export function askTmux(env: Readonly<Record<string, string | undefined>>): Promise<TmuxFacts | null> {
  const words = [
    ...['display-message', '-p', '#{client_termtype}', ';'],
    ...['display-message', '-p', '#{client_termname}', ';'],
    ...['show-options', '-sv', 'set-clipboard', ';'],
    // Unknown before 3.3: the last one, so that its refusal takes nothing with it.
    ...['show-options', '-Av', 'allow-passthrough'],
  ];
  return new Promise((resolve) => {
    execFile('tmux', words, { env: { ...env }, timeout: PATIENCE, encoding: 'utf8' }, (_error, stdout) =>
      resolve(stdout === '' ? null : factsFrom(stdout)),
    );
  });
}

/** Reads the four lines of the answer. Pure. */
export function factsFrom(stdout: string): TmuxFacts {
  const [type = '', name = '', clipboard = '', passthrough = ''] = stdout.split('\n').map((line) => line.trim());
  return { terminal: type || name, isPassedThrough: passthrough === 'on' || passthrough === 'all', clipboard };
}

/** Variables that a terminal sets and a multiplexer hands down, with the name that goes with them. */
const NAMING: readonly (readonly [string, string])[] = [
  ['KITTY_WINDOW_ID', 'kitty'],
  ['WEZTERM_PANE', 'WezTerm'],
  ['GHOSTTY_RESOURCES_DIR', 'ghostty'],
  ['ITERM_SESSION_ID', 'iTerm2'],
  ['WT_SESSION', 'Windows Terminal'],
  ['VTE_VERSION', 'VTE'],
];

/** The name of the terminal that shows the window: its own answer, else what tmux knows of it, else what the environment gives away. */
export function terminalName(
  capabilities: Pick<Capabilities, 'isTmux' | 'name'>,
  env: Readonly<Record<string, string | undefined>>,
  tmux: TmuxFacts | null,
): string {
  const guessed = NAMING.find(([variable]) => (env[variable] ?? '') !== '')?.[1] ?? env['LC_TERMINAL'] ?? '';
  if (!capabilities.isTmux) return isNondescript(capabilities.name) && guessed !== '' ? guessed : capabilities.name;
  const told = tmux?.terminal ?? '';
  return isNondescript(told) && guessed !== '' ? guessed : told;
}

/** A TERM that half of all terminals set. */
function isNondescript(name: string): boolean {
  return name === '' || /^(xterm|screen|tmux)(-\w*color)?$/.test(name);
}
