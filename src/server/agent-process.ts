// Owns one agent process in a pane: its files, its hooks, the states that it reports, and its end with all that it left behind.
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { adapterFor } from '../agent/adapters.ts';
import type { AgentAdapter, RunObserver, RunSpec, StateReport } from '../agent/agent.ts';
import { endAgent } from '../agent/ending.ts';
import type { HookServer } from '../agent/hook-server.ts';
import { InterruptWatch } from '../agent/interrupt-watch.ts';
import { endTagged } from '../agent/leftovers.ts';
import type { PolicyContext } from '../agent/policy.ts';
import { houseRules } from '../agent/prompts.ts';
import { foldReport, type KnownState, startingState } from '../agent/run-state.ts';
import { initialTitleState, stepTitle, type TitleInput, type TitleState } from '../agent/title-state.ts';
import type { WorktreeGate } from '../agent/worktree-gate.ts';
import type { Answer } from '../domain/question.ts';
import type { Task } from '../domain/task.ts';
import type { AgentKind, AgentState } from '../domain/worker.ts';
import type { Pane } from '../terminal/pane.ts';
import { authorOf } from './author.ts';
import type { Core } from './core.ts';
import { connectGuidance, hearsPrompt, type RunGuidance } from './run-guidance.ts';
import { RunQuestions } from './run-questions.ts';
import { UsageMeter } from './usage-meter.ts';

export interface AgentParts {
  readonly core: Core;
  readonly pane: Pane;
  readonly hooks: HookServer;
  /** The command lines of this very program, for the agent's MCP server and for the rehearsal agent. */
  readonly commands: { readonly mcp: readonly string[]; readonly rehearsal: readonly string[] };
  /** Value of DROVER_SESSION in every process of this session. */
  readonly sessionTag: string;
  /** An agent has said where the transcript of a conversation (by Drover's id of it) lies. */
  readonly onTranscript: (conversationId: string, path: string) => void;
  /** The agent of a task has used a tool: the files of its worktree may be others. */
  readonly onToolDone: (taskId: string) => void;
}

export interface ProcessOrder {
  readonly runId: string;
  readonly task: Task;
  readonly agent: AgentKind;
  readonly worktree: string;
  readonly conversationId: string;
  readonly isResume: boolean;
  readonly prompt: string;
  /** The branch that the work lands on, for the agent's rules. */
  readonly baseBranch: string;
  /** Holds its tools until its worktree is synced; null when there is nothing to wait for. */
  readonly gate: WorktreeGate | null;
  readonly observer: Pick<RunObserver, 'onTurnEnded' | 'onApiError' | 'onToolBatch'>;
  /** It is in another state than before. */
  readonly onChange: (state: AgentState) => void;
}

export interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** ms between SIGTERM and SIGKILL for what an agent left behind. */
export const LEFTOVER_GRACE = 2_000;

const QUIET: ReadonlySet<AgentState> = new Set(['turn-ended', 'needs-input', 'api-error', 'interrupted', 'exited']);

