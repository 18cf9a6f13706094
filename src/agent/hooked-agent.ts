// Owns the files and flags of an agent that speaks Claude Code's hooks and MCP: the real one and the rehearsal take the same.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunSpec } from './agent.ts';
import { type McpApproval, readMcpApproval } from './mcp-approval.ts';

/** The header that carries the run's token to the hook server. */
export const TOKEN_HEADER = 'x-drover-token';

/** Tools that the policy decides about; all others follow the agent's own permission rules. */
export const GATED_TOOLS = ['Bash', 'Edit', 'MultiEdit', 'NotebookEdit', 'Write'] as const;

/** Seconds. A hook that times out lets the tool run, so the limit is far beyond any hold of ours (a hold of 660 s was measured to work). */
const HOOK_TIMEOUT = 7200;
/** Seconds: a week. A question is held until somebody answers; later it is answered in its pane alone. */
const QUESTION_TIMEOUT = 604_800;
/** Seconds. The default of this hook; ours answers within 20. */
const PROMPT_TIMEOUT = 30;
/** Seconds. Raises the agent's own 1.5 s for its last words; a dead server refuses the connection at once. */
const END_TIMEOUT = 5;

/** All events we listen to, with their matcher (null: every tool) and timeout. SessionStart takes no HTTP hooks. */
const EVENTS: readonly { event: string; matcher: string | null; timeout: number }[] = [
  { event: 'UserPromptSubmit', matcher: null, timeout: PROMPT_TIMEOUT },
  // Every tool, since any of them may have to wait until the worktree is synced.
  { event: 'PreToolUse', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'PermissionRequest', matcher: null, timeout: QUESTION_TIMEOUT },
  { event: 'PostToolUse', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'PostToolUseFailure', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'PostToolBatch', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'Stop', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'StopFailure', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'SubagentStart', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'SubagentStop', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'Notification', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'PreCompact', matcher: null, timeout: HOOK_TIMEOUT },
  { event: 'SessionEnd', matcher: null, timeout: END_TIMEOUT },
];

/** The content of settings.json: renderer, hooks and permission rules. There is no allow rule of ours for a tool that writes: when the hook server is gone, the agent asks in its own dialog instead of going on. */
function settingsOf(spec: RunSpec, approval: McpApproval): Record<string, unknown> {
  const hooks: Record<string, unknown> = {};
  for (const { event, matcher, timeout } of EVENTS) {
    const hook = { type: 'http', url: spec.hookUrl, timeout, headers: { [TOKEN_HEADER]: spec.token } };
    hooks[event] = [{ ...(matcher === null ? {} : { matcher }), hooks: [hook] }];
  }
  return {
    tui: spec.config.claude.tui,
    // An operator who switched hooks off in their own settings would run an agent that tells us nothing.
    disableAllHooks: false,
    hooks,
    ...(approval.enabled.length > 0 ? { enabledMcpjsonServers: approval.enabled } : {}),
    ...(approval.disabled.length > 0 ? { disabledMcpjsonServers: approval.disabled } : {}),
    permissions: {
      allow: ['mcp__drover', ...spec.config.claude.allow],
      deny: [...spec.config.claude.deny, ...spec.task.repos.map((path) => `Edit(/${path}/**)`)],
    },
  };
}

/** The content of mcp.json: our stdio server, with the socket and the run's token in its own environment alone. */
function mcpConfigOf(spec: RunSpec): Record<string, unknown> {
  const [command, ...args] = spec.mcpCommand;
  if (command === undefined) throw new Error('RunSpec.mcpCommand is empty');
  const env = { DROVER_SOCKET: spec.socket, DROVER_TOKEN: spec.token };
  return { mcpServers: { drover: { type: 'stdio', command, args, env } } };
}

/** Both hold the token: 0600 from birth, and again when an earlier file of that name was there. */
async function writePrivate(path: string, content: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
}

/** Writes settings.json and mcp.json into the run's folder (made 0700 when missing) and gives their paths. `env` is the agent's. */
export async function writeRunFiles(
  spec: RunSpec,
  env: Readonly<Record<string, string>>,
): Promise<{ settings: string; mcp: string }> {
  await mkdir(spec.folder, { recursive: true, mode: 0o700 });
  const files = { settings: join(spec.folder, 'settings.json'), mcp: join(spec.folder, 'mcp.json') };
  const approval = await readMcpApproval({ worktree: spec.worktree, root: spec.root, env });
  await writePrivate(files.settings, settingsOf(spec, approval));
  await writePrivate(files.mcp, mcpConfigOf(spec));
  return files;
}

/** What a research task has no use for: they are taken from the agent and its subagents. */
const WRITING_TOOLS = ['Edit', 'Write', 'NotebookEdit', 'Bash'];

/** Columns; the name stands in the terminal's title and in the list of sessions. */
const NAME_LENGTH = 80;

/** `task-abc: title`, in one line without control characters. */
function sessionName(spec: RunSpec): string {
  const name = `${spec.task.id}: ${spec.task.title}`.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return [...name].slice(0, NAME_LENGTH).join('').trim();
}

/**
 * The flags both agents take, the prompt last after `--` (variadic flags eat it otherwise).
 * `--strict-mcp-config` is left out on purpose: the operator's own MCP servers go on working, under their own rules.
 */
export function hookedArguments(spec: RunSpec, files: { settings: string; mcp: string }): string[] {
  const { claude } = spec.config;
  return [
    '-n',
    sessionName(spec),
    spec.isResume ? '--resume' : '--session-id',
    spec.conversationId,
    '--settings',
    files.settings,
    '--mcp-config',
    files.mcp,
    '--append-system-prompt',
    spec.rules,
    '--permission-mode',
    claude.permissionMode,
    ...(claude.model === null ? [] : ['--model', claude.model]),
    ...(spec.task.type === 'research' ? ['--disallowedTools', ...WRITING_TOOLS] : []),
    ...spec.task.repos.flatMap((path) => ['--add-dir', path]),
    ...(spec.prompt === '' ? [] : ['--', spec.prompt]),
  ];
}

/** Puts further arguments in front of the prompt. */
export function withArguments(flags: readonly string[], extra: readonly string[]): string[] {
  const end = flags.indexOf('--');
  return end === -1 ? [...flags, ...extra] : [...flags.slice(0, end), ...extra, ...flags.slice(end)];
}
