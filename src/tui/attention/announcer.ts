// Owns what the terminal around us is told beside the picture: the window's title, notifications, the bell.
import type { Config } from '../../config/schema.ts';
import type { Model } from '../model.ts';
import type { Capabilities } from '../outer/capabilities.ts';
import { type TmuxFacts, terminalName } from '../outer/tmux-facts.ts';
import { type Call, isStillDue } from './calls.ts';
import { type Notifier, notificationBytes, notifierFor } from './notification.ts';
import { RateLimit } from './rate-limit.ts';
import { titleBytes, windowTitle } from './title.ts';

/** ms between two bells that a pane rings. */
const BELL_INTERVAL = 1_000;

interface AnnouncerParts {
  readonly config: Pick<Config, 'notify' | 'title'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly capabilities: Capabilities;
  readonly write: (bytes: Buffer) => void;
  /** ms of any clock. */
  readonly now: () => number;
}

export class Announcer {
  readonly #parts: AnnouncerParts;
  readonly #limit = new RateLimit();
  /** One of each pane, in the order in which they came. */
  #putOff: Call[] = [];
  #hasTitle: boolean;
  #notifier: Notifier;
  #title = '';
  #rangAt = Number.NEGATIVE_INFINITY;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
    this.#hasTitle = canTitle(parts.config, parts.capabilities);
    this.#notifier = this.#choose(parts.capabilities, null);
  }

  /** How a person is notified. */
  get notifier(): Notifier {
    return this.#notifier;
  }

  /** What is known of the terminal by now; `tmux` is null outside of tmux. */
  learn(capabilities: Capabilities, tmux: TmuxFacts | null): void {
    this.#hasTitle = canTitle(this.#parts.config, capabilities);
    this.#notifier = this.#choose(capabilities, tmux);
  }

  /** Sets the title when the model gives another one, and notifies of what was put off. */
  show(model: Model): void {
    this.#catchUp(model);
    if (!this.#hasTitle) return;
    const title = windowTitle(model);
    if (title === this.#title) return;
    this.#title = title;
    this.#write(titleBytes(title));
  }

  /** The terminal was somebody else's meanwhile: the title is set anew at the next `show`. */
  forgetTitle(): void {
    this.#title = '';
  }

  /** Notifies; later, when it was done too often lately. The last word of each pane counts. */
  call(call: Call): void {
    if (this.#notifier.kind === 'off') return;
    this.#putOff = this.#putOff.filter(({ pane }) => pane !== call.pane);
    if (this.#limit.passes(call.pane, this.#parts.now())) this.#write(notificationBytes(this.#notifier, call.text));
    else this.#putOff.push(call);
  }

  #catchUp(model: Model): void {
    if (this.#putOff.length === 0) return;
    const due = this.#putOff.filter((call) => isStillDue(model, call));
    this.#putOff = [];
    for (const call of due) this.call(call);
  }

  /** Rings as a program has that the person works with. */
  ring(): void {
    const now = this.#parts.now();
    if (this.#notifier.kind === 'off' || now - this.#rangAt < BELL_INTERVAL) return;
    this.#rangAt = now;
    this.#write('\x07');
  }

  #choose(capabilities: Capabilities, tmux: TmuxFacts | null): Notifier {
    return notifierFor({
      notify: this.#parts.config.notify,
      name: terminalName(capabilities, this.#parts.env, tmux),
      isTmux: capabilities.isTmux,
      isScreen: capabilities.isScreen,
      isPassedThrough: tmux?.isPassedThrough ?? false,
    });
  }

  #write(text: string): void {
    this.#parts.write(Buffer.from(text, 'utf8'));
  }
}

/** GNU screen and bare consoles print a title or put it where it does not belong. */
export function canTitle({ title }: Pick<Config, 'title'>, { links }: Capabilities): boolean {
  return title && links;
}
