// Owns the loopback HTTP server that agents' hooks call: whose event it is, what it means, and what we answer.
import { createHash, timingSafeEqual } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Usage } from '../domain/usage.ts';
import type { RunObserver, StateReport } from './agent.ts';
import { parseJson, readBody } from './hook-body.ts';
import {
  foldHook,
  foldStop,
  type HookEvent,
  type HookState,
  INITIAL_HOOK_STATE,
  readHookEvent,
  textOf,
} from './hook-events.ts';
import { TOKEN_HEADER } from './hooked-agent.ts';
import type { PermissionDesk } from './permission-desk.ts';
import type { PolicyContext } from './policy.ts';
import { pause, settleWithin } from './settle-within.ts';
import { METRICS_PATH, readMetrics, USAGE_HEADER } from './telemetry.ts';
import { answerTool, toolDecision } from './tool-answer.ts';
import type { WorktreeGate } from './worktree-gate.ts';

/** ms after tools/list was answered until the agent has taken the tools in: 300 was enough in 8 of 8 runs, 100 in 7. */
const MCP_SETTLE = 300;
/** ms. The hook's own limit is 30 s; a prompt without our tools is better than none. */
const MCP_PATIENCE = 20_000;

/** One run that may call. */
export interface HookRun {
  readonly token: string;
  readonly runId: string;
  readonly observer: RunObserver;
  readonly policy: PolicyContext;
  /** Holds its questions until somebody answers; without one its dialogs are answered in its pane alone. */
  readonly desk?: PermissionDesk;
  /** Holds calls until the worktree is synced; absent when there is nothing to wait for. */
  readonly gate?: WorktreeGate;
  /** Settles when the run's MCP server has answered tools/list. */
  isMcpReady(): Promise<void>;
}

export interface HookServerOptions {
  /** ms, both for tests. */
  readonly mcpSettle?: number;
  readonly mcpPatience?: number;
  /** A fault in our own answer; the agent is answered as if we had nothing to say (it then asks by its own dialog). */
  readonly onFault?: (error: unknown, runId: string) => void;
}

interface Registration {
  readonly run: HookRun;
  readonly digest: Buffer;
  state: HookState;
  /** The first prompt waits on it, and any that come meanwhile. */
  mcp: Promise<void> | null;
  readonly transcripts: Set<string>;
  /** Calls that the gate holds. */
  held: number;
}

/** How the state of a run is told while the gate holds a call of it. */
const GATED: StateReport = { state: 'gated', source: 'hook', detail: 'sync' };

type Answer = Record<string, unknown>;

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The hook server of one Drover server: 127.0.0.1, a port of the system's choice, a token for each run. */
export class HookServer {
  readonly #server: Server;
  readonly #runs = new Map<string, Registration>();
  /** By the digest of their tokens: who hears what a run uses up. */
  readonly #meters = new Map<string, (usage: Usage) => void>();
  readonly #options: HookServerOptions;
  readonly #closing = new AbortController();
  #port = 0;

