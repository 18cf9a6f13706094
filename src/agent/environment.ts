// Owns what an agent's process inherits: the operator's environment without the marks of where Drover itself was started.
import type { RunSpec } from './agent.ts';
import { telemetryEnvironment } from './telemetry.ts';

/** Names taken out, each because a child would draw the wrong conclusion from it. */
const SCRUBBED: ReadonlySet<string> = new Set([
  // Set inside a Claude session; CLAUDE_CODE_CHILD_SESSION switches the transcript off, and with it every resume.
  'CLAUDECODE',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_SSE_PORT',
  'CLAUDE_PROJECT_DIR',
  // The title is how an interrupt is noticed, and the renderer is pinned in the settings.
  'CLAUDE_CODE_DISABLE_TERMINAL_TITLE',
  'CLAUDE_CODE_NO_FLICKER',
  // The terminal around Drover is not the pane's.
  'TMUX',
  'TMUX_PANE',
  'STY',
  'TERMCAP',
  'TERM_PROGRAM',
  'TERM_PROGRAM_VERSION',
  'TERM_SESSION_ID',
  'LC_TERMINAL',
  'LC_TERMINAL_VERSION',
  'VTE_VERSION',
  'WINDOWID',
  'WT_SESSION',
  'WT_PROFILE_ID',
  'ZED_TERM',
  'NO_COLOR',
  'COLUMNS',
  'LINES',
  // A git hook or alias that starts Drover would otherwise point every agent at its own repository and index.
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_COMMON_DIR',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_AUTHOR_DATE',
  'GIT_COMMITTER_DATE',
  // `npm run demo` and an IPC parent leave these.
  'INIT_CWD',
  'NODE_CHANNEL_FD',
  'NODE_UNIQUE_ID',
  'npm_command',
  'npm_execpath',
  'npm_node_execpath',
  'npm_config_local_prefix',
  'OLDPWD',
]);

const SCRUBBED_PREFIXES = [
  'KITTY_',
  'ZELLIJ',
  'WEZTERM_',
  'GHOSTTY_',
  'ALACRITTY_',
  'ITERM_',
  'KONSOLE_',
  'VSCODE_',
  'npm_lifecycle_',
  'npm_package_',
];

function isScrubbed(name: string): boolean {
  // Tokens and tags of an outer session are not this child's; the socket folder is how a child finds the same server,
  // and a rehearsal's speed and folder are the operator's.
  if (name.startsWith('DROVER_')) return name !== 'DROVER_SOCKET_DIR' && !name.startsWith('DROVER_REHEARSAL_');
  return SCRUBBED.has(name) || SCRUBBED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** The operator's environment without the scrub list: for a call of an agent's program that belongs to no run. */
export function childBase(parent: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && !isScrubbed(name)) env[name] = value;
  }
  return env;
}

/**
 * The whole environment of an agent: `parent` (with its ANTHROPIC_*, CLAUDE_CONFIG_DIR, proxies and all else) without the
 * scrub list, plus the terminal, the run's tags and the operator as author and committer of what the agent commits.
 * The run's token is not in it: the agent's shell commands would inherit it.
 */
export function childEnvironment(spec: RunSpec, parent: NodeJS.ProcessEnv): Record<string, string> {
  return {
    ...childBase(parent),
    PWD: spec.worktree,
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    // Brackets every frame in ?2026, so that the pane is painted whole.
    CLAUDE_CODE_FORCE_SYNC_OUTPUT: '1',
    DROVER_TASK: spec.task.id,
    DROVER_RUN: spec.runId,
    DROVER_SESSION: spec.sessionTag,
    GIT_AUTHOR_NAME: spec.operator.name,
    GIT_AUTHOR_EMAIL: spec.operator.email,
    GIT_COMMITTER_NAME: spec.operator.name,
    GIT_COMMITTER_EMAIL: spec.operator.email,
    // A git command that asks for a password would hang unseen inside of a tool call.
    GIT_TERMINAL_PROMPT: '0',
    ...telemetryEnvironment(spec.telemetry, parent),
  };
}
