// Owns what one agent process has used up: its telemetry and its transcript put together, told to the state every few seconds.
import { TranscriptUsage } from '../agent/transcript-usage.ts';
import { addUsage, isNothing, NO_USAGE, type Usage, usageSince, zipUsage } from '../domain/usage.ts';

/** ms between two events of one run. */
const TELL_EVERY = 3_000;

export interface UsageMeterParts {
  /** True when its conversation has begun in an earlier process, whose usage is told already. */
  readonly isResume: boolean;
  /** Records what was used since the last time. */
  readonly tell: (usage: Usage) => Promise<unknown>;
  readonly onFault: (error: unknown) => void;
}

/** Of both sources the larger count is right: telemetry knows the requests beside the conversation and the dollars, the transcript what a killed agent could not send. */
export class UsageMeter {
  readonly #parts: UsageMeterParts;
  #telemetry = NO_USAGE;
  #transcript: TranscriptUsage | null = null;
  /** What the transcript held before this process. */
  #before: Promise<Usage> = Promise.resolve(NO_USAGE);
  #told = NO_USAGE;
  #work: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(parts: UsageMeterParts) {
    this.#parts = parts;
  }

  /** The agent has told what it used since it told last. */
  add(usage: Usage): void {
    this.#telemetry = addUsage(this.#telemetry, usage);
    this.look();
  }

  /** Where its transcript is; the first one counts. */
  follow(path: string): void {
    if (this.#transcript !== null || !path.endsWith('.jsonl')) return;
    this.#transcript = new TranscriptUsage(path);
    const before = this.#transcript.look();
    if (this.#parts.isResume) this.#before = before;
    this.#work = before.catch(this.#parts.onFault);
  }

  /** Something may have been used: it is told soon. */
  look(): void {
    if (this.#isOver) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#tell();
    }, TELL_EVERY);
  }

  /** The process is gone: the rest is told. */
  async stop(): Promise<void> {
    this.#isOver = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#tell();
  }

  #tell(): Promise<unknown> {
    this.#work = this.#work.then(() => this.#step()).catch(this.#parts.onFault);
    return this.#work;
  }

  async #step(): Promise<void> {
    const written = (await this.#transcript?.look()) ?? NO_USAGE;
    const all = zipUsage(this.#telemetry, usageSince(written, await this.#before), Math.max);
    const news = usageSince(all, this.#told);
    if (isNothing(news)) return;
    await this.#parts.tell(news);
    this.#told = addUsage(this.#told, news);
  }
}