  constructor(options: HookServerOptions = {}) {
    this.#options = options;
    // Every agent that starts listens for a moment.
    setMaxListeners(0, this.#closing.signal);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Binds to loopback. Rejects when it cannot. */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        this.#port = typeof address === 'object' && address !== null ? address.port : 0;
        resolve();
      });
    });
  }

  /** What RunSpec.hookUrl takes, once it listens. */
  get url(): string {
    return `${this.endpoint}/hook`;
  }

  /** Where telemetry goes. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Lets a run tell by a token of its own what it uses up; until the returned function is called. */
  meter(token: string, onUsage: (usage: Usage) => void): () => void {
    const key = digestOf(token).toString('hex');
    this.#meters.set(key, onUsage);
    return () => void this.#meters.delete(key);
  }

  /** Lets a run call; before its agent is started. */
  register(run: HookRun): void {
    const digest = digestOf(run.token);
    this.#runs.set(digest.toString('hex'), {
      run,
      digest,
      state: INITIAL_HOOK_STATE,
      mcp: null,
      transcripts: new Set(),
      held: 0,
    });
  }

  /** Ends a run's right to call; an unknown token is no error. */
  unregister(token: string): void {
    this.#runs.delete(digestOf(token).toString('hex'));
  }

  /** Stops at once; hooks that are held are cut off, which the agent takes as no answer. */
  close(): Promise<void> {
    this.#closing.abort();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Tokens are compared as digests, so neither their length nor a common beginning shows in the time it takes. */
  #find(request: IncomingMessage): Registration | null {
    const token = request.headers[TOKEN_HEADER];
    const digest = digestOf(typeof token === 'string' ? token : '');
    const found = this.#runs.get(digest.toString('hex'));
    return found && timingSafeEqual(found.digest, digest) ? found : null;
  }

  /** A page in a browser can reach this port too: it names another host, or carries its origin. */
  #isOwnCaller(request: IncomingMessage): boolean {
    const { host, origin } = request.headers;
    return origin === undefined && (host === `127.0.0.1:${this.#port}` || host === `localhost:${this.#port}`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = (status: number, answer: Answer = {}): void => {
      if (response.destroyed || response.writableEnded) return;
      // An unread rest of the body would be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    };
    if (request.url === METRICS_PATH && this.#isOwnCaller(request)) return reply(await this.#takeMetrics(request));
    const registration = this.#isOwnCaller(request) ? this.#find(request) : null;
    if (registration === null) return reply(403);
    if (request.url !== '/hook') return reply(404);
    if (request.method !== 'POST') return reply(405);
    try {
      const body = await readBody(request);
      if (body === null) return reply(413);
      const event = readHookEvent(parseJson(body));
      if (event === null) return reply(400);
      reply(200, await this.#answer(registration, event, response));
    } catch (error) {
      if (!request.destroyed || request.complete) this.#options.onFault?.(error, registration.run.runId);
      reply(200);
    }
  }

  /** The HTTP status of the answer. A caller that goes away in between has told nothing. */
  async #takeMetrics(request: IncomingMessage): Promise<number> {
    const token = request.headers[USAGE_HEADER];
    const onUsage = this.#meters.get(digestOf(typeof token === 'string' ? token : '').toString('hex'));
    if (onUsage === undefined) return 403;
    if (request.method !== 'POST') return 405;
    const body = await readBody(request).catch(() => null);
    if (body === null) return 413;
    onUsage(readMetrics(parseJson(body)));
    return 200;
  }

  async #answer(registration: Registration, event: HookEvent, response: ServerResponse): Promise<Answer> {
    const { observer, desk } = registration.run;
    this.#tellTranscript(registration, event);
    desk?.hear(event);
    const passes = desk?.pass(event) ?? null;
    if (passes !== null) return passes;
    if (event.name === 'Stop' && event.agentId === null) return this.#turnEnded(registration, event);
    const { state, report } = foldHook(registration.state, event);
    registration.state = state;
    if (report !== null) tell(registration, report);
    tellGate(registration.run.gate, event);
    if (event.name === 'PostToolBatch' && event.agentId === null) {
      const stopReason = observer.onToolBatch?.() ?? null;
      if (stopReason !== null) return { continue: false, stopReason };
    }
    if (event.name === 'PermissionRequest') return desk?.hold(event, goneOf(response)) ?? {};
    if (event.name === 'PreToolUse') {
      const refusal = await this.#passGate(registration, event, response);
      return refusal === null ? answerTool(registration.run, event) : toolDecision('deny', refusal);
    }
    if (event.name === 'PostToolUse' || event.name === 'PostToolUseFailure') observer.onToolDone?.();
    if (event.name === 'PostToolUse' && event.agentId === null) return answerToolUsed(observer);
    if (event.name === 'UserPromptSubmit' && event.agentId === null) observer.onPrompt?.();
    if (event.name === 'StopFailure' && event.agentId === null) {
      const { body } = event;
      observer.onApiError({
        error: textOf(body, 'error') || 'unknown',
        message: textOf(body, 'last_assistant_message'),
      });
    }
    if (event.name === 'UserPromptSubmit') await this.#holdForTools(registration, response);
    return {};
  }

  #tellTranscript({ run, transcripts }: Registration, { body, agentId }: HookEvent): void {
    const path = textOf(body, 'transcript_path');
    if (agentId !== null || path === '' || transcripts.has(path)) return;
    transcripts.add(path);
    run.observer.onTranscript?.({ path, conversationId: textOf(body, 'session_id') });
  }

  async #turnEnded(registration: Registration, event: HookEvent): Promise<Answer> {
    const { observer, gate } = registration.run;
    gate?.rest(null);
    const tasks = event.body['background_tasks'];
    const text = await observer.onTurnEnded({
      lastMessage: textOf(event.body, 'last_assistant_message'),
      stopHookActive: event.body['stop_hook_active'] === true,
      hasBackgroundTasks: Array.isArray(tasks) && tasks.length > 0,
    });
    const { state, report } = foldStop(registration.state, event, text !== null);
    registration.state = state;
    if (report !== null) tell(registration, report);
    return text === null ? {} : { hookSpecificOutput: { hookEventName: 'Stop', additionalContext: text } };
  }

  /** Why the call is not run, as far as the sync of the worktree is concerned; null when it may be. */
  async #passGate(registration: Registration, event: HookEvent, response: ServerResponse): Promise<string | null> {
    const { gate, observer } = registration.run;
    if (gate === undefined || gate.state.syncComplete) return null;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    let isHeld = false;
    const onHeld = (): void => {
      isHeld = true;
      registration.held += 1;
      observer.onState(GATED);
    };
    const { agentId, tool, input } = event;
    const id = textOf(event.body, 'tool_use_id');
    const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
    const refusal = await gate.enter({ id, agentId, tool, input }, { gone: signal, onHeld });
    if (isHeld) registration.held -= 1;
    const { last, questions } = registration.state;
    if (isHeld && registration.held === 0 && questions.size === 0 && (last === 'working' || last === 'starting'))
      observer.onState({ ...GATED, state: 'working', detail: '' });
    return refusal;
  }

  /** MCP servers connect after the first request of an agent: without this hold its first turn has none of our tools. */
  async #holdForTools(registration: Registration, response: ServerResponse): Promise<void> {
    const { mcpSettle = MCP_SETTLE, mcpPatience = MCP_PATIENCE } = this.#options;
    registration.mcp ??= settleWithin(
      registration.run.isMcpReady().then(() => pause(mcpSettle, this.#closing.signal)),
      mcpPatience,
      this.#closing.signal,
    );
    await Promise.race([registration.mcp, goneOf(response)]);
  }
}

/** Resolves when the agent waits for the answer no more, or has it. */
function goneOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('close', resolve));
}

/** While the gate holds a call, or a question is open, the run waits, whatever else of it goes on. */
function tell({ run, held }: Registration, report: StateReport): void {
  if (report.state === 'working' && run.desk?.open) return;
  run.observer.onState(held > 0 && report.state === 'working' ? GATED : report);
}

/** What an event says of calls that the gate has let through. */
function tellGate(gate: WorktreeGate | undefined, { name, agentId, body }: HookEvent): void {
  if (name === 'PostToolUse' || name === 'PostToolUseFailure')
    gate?.leave(textOf(body, 'tool_use_id'), body['tool_response'] ?? body['error']);
  if (name === 'PostToolBatch' || name === 'UserPromptSubmit' || name === 'SubagentStop') gate?.rest(agentId);
}

/** What a person wants the agent to know, beside the tool's result. */
async function answerToolUsed(observer: RunObserver): Promise<Answer> {
  const said = (await observer.onToolUsed?.()) ?? null;
  if (said === null) return {};
  return {
    systemMessage: said.notice,
    hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext: said.text },
  };
}
