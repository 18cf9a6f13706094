// Owns a conversation as it runs: turns, what is typed meanwhile, the script's position, and the end.
import { blank, line, WARM } from './block.ts';
import type { Conversation, Plan, Position, Remembered } from './conversation.ts';
import type { Flags } from './flags.ts';
import type { Hooks } from './hooks.ts';
import { showHeader, spoken } from './opening.ts';
import { Interrupted } from './pace.ts';
import { makePlan, scriptOfPlan, stepsOfReturn } from './plan.ts';
import { type After, Player, type PlayerParts } from './player.ts';
import type { Script, Step } from './script.ts';
import { hanging } from './tools.ts';
import { answerTo, type Meaning, readMeaning } from './words.ts';

export interface SessionParts extends Omit<PlayerParts, 'say' | 'passStep'> {
  readonly flags: Flags;
  readonly hooks: Hooks;
  readonly conversation: Conversation;
}

/** Times that a hook may continue an ended turn; Claude Code stops after as many. */
const MOST_CONTINUATIONS = 8;

/** Why a turn is over. */
type TurnEnd = 'ended' | 'paused' | 'api-error';

export class Session {
  readonly #parts: SessionParts;
  readonly #player: Player;
  readonly #inbox: string[] = [];
  #wake: () => void = () => {};
  #turn: AbortController | null = null;
  #isLeaving = false;
  /** A step is being played: it is what an interrupt stops. */
  #isPlaying = false;
  #plan: Plan | null;
  #script: Script | null = null;
  #position: Position;
  #lastWords = '';

