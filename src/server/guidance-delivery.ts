// Owns the way of a person's guidance into one run: which boundary takes it, when it counts as arrived, and what comes back into the queue.
import { guidanceText } from '../agent/prompts.ts';
import type { GuidanceBoundary, GuidanceMessage } from '../domain/guidance.ts';
import type { Intent } from '../domain/intent.ts';
import { RefusalError } from '../domain/refusal.ts';
import type { AgentState, StateSource } from '../domain/worker.ts';
import { DraftWatch } from './draft-watch.ts';

export interface DeliveryParts {
  readonly runId: string;
  /** The messages of the task without a receipt, the oldest first. */
  readonly open: () => readonly GuidanceMessage[];
  /** False while nobody would act on it: the task is over, or its work is handed in. */
  readonly canHear: () => boolean;
  /** Decides and commits; rejects with a RefusalError. */
  readonly intend: (intent: Intent) => Promise<unknown>;
  /** The ids that the agent's transcript holds; null for an agent that keeps none, whose guidance is never acknowledged. */
  readonly receipts: { look(): Promise<ReadonlySet<string>> } | null;
  readonly terminal: {
    /** Pastes and presses Enter; `isMeant` is asked before each of the two. */
    submit(text: string, isMeant: () => boolean): Promise<boolean>;
    pressReturn(): void;
    readonly box: () => 'empty' | 'draft' | 'none';
  };
  readonly onFault: (error: unknown) => void;
}

/** Characters handed over at once: Claude Code gives an agent no more than 10,000 of a hook. */
const MOST_AT_ONCE = 9_500;
/** ms between two looks into the transcript, only while something waits for its receipt or for an idle prompt. */
const LOOK_EVERY = 500;
/** ms after the end of a turn in which the transcript may lag behind; what is not in it then did not arrive. */
const GRACE = 3_000;
/** ms after which Enter is pressed once more on words that an idle prompt has not taken, and after which they count as not arrived. */
const RETURN_AFTER = 2_000;
const GIVE_UP_AFTER = 30_000;

/** A message on its way: in which turn it was handed over, and when (ms). */
interface Shown {
  readonly turn: number;
  readonly at: number;
  isReturned: boolean;
}