export class AgentProcess {
  readonly runId: string;
  readonly token = randomBytes(32).toString('base64url');
  readonly adapter: AgentAdapter;
  readonly #parts: AgentParts;
  readonly #order: ProcessOrder;
  #exited: Promise<Exit> = Promise.resolve({ exitCode: null, signal: null });
  #hasExited = false;
  #known: KnownState = startingState(Date.now());
  #title: TitleState = initialTitleState(Date.now());
  #titleTimer: NodeJS.Timeout | null = null;
  #stopTitles: () => void = () => {};
  /** A dialog that is answered with No calls no hook and leaves the title as it was: only the transcript tells. */
  readonly #interrupts = new InterruptWatch(() =>
    this.report({ state: 'interrupted', source: 'transcript', detail: 'a person interrupted it' }),
  );
  readonly #guidance: RunGuidance;
  readonly #policy: PolicyContext;
  readonly #questions: RunQuestions;
  readonly #usage: UsageMeter;
  /** It opens nothing but the count of what this run uses. */
  readonly #usageToken = randomBytes(32).toString('base64url');
  #stopMeter: () => void = () => {};
  #mcpReady: () => void = () => {};
  readonly #isMcpReady = new Promise<void>((resolve) => {
    this.#mcpReady = resolve;
  });

  /** A process that is not started yet; its token is known from here on. */
  constructor(parts: AgentParts, order: ProcessOrder) {
    this.#parts = parts;
    this.#order = order;
    this.runId = order.runId;
    this.adapter = adapterFor(order.agent);
    const { core, pane } = parts;
    const { hasHooks } = this.adapter;
    this.#usage = new UsageMeter({
      isResume: order.isResume,
      tell: (usage) => core.intend({ type: 'run.use', runId: order.runId, usage }, 'drover'),
      onFault: (error) => core.log.error(`usage of ${order.task.id}`, error),
    });
    this.#guidance = connectGuidance({ core, pane, taskId: order.task.id, runId: order.runId, hasHooks });
    const { runId, task, worktree } = order;
    const isReadOnly = task.type === 'research';
    this.#policy = { worktree, extraWritable: [], policy: core.config.policy, isReadOnly };
    const report = (told: StateReport): void => this.report(told);
    this.#questions = new RunQuestions({ core, runId, policy: this.#policy, report });
  }

  /** Answers a question of its agent. Refuses when somebody was first. */
  answer(questionId: string, answer: Answer, by: string): Promise<void> {
    return this.#questions.answer(questionId, answer, by);
  }

  get exited(): Promise<Exit> {
    return this.#exited;
  }

  get state(): AgentState {
    return this.#known.state;
  }

  /** True when it waits for words at its prompt; a dialog would take them for an answer. */
  get isIdle(): boolean {
    const { state, source } = this.#known;
    return state === 'turn-ended' || (state === 'needs-input' && source === 'drover');
  }

  /** What a person wants the agent to know, or what the sync has changed, for a turn that would end; null when nothing waits. */
  async guidanceAtTurnEnd(): Promise<string | null> {
    return (await this.#takeGuidance('turn-end'))?.text ?? null;
  }

  async #takeGuidance(via: 'tool' | 'turn-end'): Promise<{ text: string; notice: string } | null> {
    const news = this.#order.gate?.takeNews() ?? null;
    const guidance = await this.#guidance.delivery.take(via);
    if (news === null) return guidance;
    const notice = 'files that it has seen were changed by the sync';
    if (guidance === null) return { text: news, notice };
    return { text: `${news}\n\n${guidance.text}`, notice: `${notice} · ${guidance.notice}` };
  }

  /** True when nothing of its turn runs: it waits for words, for an answer, or for its API. */
  get isQuiet(): boolean {
    return QUIET.has(this.#known.state);
  }

  /** Stops its turn as a person does, with Escape; a tool that runs is ended. Not while a dialog is open, which would take it for an answer. */
  interrupt(): void {
    if (!this.#hasExited && this.adapter.hasHooks && !this.isQuiet) this.#parts.pane.input('\x1b');
  }

  /** The agent's MCP server has told its tools. */
  mcpReady(): void {
    this.#mcpReady();
  }

  /** Types a message into the agent and submits it; only when it waits for one. */
  say(text: string): void {
    if (!this.#hasExited) this.#parts.core.background(`words to ${this.#order.task.id}`, this.#parts.pane.submit(text));
  }

  /** Takes a report for what its source is worth, and commits the state when it is another one. */
  report(report: StateReport): void {
    if (this.#hasExited) return;
    const now = Date.now();
    const known = foldReport(this.#known, report, now);
    if (known === this.#known) return;
    this.#known = known;
    const { state, source, detail } = known;
    this.#guidance.delivery.changed(state, source);
    const { core } = this.#parts;
    core.background(
      `state of ${this.#order.task.id}`,
      core.intend({ type: 'run.report-state', runId: this.runId, state, source, detail }, 'drover'),
    );
    if (state === 'interrupted') this.#questions.desk.settleAll();
    this.#usage.look();
    this.#interrupts.setWatching(state === 'needs-input');
    if (report.source !== 'title') this.#watchTitle({ type: 'state', state, at: now });
    this.#order.onChange(state);
  }

  /** The title's glyph is the only sign of an interrupt; it counts when it has stood still for a while. */
  #watchTitle(input: TitleInput): void {
    if (this.#titleTimer) clearTimeout(this.#titleTimer);
    const { state, report, wakeAt } = stepTitle(this.#title, input);
    this.#title = state;
    this.#titleTimer =
      wakeAt === null
        ? null
        : setTimeout(() => this.#watchTitle({ type: 'tick', at: Date.now() }), wakeAt - Date.now());
    if (report !== null) this.report(report);
  }

  /** Ends the process politely, then by force, and every process that it left behind; then the run is over in the state too. */
  async end(reason: string): Promise<Exit> {
    const { pane, core } = this.#parts;
    if (!this.#hasExited) {
      // What the agent still says on its way out is nobody's concern, and must not be answered.
      this.#parts.hooks.unregister(this.token);
      const endable = {
        write: (bytes: string) => void pane.input(bytes),
        signal: (signal: 'SIGTERM') => pane.kill(signal),
        killGroup: () => pane.kill('SIGKILL'),
        exited: this.#exited,
      };
      // A dialog swallows the keys.
      const takesKeys = this.adapter.hasHooks && (this.isIdle || this.#known.state !== 'needs-input');
      await endAgent(endable, takesKeys ? 'keys' : 'term');
    }
    const exit = await this.#exited;
    this.#questions.desk.settleAll();
    await this.#guidance.stop();
    this.#stopMeter();
    await this.#usage.stop();
    this.#interrupts.stop();
    this.#stopTitles();
    if (this.#titleTimer) clearTimeout(this.#titleTimer);
    this.#parts.hooks.unregister(this.token);
    const { ended, left } = await endTagged({ name: 'DROVER_RUN', value: this.runId }, { graceMs: LEFTOVER_GRACE });
    if (ended > 0) core.log.info(`${this.#order.task.id}: ended ${ended} processes that its agent left behind`);
    if (left.length > 0) core.log.info(`${this.#order.task.id}: cannot end the processes ${left.join(' ')}`);
    await rm(this.#folder, { recursive: true, force: true });
    await core.intend({ type: 'run.end', runId: this.runId, ...exit, reason }, 'drover');
    return exit;
  }

  get #folder(): string {
    return join(this.#parts.core.paths.dataHome, 'runs', this.runId);
  }

  /** Prepares the run's files and starts the process. Throws a RefusalError when the agent cannot be started. */
  async start(): Promise<void> {
    const { core, pane, hooks } = this.#parts;
    const { task, worktree } = this.#order;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const launch = await this.adapter.prepare(await this.#spec());
    if (this.adapter.hasHooks) {
      this.#stopMeter = hooks.meter(this.#usageToken, (usage) => this.#usage.add(usage));
      hooks.register({
        token: this.token,
        runId: this.runId,
        observer: {
          ...this.#order.observer,
          onState: (report) => this.report(report),
          onToolUsed: () => {
            this.#usage.look();
            return this.#takeGuidance('tool');
          },
          onToolDone: () => this.#parts.onToolDone(task.id),
          onPrompt: () => this.#guidance.delivery.prompted(),
          onTranscript: ({ path }) => {
            this.#interrupts.follow(path);
            this.#guidance.follow(path);
            this.#usage.follow(path);
            this.#parts.onTranscript(this.#order.conversationId, path);
          },
        },
        policy: this.#policy,
        desk: this.#questions.desk,
        isMcpReady: () => this.#isMcpReady,
        ...(this.#order.gate === null ? {} : { gate: this.#order.gate }),
      });
    }
    const program = pane.run(launch, { runId: this.runId, taskId: task.id });
    this.#stopTitles = pane.onTitle((title) => this.#watchTitle({ type: 'title', title, at: Date.now() }));
    this.#exited = program.exited.then((exit) => {
      this.#hasExited = true;
      this.#mcpReady();
      return exit;
    });
    core.log.info(`${task.id}: ${this.#order.agent} started as process ${program.pid} in ${worktree}`);
    await core.intend({ type: 'run.start', runId: this.runId, pid: program.pid }, 'drover');
    // Nobody else tells the state of a program without hooks: it works until it exits.
    if (!this.adapter.hasHooks) this.report({ state: 'working', source: 'drover', detail: '' });
    if (launch.asksFirst !== undefined)
      this.report({ state: 'needs-input', source: 'drover', detail: launch.asksFirst });
  }

  /** What waits to be said goes with the first words. */
  async #promptWithGuidance(): Promise<string> {
    const { prompt } = this.#order;
    if (!hearsPrompt(this.adapter.hasHooks, this.#parts.core.config)) return prompt;
    const guidance = await this.#guidance.delivery.take('prompt');
    return guidance === null ? prompt : `${prompt}\n\n${guidance.text}`;
  }

  async #spec(): Promise<RunSpec> {
    const { core, hooks, commands, sessionTag } = this.#parts;
    const { task, worktree, conversationId, isResume } = this.#order;
    const prompt = await this.#promptWithGuidance();
    return {
      runId: this.runId,
      task,
      worktree,
      root: core.paths.root,
      conversationId,
      isResume,
      prompt,
      rules: houseRules({ task, worktree, baseBranch: this.#order.baseBranch }),
      folder: this.#folder,
      hookUrl: hooks.url,
      token: this.token,
      telemetry:
        core.config.claude.telemetry === 'auto' && this.adapter.hasHooks
          ? { endpoint: hooks.endpoint, token: this.#usageToken }
          : null,
      socket: core.paths.socket,
      sessionTag,
      operator: authorOf(task.createdBy),
      config: core.config,
      mcpCommand: commands.mcp,
      rehearsalCommand: commands.rehearsal,
    };
  }
}
