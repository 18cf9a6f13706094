// Owns the words between the server and its agents: how one is launched, and what it reports.
import type { Config } from '../config/schema.ts';
import type { Task } from '../domain/task.ts';
import type { AgentKind, AgentState, StateSource } from '../domain/worker.ts';

/** All that an adapter needs to start an agent on an attempt of a task. */
export interface RunSpec {
  readonly runId: string;
  readonly task: Task;
  /** The path of the worktree; the agent's working folder. */
  readonly worktree: string;
  readonly root: string;
  /** A UUID chosen by Drover. */
  readonly conversationId: string;
  /** True continues the conversation of that id; false begins it. */
  readonly isResume: boolean;
  /** The first words to the agent; adapters add nothing to it. */
  readonly prompt: string;
  /** Rules of the house, appended to the system prompt where the agent has one. */
  readonly rules: string;
  /** A 0700 folder for the run's files (settings, mcp configuration); `<data home>/runs/<run id>`. */
  readonly folder: string;
  /** The hook server's address for this run, e.g. `http://127.0.0.1:4711/hook`. */
  readonly hookUrl: string;
  /** Opens hooks and MCP methods for this run only. */
  readonly token: string;
  /** Where it is to tell what it uses up, and with which token; null when it is not asked to. */
  readonly telemetry: { readonly endpoint: string; readonly token: string } | null;
  readonly socket: string;
  /** Program and arguments of the MCP server that the agent starts, e.g. `[process.execPath, <main.cjs>, 'mcp']`. */
  readonly mcpCommand: readonly string[];
  /** Program and first arguments of the rehearsal agent, e.g. `[process.execPath, <main.cjs>, 'rehearsal-agent']`. */
  readonly rehearsalCommand: readonly string[];
  /** Tag of every process of this session (DROVER_SESSION), by which leftovers are found. */
  readonly sessionTag: string;
  readonly operator: { name: string; email: string };
  readonly config: Config;
}

export interface Launch {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the child, scrubbed. */
  readonly env: Record<string, string>;
  /** What the program will ask in its pane before it begins, in one sentence; absent when it asks nothing. */
  readonly asksFirst?: string;
}

/** Where an agent's program is looked for: the configuration, and the repository for a relative path. */
export interface AgentPlace {
  readonly config: Config;
  readonly root: string;
}

export interface AgentAdapter {
  readonly kind: AgentKind;
  /** True when the agent calls hooks and MCP tools; false when its exit code is its verdict. */
  readonly hasHooks: boolean;
  /** The program that would be started. Throws a RefusalError (`no-agent`) when there is none, before any task pays for it with an attempt. */
  find(where: AgentPlace): Promise<string>;
  /** Writes the run's files and gives the command line. Throws a RefusalError when the agent cannot be started (not found, no template). */
  prepare(spec: RunSpec): Promise<Launch>;
}

export interface StateReport {
  readonly state: AgentState;
  readonly source: StateSource;
  /** The question that is asked, the error that was met, or empty. */
  readonly detail: string;
}

export interface TurnEnd {
  readonly lastMessage: string;
  readonly stopHookActive: boolean;
  readonly hasBackgroundTasks: boolean;
}

/** What the hook server and the title tell the worker about one run. */
export interface RunObserver {
  onState(report: StateReport): void;
  /** The turn ended (Stop). The answer goes back to the agent: null lets it end, a text makes it go on with that text. */
  onTurnEnded(info: TurnEnd): string | null | Promise<string | null>;
  /** The main thread's tools of one step are through: the safe point. A text stops the turn there and says why; null lets it go on. */
  onToolBatch?(): string | null;
  /** A turn ended with an API error (StopFailure). */
  onApiError(info: { error: string; message: string }): void;
  /** The main thread has used a tool (PostToolUse). A text goes to the agent beside the tool's result, and the notice into its pane. */
  onToolUsed?(): Promise<{ text: string; notice: string } | null>;
  /** A tool is through, of whichever thread. */
  onToolDone?(): void;
  /** Words were submitted at the prompt (UserPromptSubmit). */
  onPrompt?(): void;
  /** Where the agent says that it keeps its transcript, and its own id of the conversation; told once for each path. */
  onTranscript?(info: { path: string; conversationId: string }): void;
}