  constructor(parts: SessionParts, remembered: Remembered) {
    this.#parts = parts;
    this.#plan = remembered.plan;
    this.#position = remembered.position;
    this.#player = new Player({
      ...parts,
      say: (text, signal) => this.#say(text, signal),
      passStep: () => this.#moveTo({ index: this.#position.index + 1 }),
    });
    if (this.#plan !== null) this.#follow(this.#plan);
    showHeader(parts.face, parts.flags, remembered);
  }

  /** Words that were typed. While it works they wait for the next step. */
  submit(text: string): void {
    if (readMeaning(text).kind === 'leave') {
      this.leave();
      return;
    }
    this.#inbox.push(text);
    if (this.#turn !== null) this.#parts.face.queued(this.#inbox);
    this.#wake();
  }

  /** Stops the turn; what was typed meanwhile comes next. */
  interrupt(): void {
    this.#turn?.abort();
  }

  /** Ends the conversation; the step that is being played is played again when it is resumed. */
  leave(): void {
    this.#isLeaving = true;
    this.#turn?.abort();
    this.#wake();
  }

  /** Takes turns until it is told to leave. */
  async run(): Promise<void> {
    const { prompt } = this.#parts.flags;
    if (prompt !== '') this.#inbox.push(prompt);
    while (!this.#isLeaving) {
      const text = this.#inbox.shift();
      if (text === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else {
        await this.#takeTurn(text);
      }
    }
  }

  async #takeTurn(text: string): Promise<void> {
    const { face, conversation } = this.#parts;
    const turn = new AbortController();
    this.#turn = turn;
    face.queued(this.#inbox);
    face.busy('Rehearsing');
    try {
      await this.#hear(text, turn.signal);
      await this.#workToTheEnd(turn.signal);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (!this.#isLeaving) {
        this.#skipInterrupted();
        conversation.interrupted('turn');
        if (this.#inbox.length === 0) face.print(hanging('Interrupted · What should I do instead?', WARM), blank);
      }
    } finally {
      this.#turn = null;
      this.#isPlaying = false;
      face.busy(null);
    }
  }

  /** Plays on as long as there are steps, typed words, or a hook that wants more. */
  async #workToTheEnd(signal: AbortSignal): Promise<void> {
    const { face, hooks } = this.#parts;
    for (let continued = 0; continued <= MOST_CONTINUATIONS; ) {
      const end = await this.#play(signal);
      if (end !== 'ended') return;
      const typed = this.#inbox.shift();
      if (typed !== undefined) {
        face.queued(this.#inbox);
        await this.#hear(typed, signal);
        continue;
      }
      const fields = {
        stop_hook_active: continued > 0,
        last_assistant_message: this.#lastWords,
        background_tasks: [],
        session_crons: [],
      };
      const { context } = await hooks.call('Stop', fields, signal);
      if (signal.aborted) throw new Interrupted();
      if (context === '') return;
      continued += 1;
      face.print(hanging(`Stop hook feedback: ${context.split('\n')[0] ?? ''}`), blank);
      this.#parts.conversation.hookContext('Stop', '', context);
      await this.#respond(readMeaning(context), signal);
    }
  }

  /** A prompt: shown, written down, told to the hook, answered. */
  async #hear(text: string, signal: AbortSignal): Promise<void> {
    const { face, conversation, hooks } = this.#parts;
    face.print(...spoken(text));
    conversation.user(text);
    await hooks.call('UserPromptSubmit', { prompt: text }, signal);
    if (signal.aborted) throw new Interrupted();
    if (this.#plan === null) return this.#begin(text, signal);
    await this.#respond(readMeaning(text), signal);
  }

  /** The first prompt: what is the task, and what does its script say? */
  async #begin(prompt: string, signal: AbortSignal): Promise<void> {
    const { mcp, flags, conversation } = this.#parts;
    const hasTask = (await mcp.serverOf('get_task')) !== null;
    const task = hasTask ? await this.#player.mcpTool('get_task', {}, signal) : null;
    this.#plan = makePlan({ prompt, task: task === null || task.isError ? null : task.text, name: flags.name });
    conversation.plan(this.#plan);
    this.#follow(this.#plan);
  }

  #follow(plan: Plan): void {
    this.#script = scriptOfPlan(plan);
    this.#parts.pace.scale(this.#script.speed);
  }

  async #respond(meaning: Meaning, signal: AbortSignal): Promise<void> {
    switch (meaning.kind) {
      case 'returned':
        return this.#giveBack(meaning.base, meaning.isConflict, signal);
      case 'nudge':
        // With no step left, completing is all that can be meant.
        if (this.#stepsLeft() > 0 || this.#position.isComplete) return;
        return this.#complete(signal);
      case 'go-on':
        return;
      case 'leave':
        return this.leave();
      case 'words':
        return this.#say(answerTo(meaning.text, this.#stepsLeft()), signal);
    }
  }

  async #complete(signal: AbortSignal): Promise<void> {
    const summary = 'The rehearsal played all steps of its script.';
    const { after, position } = await this.#player.play({ kind: 'complete', verdict: 'pass', summary }, signal);
    this.#moveTo(position);
    if (after.kind === 'returned') await this.#giveBack(after.base, after.isConflict, signal);
  }

  async #giveBack(base: string, isConflict: boolean, signal: AbortSignal): Promise<void> {
    this.#moveTo({ list: 'returned', index: 0, base, isComplete: false });
    const what = isConflict
      ? `My branch conflicts with ${base}, which moved on while I worked. I merge it and keep both sides.`
      : `The tests fail on the merged result. I merge ${base} and try again.`;
    await this.#say(what, signal);
  }

  /** Plays steps until something ends the turn. */
  async #play(signal: AbortSignal): Promise<TurnEnd> {
    for (let step = this.#step(); step !== undefined; step = this.#step()) {
      await this.#takeTyped(signal);
      if (signal.aborted) throw new Interrupted();
      this.#isPlaying = true;
      const after = await this.#playStep(step, signal);
      this.#isPlaying = false;
      if (after.kind === 'returned') await this.#giveBack(after.base, after.isConflict, signal);
      if (after.kind === 'end-turn' || after.kind === 'stay') return 'ended';
      if (after.kind === 'paused') return 'paused';
      if (after.kind === 'api-error') return this.#failTurn(after.error, after.message);
    }
    return 'ended';
  }

  async #playStep(step: Step | 'merge', signal: AbortSignal): Promise<After> {
    this.#parts.face.busy('Rehearsing');
    const { index } = this.#position;
    if (step === 'merge') {
      const after = await this.#player.mergeBase(this.#position.base, this.#script?.steps ?? [], signal);
      this.#moveTo({ index: index + 1 });
      return after;
    }
    if (step.attempt !== null && step.attempt !== this.#plan?.attempt) {
      this.#moveTo({ index: index + 1 });
      return { kind: 'on' };
    }
    const { after, position } = await this.#player.play(withAnswer(step, this.#position.answer), signal);
    if (after.kind !== 'stay') this.#moveTo({ ...position, index: index + 1 });
    return after;
  }

  async #failTurn(error: string, message: string): Promise<TurnEnd> {
    const { face, conversation, hooks } = this.#parts;
    face.print({ ...line(`API Error: ${error}: ${message}`, WARM), prefix: '● ', prefixStyle: WARM }, blank);
    conversation.apiError(error, message);
    await hooks.call('StopFailure', { error, last_assistant_message: message });
    return 'api-error';
  }

  /** Words that were typed while it worked are answered between two steps. */
  async #takeTyped(signal: AbortSignal): Promise<void> {
    const { face, conversation } = this.#parts;
    for (let text = this.#inbox.shift(); text !== undefined; text = this.#inbox.shift()) {
      face.queued(this.#inbox);
      face.print(...spoken(text));
      conversation.queued(text);
      await this.#respond(readMeaning(text), signal);
    }
  }

  async #say(text: string, signal: AbortSignal): Promise<void> {
    this.#lastWords = text;
    this.#parts.conversation.assistant(text);
    await this.#parts.face.say(text, signal);
  }

  #list(): readonly (Step | 'merge')[] {
    if (this.#script === null) return [];
    return this.#position.list === 'steps' ? this.#script.steps : stepsOfReturn(this.#script);
  }

  #step(): Step | 'merge' | undefined {
    return this.#list()[this.#position.index];
  }

  #stepsLeft(): number {
    return Math.max(0, this.#list().length - this.#position.index);
  }

  /** What a person stopped is not begun again, but a task is not completed by being stopped. */
  #skipInterrupted(): void {
    const step = this.#step();
    if (this.#isPlaying && step !== undefined && step !== 'merge' && step.kind !== 'complete') {
      this.#moveTo({ index: this.#position.index + 1 });
    }
  }

  #moveTo(change: Partial<Position>): void {
    this.#position = { ...this.#position, ...change };
    this.#parts.conversation.position(this.#position);
  }
}

/** Puts the person's last choice into the texts of a step. */
function withAnswer(step: Step, answer: string): Step {
  return JSON.parse(JSON.stringify(step), (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('{{answer}}', answer) : value,
  );
}
