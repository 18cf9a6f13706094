// Owns one attempt of a task on one worker: its agent processes one after another, nudges, time limits, landing, and the freed worker at the end.
import { randomUUID } from 'node:crypto';
import { adapterFor } from '../agent/adapters.ts';
import type { TurnEnd } from '../agent/agent.ts';
import { continuePrompt, notYetHandedIn, nudge, returnedPrompt, syncRefusal } from '../agent/prompts.ts';
import { hasConversation } from '../agent/transcript.ts';
import { queuedGuidance } from '../domain/guidance.ts';
import type { Answer } from '../domain/question.ts';
import { RefusalError, refuse } from '../domain/refusal.ts';
import { type BlockedReason, isActive, type Task, type Verdict } from '../domain/task.ts';
import type { AgentKind, AgentState } from '../domain/worker.ts';
import { type AgentParts, AgentProcess, type Exit } from './agent-process.ts';
import { ApiErrors } from './api-errors.ts';
import type { LandingLane, LandingResult } from './landing-lane.ts';
import { SafePoint } from './safe-point.ts';
import type { RunSync } from './worktree-sync.ts';

export interface Claim {
  readonly taskId: string;
  readonly runId: string;
  readonly worker: number;
  readonly worktree: string;
  readonly conversationId: string;
  readonly agent: AgentKind;
  /** The branch that it lands on. */
  readonly baseBranch: string;
  /** Gives its branch the task's name; rejects when it could not get it. Called again, it gives the first call's answer. */
  readonly name: () => Promise<void>;
  /** Brings its worktree to the newest base; null when there is nothing to wait for. */
  readonly sync: RunSync | null;
}

/** Why the work is over. */
type Ending =
  | { readonly kind: 'landed' | 'blocked' | 'cancelled' | 'stopped' | 'settled' | 'paused' }
  | { readonly kind: 'failed'; readonly error: string };

/** ms that an agent has for its last words after its task is over. */
const FAREWELL = 10_000;
/** ms: how often the time limit looks whether the agent's time runs; a wait is measured to so much. */
const LIMIT_STEP = 60_000;
const WAITING: ReadonlySet<AgentState> = new Set(['gated', 'needs-input', 'api-error', 'interrupted', 'paused']);
/** Characters of an agent's last message in the state that goes to every client; the whole of it is in the pane. */
const MOST_DETAIL = 500;