export class GuidanceDelivery {
  readonly #parts: DeliveryParts;
  readonly #draft = new DraftWatch();
  readonly #shown = new Map<string, Shown>();
  /** Counts the ends of turns; what was handed over in an earlier one has arrived or never will. */
  #turn = 0;
  #turnEndedAt = 0;
  /** The agent waits for words at its prompt: after a turn that ended, or that a person interrupted. */
  #prompt: 'busy' | 'ended' | 'interrupted' = 'busy';
  /** Two hooks, or a hook and an idle prompt, must not hand over the same message. */
  #work: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #isEnded = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** What waits, for a boundary at which the caller hands it over; null when nothing does. */
  take(via: GuidanceBoundary): Promise<{ text: string; notice: string } | null> {
    return this.#serially(async () => {
      if (this.#isEnded) return null;
      await this.#settle();
      const messages = await this.#handOver(via);
      this.#schedule();
      return messages.length === 0 ? null : { text: guidanceText(messages), notice: noticeOf(messages) };
    });
  }

  /** A message was sent: an idle prompt takes it now. */
  offer(): void {
    void this.#serially(() => this.#step());
  }

  /** A person types into the agent's pane. */
  typed(bytes: Uint8Array | string): void {
    this.#draft.typed(bytes);
  }

  /** The agent has taken a prompt. */
  prompted(): void {
    this.#draft.submitted();
  }

  /** The run's state is another one. */
  changed(state: AgentState, source: StateSource): void {
    // Said of a turn that has ended, or of a dialog; neither is a new turn.
    if (state === 'needs-input' && source === 'drover') return;
    const isOver = state === 'turn-ended' || state === 'interrupted';
    this.#prompt = state === 'turn-ended' ? 'ended' : state === 'interrupted' ? 'interrupted' : 'busy';
    if (!isOver && state !== 'api-error') return;
    this.#turn += 1;
    this.#turnEndedAt = Date.now();
    this.offer();
  }

  /** The process is gone, and its transcript whole: what is not in it waits again. */
  end(): Promise<void> {
    return this.#serially(async () => {
      if (this.#isEnded) return;
      this.#isEnded = true;
      if (this.#timer) clearTimeout(this.#timer);
      await this.#settle();
    });
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(this.#parts.onFault);
    return done;
  }

  async #step(): Promise<void> {
    if (this.#isEnded) return;
    await this.#settle();
    if (this.#mayType()) await this.#type();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const isWaiting = this.#shown.size > 0 || (this.#prompt !== 'busy' && this.#queued().length > 0);
    if (!isWaiting || this.#isEnded || this.#parts.receipts === null) return;
    this.#timer = setTimeout(() => this.offer(), LOOK_EVERY);
  }

  #queued(): readonly GuidanceMessage[] {
    return this.#parts.open().filter(({ state }) => state === 'queued');
  }

  /** Acknowledges what the transcript holds, also what was given up too early, and queues again what did not arrive. */
  async #settle(): Promise<void> {
    const { receipts, runId } = this.#parts;
    if (receipts === null) return;
    const found = await receipts.look();
    for (const { id, shownAt, state, runId: run } of this.#parts.open()) {
      if (shownAt !== null && found.has(id)) {
        await this.#try({ type: 'guidance.acknowledge', guidanceId: id });
        this.#shown.delete(id);
        continue;
      }
      const reason = state === 'shown' && run === runId ? this.#whyLost(id) : null;
      if (reason === null) continue;
      await this.#try({ type: 'guidance.requeue', guidanceId: id, reason });
      this.#shown.delete(id);
    }
  }

  /** Why a message that has no receipt did not arrive; null while it still may. */
  #whyLost(id: string): string | null {
    const shown = this.#shown.get(id);
    if (this.#isEnded || !shown) return 'its agent ended before it arrived';
    const now = Date.now();
    if (this.#turn > shown.turn) return now - this.#turnEndedAt > GRACE ? 'the turn ended before it arrived' : null;
    if (this.#parts.open().find((message) => message.id === id)?.via !== 'idle' || this.#prompt === 'busy') return null;
    // As long as something stands in the box, it may be this.
    const isInBox = this.#parts.terminal.box() === 'draft';
    if (now - shown.at > GIVE_UP_AFTER && !isInBox) return 'its prompt did not take it';
    if (now - shown.at > RETURN_AFTER && !shown.isReturned && isInBox) {
      this.#pressNoMore();
      this.#parts.terminal.pressReturn();
    }
    return null;
  }

  /** Enter is not pressed again on what was typed. */
  #pressNoMore(): void {
    for (const shown of this.#shown.values()) shown.isReturned = true;
  }

  /** Shows what waits, as much as one boundary takes; what was retracted meanwhile is left out. */
  async #handOver(via: GuidanceBoundary): Promise<GuidanceMessage[]> {
    const taken: GuidanceMessage[] = [];
    let length = 0;
    for (const message of this.#parts.canHear() ? this.#queued() : []) {
      length += guidanceText([message]).length + 1;
      if (length > MOST_AT_ONCE && taken.length > 0) break;
      const { id } = message;
      if (!(await this.#try({ type: 'guidance.show', guidanceId: id, runId: this.#parts.runId, via }))) continue;
      this.#shown.set(id, { turn: this.#turn, at: Date.now(), isReturned: false });
      taken.push(message);
    }
    return taken;
  }

  /** A dialog, or anything else in the prompt's place, is never typed into; nor is a draft. After an interrupt nobody knows what is left in the box, so it must be seen to be empty. */
  #mayType(): boolean {
    if (this.#prompt === 'busy' || this.#parts.receipts === null || !this.#parts.canHear()) return false;
    if (this.#shown.size > 0 || this.#queued().length === 0) return false;
    const box = this.#parts.terminal.box();
    return box === 'empty' || (box === 'draft' && !this.#draft.isTouched && this.#prompt === 'ended');
  }

  async #type(): Promise<void> {
    const messages = await this.#handOver('idle');
    if (messages.length === 0) return;
    const { strokes } = this.#draft;
    let isPasted = false;
    const isMeant = (): boolean => {
      const isStill = this.#prompt !== 'busy' && this.#draft.strokes === strokes && this.#parts.canHear();
      isPasted ||= isStill;
      return isStill;
    };
    if (await this.#parts.terminal.submit(guidanceText(messages), isMeant)) return;
    if (isPasted) {
      // Without its Enter it is a draft like any other: the person who typed sends it, or throws it away.
      this.#draft.typed('');
      this.#pressNoMore();
      return;
    }
    for (const { id } of messages) {
      await this.#try({ type: 'guidance.requeue', guidanceId: id, reason: 'its prompt was not free' });
      this.#shown.delete(id);
    }
  }

  /** False when it is refused: somebody was faster. */
  async #try(intent: Intent): Promise<boolean> {
    try {
      await this.#parts.intend(intent);
      return true;
    } catch (error) {
      if (error instanceof RefusalError) return false;
      throw error;
    }
  }
}

/** What the pane says of it; the agent gets the words. */
function noticeOf(messages: readonly GuidanceMessage[]): string {
  return messages.map(({ id, text }) => `${id}: ${text.split('\n')[0]?.slice(0, 200) ?? ''}`).join(' · ');
}