export class TaskRun {
  readonly #parts: AgentParts & { readonly lane: LandingLane };
  readonly #claim: Claim;
  readonly #abort = new AbortController();
  #agent: AgentProcess | null = null;
  /** The newest; one for each process. */
  #runId: string;
  #landing: Promise<LandingResult> | null = null;
  /** Why it is over; null while it isn't. The first reason counts. */
  #ending: Ending | null = null;
  #resolve: (ending: Ending) => void = () => {};
  readonly #settled = new Promise<Ending>((resolve) => {
    this.#resolve = resolve;
  });
  #isNudged = false;
  #isGuided = false;
  /** Said to the agent at the end of its turn, because it was not there to hear it as the answer of its tool. */
  #undelivered: string | null = null;
  /** What the end of this turn settles. */
  #atTurnEnd: Ending | null = null;
  readonly #apiErrors: ApiErrors;
  readonly #safePoint: SafePoint;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(parts: AgentParts & { readonly lane: LandingLane }, claim: Claim) {
    this.#parts = parts;
    this.#claim = claim;
    this.#runId = claim.runId;
    this.#apiErrors = new ApiErrors(parts.core.config.apiRetry);
    this.#safePoint = new SafePoint({
      grace: parts.core.config.pauseGrace,
      isQuiet: () => this.#agent?.isQuiet ?? true,
      isBusyElsewhere: () => this.#landing !== null || this.#atTurnEnd !== null || this.#undelivered !== null,
      interrupt: () => this.#agent?.interrupt(),
      settle: () => this.#settle({ kind: 'paused' }),
    });
  }

  get taskId(): string {
    return this.#claim.taskId;
  }

  get worktree(): string {
    return this.#claim.worktree;
  }

  /** A call of its agent is held, for the reason that its pane says. */
  hold(detail: string): void {
    this.#agent?.report({ state: 'gated', source: 'hook', detail });
  }

  /** A person answers what its agent asks. Refuses when somebody was first. */
  async answer(questionId: string, answer: Answer, by: string): Promise<void> {
    await this.#agent?.answer(questionId, answer, by);
  }

  /** The held call is answered. */
  goOn(): void {
    if (this.#agent?.state === 'gated') this.#agent.report({ state: 'working', source: 'hook', detail: '' });
  }

  /** Its sub-tasks take its place: the agent hears so as the answer of its tool, and is ended at the end of its turn. */
  divided(): void {
    this.#settleAtTurnEnd({ kind: 'settled' });
  }

  /** True when the token opens this run. */
  holds(token: string): boolean {
    return this.#agent?.token === token;
  }

  mcpReady(): void {
    this.#agent?.mcpReady();
  }

  /** The task as it is now. */
  get task(): Task {
    const task = this.#parts.core.state.tasks.get(this.taskId);
    if (!task) throw new Error(`the task ${this.taskId} is gone`);
    return task;
  }

  /** Works until the attempt is over, and gives the reason. The worktree is the caller's to release. */
  async work(prompt: string, isResume: boolean): Promise<Ending> {
    this.#startLimit();
    try {
      // A server that died between submission and landing: nothing is left for the agent to do.
      if (this.task.landing !== null && this.task.landing !== 'returned') {
        const landed = await Promise.race([this.#settled.then(() => null), this.#land()]);
        if (landed === null) return await this.#settled;
        if (landed.kind !== 'returned') return this.#ending ?? endingOf(landed);
        return await this.#processes(this.#returned(landed.reason), true);
      }
      return await this.#processes(prompt, isResume);
    } catch (error) {
      if (error instanceof RefusalError) return { kind: 'failed', error: error.message };
      throw error;
    } finally {
      for (const timer of this.#timers) clearTimeout(timer);
      this.#safePoint.close();
    }
  }

  /** Ends what is left of the agent after `work`, and the run in the state, also one whose process was never started. */
  async end(reason: string): Promise<void> {
    await this.#agent?.end(reason);
    await this.#parts.core.intend(
      { type: 'run.end', runId: this.#runId, exitCode: null, signal: null, reason },
      'drover',
    );
  }

  /** The agent's own word that it is done. Resolves when the branch has landed or was given back, with what to tell the agent. Refuses a pass from a worktree whose sync has failed. */
  async complete(verdict: Verdict, summary: string): Promise<{ accepted: boolean; message: string }> {
    if (this.#landing)
      return { accepted: true, message: 'The task was submitted already; it is on its way into the base branch.' };
    // A process that is being ended may still call; what it hands in now would land beside the next attempt.
    if (this.#ending !== null) refuse('not-running', `this attempt of ${this.taskId} is over`);
    // It follows at once, at the boundary behind this very tool.
    if (queuedGuidance(this.#parts.core.state, this.taskId).length > 0)
      return { accepted: false, message: notYetHandedIn() };
    // It could write nothing here: what it calls done would be nothing, and what waits for it would begin.
    const problem = this.#claim.sync?.gate.state.syncError ?? null;
    const isDone = verdict === 'pass' || verdict === 'unknown';
    if (problem !== null && isDone && this.task.type !== 'research')
      refuse('not-allowed', syncRefusal(problem, 'Not handed in'));
    const result = await this.#submit(verdict, summary);
    if (result.kind === 'landed') return { accepted: true, message: landedWords(result) };
    if (result.kind === 'returned') return { accepted: false, message: this.#returned(result.reason) };
    if (result.kind === 'blocked')
      return { accepted: true, message: `The task waits for a person: ${result.reason.message}` };
    return { accepted: true, message: 'The task is over.' };
  }

  /** The caller of `complete` went away before its answer: what it should have heard is said at the end of the turn. */
  undelivered(message: string): void {
    this.#undelivered = message;
    if (this.#agent?.isIdle) {
      this.#agent.say(message);
      this.#undelivered = null;
    }
  }

  /** The task was cancelled: the agent is ended. */
  cancel(): void {
    this.#abort.abort();
    this.#settle({ kind: 'cancelled' });
  }

  /** The task is to be paused: the agent is ended at its next safe point, after the grace time, or now. */
  pause(isNow: boolean): void {
    this.#safePoint.ask(isNow);
  }

  /** The pause is not wanted any more. */
  callOffPause(): void {
    this.#safePoint.callOff();
  }

  /** The server stops: the agent is ended, the task stays with its conversation for the next start. */
  stop(): void {
    this.#abort.abort();
    this.#settle({ kind: 'stopped' });
  }

  async #processes(firstPrompt: string, firstIsResume: boolean): Promise<Ending> {
    let prompt = firstPrompt;
    let isResume = firstIsResume;
    for (;;) {
      if (!adapterFor(this.#claim.agent).hasHooks) await this.#awaitSync();
      // It may look at its branch in its first moment.
      await this.#claim.name().catch((error: unknown) => this.#settle({ kind: 'failed', error: String(error) }));
      if (this.#ending !== null) return this.#ending;
      const agent = await this.#spawn(prompt, isResume);
      const ending = await Promise.race([this.#settled, agent.exited.then((exit) => this.#afterExit(agent, exit))]);
      if (ending.kind !== 'again') return ending;
      await agent.end('it goes on in a new process');
      prompt = ending.prompt;
      isResume = true;
      const runId = randomUUID();
      const { core } = this.#parts;
      const reason = ending.reason;
      await core.intend(
        { type: 'run.resume', taskId: this.taskId, runId, worker: this.#claim.worker, reason },
        'drover',
      );
      this.#runId = runId;
    }
  }

  /** An agent that calls no hooks cannot be held, so it starts when its worktree is ready. Refuses when that failed. */
  async #awaitSync(): Promise<void> {
    const { sync } = this.#claim;
    if (sync === null || sync.gate.state.syncComplete) return;
    const { core } = this.#parts;
    const gated = { state: 'gated', source: 'drover', detail: 'sync' } as const;
    await core.intend({ type: 'run.report-state', runId: this.#runId, ...gated }, 'drover');
    const problem = await Promise.race([sync.settled(), this.#settled.then(() => null)]);
    if (problem !== null) refuse('not-allowed', `its worktree could not be synced: ${problem}`);
  }

  async #spawn(prompt: string, wantsResume: boolean): Promise<AgentProcess> {
    const { conversationId, worktree, agent, baseBranch } = this.#claim;
    const isResume =
      wantsResume && (agent !== 'claude' || (await hasConversation(conversationId, { worktree, env: process.env })));
    const agentProcess = new AgentProcess(this.#parts, {
      runId: this.#runId,
      task: this.task,
      agent,
      worktree,
      conversationId,
      isResume,
      prompt,
      baseBranch,
      gate: this.#claim.sync?.gate ?? null,
      observer: {
        onTurnEnded: (info) => this.#onTurnEnded(info),
        onApiError: (info) => this.#onApiError(info),
        onToolBatch: () => this.#onToolBatch(),
      },
      onChange: () => this.#safePoint.look(),
    });
    // Before it runs: its MCP server may call as soon as it does.
    this.#agent = agentProcess;
    await agentProcess.start();
    return agentProcess;
  }

  /** The process is gone by itself: is the task done, does it go on, or did the attempt fail? */
  async #afterExit(
    agent: AgentProcess,
    exit: Exit,
  ): Promise<Ending | { kind: 'again'; prompt: string; reason: string }> {
    // A program may answer SIGTERM with exit code 0: that is not its verdict.
    if (this.#ending !== null) return this.#ending;
    // It ended by itself instead of its turn.
    if (this.#atTurnEnd !== null) return this.#atTurnEnd;
    if (this.#landing === null && !agent.adapter.hasHooks && exit.exitCode === 0) {
      const result = await this.#submit('unknown', '');
      return this.#afterLanding(result);
    }
    if (this.#landing) return this.#afterLanding(await this.#landing);
    if (this.#undelivered !== null) {
      const prompt = this.#undelivered;
      this.#undelivered = null;
      return { kind: 'again', prompt, reason: 'the landing lane gave the task back' };
    }
    const how = exit.signal === null ? `exit code ${exit.exitCode}` : `signal ${exit.signal}`;
    return { kind: 'failed', error: `the agent ended (${how}) before it completed the task` };
  }

  #afterLanding(result: LandingResult): Ending | { kind: 'again'; prompt: string; reason: string } {
    if (result.kind !== 'returned') return this.#ending ?? endingOf(result);
    this.#undelivered = null;
    return { kind: 'again', prompt: this.#returned(result.reason), reason: result.reason.message };
  }

  /** From its first moment on the task counts as handed in, so that an agent that ends meanwhile has not failed. */
  #submit(verdict: Verdict, summary: string): Promise<LandingResult> {
    return this.#whileLanding(this.#handIn(verdict, summary));
  }

  async #whileLanding(work: Promise<LandingResult>): Promise<LandingResult> {
    this.#landing = work;
    try {
      return await work;
    } finally {
      this.#landing = null;
    }
  }

  async #handIn(verdict: Verdict, summary: string): Promise<LandingResult> {
    const { core } = this.#parts;
    await core.intend({ type: 'task.submit', taskId: this.taskId, verdict, summary }, `agent:${this.taskId}`);
    if (this.task.status !== 'in_progress') {
      // A verdict of fail or blocked: there is nothing to land, and the state says what follows.
      this.#settleAtTurnEnd({ kind: 'settled' });
      return { kind: 'aborted' };
    }
    if (this.task.type === 'research') return this.#completeResearch();
    return this.#enterLane();
  }

  /** Nothing of it lands: its result is what it recorded and what it says. */
  async #completeResearch(): Promise<LandingResult> {
    const { taskId } = this;
    const complete = { type: 'task.complete', taskId, commit: null, by: `agent:${taskId}`, checkout: '' } as const;
    await this.#parts.core.intend(complete, `agent:${taskId}`);
    this.#settleAtTurnEnd({ kind: 'settled' });
    return { kind: 'landed', commit: null, checkout: '' };
  }

  #land(): Promise<LandingResult> {
    return this.#whileLanding(this.#enterLane());
  }

  async #enterLane(): Promise<LandingResult> {
    await this.#claim.name();
    // Its files may be on their way; an agent that handed in by its tool was held before.
    await this.#claim.sync?.settled();
    const result = await this.#parts.lane.land(this.taskId, this.#claim.worktree, this.#abort.signal);
    if (result.kind === 'landed' || result.kind === 'blocked') this.#settleAtTurnEnd({ kind: result.kind });
    return result;
  }

  #settle(ending: Ending): void {
    this.#ending ??= ending;
    this.#resolve(this.#ending);
  }

  /** The agent hears the outcome as the answer of its tool and may end its turn; then its process is ended. */
  #settleAtTurnEnd(ending: Ending): void {
    this.#atTurnEnd = ending;
    this.#after(FAREWELL, () => this.#settle(ending));
  }

  async #onTurnEnded(info: TurnEnd): Promise<string | null> {
    this.#apiErrors.clear();
    if (this.#undelivered !== null) {
      const text = this.#undelivered;
      this.#undelivered = null;
      return text;
    }
    if (this.#atTurnEnd !== null) {
      const ending = this.#atTurnEnd;
      setImmediate(() => this.#settle(ending));
      return null;
    }
    // The end of a turn is a safe point: it is not made to go on, and guidance waits for the next one.
    if (this.#safePoint.isAsked && this.#landing === null) return null;
    const guidance = (await this.#agent?.guidanceAtTurnEnd()) ?? null;
    if (guidance !== null) {
      this.#isGuided = true;
      return guidance;
    }
    if (this.#landing || info.hasBackgroundTasks || !isActive(this.task.status)) return null;
    // A turn that guidance made go on has not been nudged by it.
    if (!this.#isNudged && (!info.stopHookActive || this.#isGuided)) {
      this.#isNudged = true;
      return nudge();
    }
    const detail = info.lastMessage.trim().slice(0, MOST_DETAIL) || 'its turn ended without complete_task';
    // After the hook's own report that the turn has ended.
    setImmediate(() => this.#agent?.report({ state: 'needs-input', source: 'drover', detail }));
    return null;
  }

  #onToolBatch(): string | null {
    if (!this.#safePoint.reach()) return null;
    const by = this.task.pause?.by ?? 'the operator';
    // After the hook's own report that the tools are through.
    setImmediate(() => this.#agent?.report({ state: 'paused', source: 'drover', detail: `paused by ${by}` }));
    return `Drover: paused by ${by}`;
  }

  #onApiError(info: { error: string; message: string }): void {
    const detail = `${info.error}: ${info.message}`;
    const pause = this.#apiErrors.pauseAfter(info);
    if (pause === null) {
      // Nothing may be typed into the login that the person opens.
      this.#agent?.report({ state: 'needs-input', source: 'drover', detail });
      return;
    }
    this.#agent?.report({ state: 'api-error', source: 'hook', detail });
    this.#after(pause, () => {
      if (this.#agent?.state === 'api-error') this.#agent.say(continuePrompt());
    });
  }

  /** Ends the attempt when it takes too long; the time in which it waits for a person, its API or the landing lane is not the agent's. */
  #startLimit(): void {
    const limit = this.#parts.core.config.taskTimeout;
    let left = limit;
    const step = (): void => {
      const ms = Math.min(left, LIMIT_STEP);
      this.#after(ms, () => {
        if (this.#landing === null && !WAITING.has(this.#agent?.state ?? 'starting')) left -= ms;
        if (left > 0) step();
        else this.#settle({ kind: 'failed', error: `the attempt took longer than ${Math.round(limit / 1000)} s` });
      });
    };
    step();
  }

  #returned(reason: BlockedReason): string {
    return returnedPrompt({ task: this.task, reason, baseBranch: this.#claim.baseBranch });
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

function landedWords({ commit, checkout }: Extract<LandingResult, { kind: 'landed' }>): string {
  const what =
    commit === null ? 'There was nothing to land; the task is completed.' : `It has landed as ${commit.slice(0, 10)}.`;
  return [what, checkout, 'You are done: end your turn.'].filter(Boolean).join(' ');
}

function endingOf(result: LandingResult): Ending {
  if (result.kind === 'landed' || result.kind === 'blocked') return { kind: result.kind };
  return { kind: 'settled' };
}
