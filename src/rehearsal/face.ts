// Owns what a person sees and what their keys do: prompt box, spinner, streaming text, dialogs, title.
import { StringDecoder } from 'node:string_decoder';
import { sanitise } from '../domain/text.ts';
import { ACCENT, type Block, BORDER, blank, dim, FAINT, line, SPOKEN, WARM } from './block.ts';
import { type Dialog, drawDialog, stepDialog } from './dialog.ts';
import { type Key, KeyReader } from './keys.ts';
import { type Draft, EMPTY_DRAFT, editDraft } from './line-editor.ts';
import { Interrupted, type Pace } from './pace.ts';
import { type Output, Screen } from './screen.ts';

/** What standard input gives us. */
export interface Input {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  pause(): unknown;
}

export interface FaceOptions {
  readonly input: Input;
  readonly output: Output;
  readonly pace: Pace;
  /** Draws on the alternate screen, as a full-screen agent does. */
  readonly isAlternate: boolean;
  /** For the title, made harmless here. */
  readonly name: string;
  /** Words that were typed and submitted. */
  readonly onSubmit: (text: string) => void;
  /** Esc or Ctrl-C while it works. */
  readonly onInterrupt: () => void;
  /** Ctrl-D or Ctrl-C twice, or the terminal is gone. */
  readonly onLeave: () => void;
}

/** ms of a word's appearance; about 35 words a second. */
const WORD = 28;
/** ms between two frames of the spinner. */
const FRAME = 120;
/** Frames between two titles: about one a second. */
const TITLE_FRAMES = 8;
/** ms within which a second Ctrl-D or Ctrl-C ends the program. */
const AGAIN = 1500;
/** ms after which a lone ESC was the key and not the start of a sequence. */
const ESCAPE_WAIT = 30;

const GLYPHS = ['·', '✢', '✳', '✶', '✻', '✽', '✻', '✶', '✳', '✢'];
const IDLE_TITLE = '✳';
const BUSY_TITLES = ['⠂', '⠐'];

interface Asking {
  dialog: Dialog;
  readonly answer: (index: number | null) => void;
}

export class Face {
  readonly #options: FaceOptions;
  readonly #screen: Screen;
  readonly #keys = new KeyReader();
  readonly #decoder = new StringDecoder('utf8');
  #draft: Draft = EMPTY_DRAFT;
  #asking: Asking | null = null;
  #busy: { label: string; since: number } | null = null;
  #frame = 0;
  #ticker: NodeJS.Timeout | null = null;
  #streaming: Block | null = null;
  #queued: readonly string[] = [];
  #note = '';
  #noteTimer: NodeJS.Timeout | null = null;
  #leaving: { key: string; at: number } | null = null;
  #escapeTimer: NodeJS.Timeout | null = null;
  #title = '';

  constructor(options: FaceOptions) {
    this.#options = options;
    this.#screen = new Screen(options.output, options.isAlternate);
  }

  open(): void {
    const { input } = this.#options;
    input.setRawMode?.(true);
    input.on('data', (chunk) => this.#take(this.#decoder.write(chunk)));
    input.on('end', () => this.#options.onLeave());
    this.#screen.open();
    this.#tellTitle();
    this.#show();
  }

  /** Gives the terminal back. */
  close(): void {
    for (const timer of [this.#noteTimer, this.#escapeTimer]) if (timer) clearTimeout(timer);
    if (this.#ticker) clearInterval(this.#ticker);
    this.#screen.close();
    const { input } = this.#options;
    if (input.isTTY) input.setRawMode?.(false);
    input.pause();
  }

  resize(): void {
    this.#screen.redraw(this.#live());
  }

  print(...blocks: readonly Block[]): void {
    this.#screen.print(blocks, this.#live());
  }

  /** Shows words that wait until the agent comes to them. */
  queued(texts: readonly string[]): void {
    this.#queued = texts;
    this.#show();
  }

  /** Starts the spinner with a label, or stops it. */
  busy(label: string | null): void {
    if (label === null) {
      if (this.#ticker) clearInterval(this.#ticker);
      this.#ticker = null;
      this.#busy = null;
    } else {
      this.#busy = { label, since: this.#busy?.since ?? performance.now() };
      this.#ticker ??= setInterval(() => this.#tick(), FRAME);
    }
    this.#tellTitle();
    this.#show();
  }

  /** Streams a text word by word. What was said stays on the screen when it is interrupted. */
  async say(text: string, signal: AbortSignal): Promise<void> {
    const block = (said: string): Block => ({ ...line(said), prefix: '● ', prefixStyle: ACCENT });
    let said = '';
    try {
      for (const word of text.trim().match(/\s*\S+/g) ?? []) {
        if (signal.aborted) throw new Interrupted();
        said += word;
        this.#streaming = block(said);
        const wait = this.#options.pace.wait(WORD, signal);
        if (this.#options.pace.speed < WORD) this.#show();
        await wait;
      }
    } finally {
      this.#streaming = null;
      if (said !== '') this.print(block(said), blank);
    }
  }

  /** Asks by a dialog; gives the index of the answer, or null when it was left. Throws Interrupted when the signal is raised. */
  ask(dialog: Omit<Dialog, 'at'>, signal: AbortSignal): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        signal.removeEventListener('abort', cancel);
        this.#asking = null;
        this.#tellTitle();
        this.#show();
      };
      const cancel = (): void => {
        end();
        reject(new Interrupted());
      };
      if (signal.aborted) return reject(new Interrupted());
      signal.addEventListener('abort', cancel, { once: true });
      const answer = (index: number | null): void => {
        end();
        resolve(index);
      };
      this.#asking = { dialog: { ...dialog, at: 0 }, answer };
      this.#tellTitle();
      this.#show();
    });
  }

  #take(text: string): void {
    if (this.#escapeTimer) clearTimeout(this.#escapeTimer);
    for (const key of this.#keys.feed(text)) this.#press(key);
    if (!this.#keys.isPending) return;
    this.#escapeTimer = setTimeout(() => {
      for (const key of this.#keys.flush()) this.#press(key);
    }, ESCAPE_WAIT);
  }

  #press(key: Key): void {
    const name = key.kind === 'key' ? key.name : '';
    if (name === 'ctrl-d' || name === 'ctrl-c') {
      this.#pressLeave(name);
      return;
    }
    this.#leaving = null;
    if (this.#asking !== null) this.#pressInDialog(key, this.#asking);
    else if (name === 'enter') this.#submit();
    else if (name === 'escape' && this.#busy !== null) this.#options.onInterrupt();
    else this.#edit(name === 'escape' ? EMPTY_DRAFT : editDraft(this.#draft, key));
  }

  #pressInDialog(key: Key, asking: Asking): void {
    const step = stepDialog(asking.dialog, key);
    if (step.kind === 'chosen') asking.answer(step.index);
    else if (step.kind === 'cancelled') asking.answer(null);
    else {
      asking.dialog = step.dialog;
      this.#show();
    }
  }

  /** The first time it says what a second time will do; Ctrl-C also does what Esc does. */
  #pressLeave(key: 'ctrl-c' | 'ctrl-d'): void {
    const now = performance.now();
    if (this.#leaving?.key === key && now - this.#leaving.at < AGAIN) {
      this.#options.onLeave();
      return;
    }
    this.#leaving = { key, at: now };
    this.#tell(`Press ${key === 'ctrl-c' ? 'Ctrl-C' : 'Ctrl-D'} again to exit`);
    if (key === 'ctrl-d') return;
    if (this.#asking !== null) this.#asking.answer(null);
    else if (this.#busy !== null) this.#options.onInterrupt();
    else this.#edit(EMPTY_DRAFT);
  }

  #submit(): void {
    const text = this.#draft.text.trim();
    this.#edit(EMPTY_DRAFT);
    if (text !== '') this.#options.onSubmit(text);
  }

  #edit(draft: Draft): void {
    this.#draft = draft;
    this.#show();
  }

  #tell(note: string): void {
    this.#note = note;
    if (this.#noteTimer) clearTimeout(this.#noteTimer);
    this.#noteTimer = setTimeout(() => {
      this.#note = '';
      this.#show();
    }, AGAIN);
    this.#show();
  }

  #tick(): void {
    this.#frame += 1;
    if (this.#frame % TITLE_FRAMES === 0) this.#tellTitle();
    this.#show();
  }

  /** The glyph tells who looks from outside whether it works, or waits. */
  #tellTitle(): void {
    const isBusy = this.#busy !== null && this.#asking === null;
    const step = Math.floor(this.#frame / TITLE_FRAMES) % BUSY_TITLES.length;
    const title = `${isBusy ? BUSY_TITLES[step] : IDLE_TITLE} ${sanitise(this.#options.name)}`;
    if (title === this.#title) return;
    this.#title = title;
    this.#screen.title(title);
  }

  #show(): void {
    this.#screen.show(this.#live());
  }

  #live(): Block[] {
    const streaming = this.#streaming === null ? [] : [this.#streaming, blank];
    if (this.#asking !== null) return [...streaming, ...drawDialog(this.#asking.dialog)];
    return [...streaming, ...this.#spinner(), ...this.#waiting(), ...this.#box()];
  }

  #spinner(): Block[] {
    if (this.#busy === null) return [];
    const seconds = Math.floor((performance.now() - this.#busy.since) / 1000);
    const glyph = GLYPHS[this.#frame % GLYPHS.length] ?? '·';
    const text = `${this.#busy.label}… (${seconds}s · esc to interrupt)`;
    return [{ ...line(text, WARM), prefix: `${glyph} `, prefixStyle: WARM, isCode: true }, blank];
  }

  #waiting(): Block[] {
    return this.#queued.map((text) => ({ ...line(sanitise(text), SPOKEN), prefix: '❯ ', isCode: true }));
  }

  #box(): Block[] {
    const rule: Block = { ...line('', BORDER), rule: true };
    const { text, cursor } = this.#draft;
    // The cursor is a bar of our own: the terminal's is hidden while we draw.
    const shown = `${text.slice(0, cursor)}▏${text.slice(cursor)}`;
    const note =
      this.#note === '' ? (this.#busy === null ? 'rehearsal · /exit to leave' : 'esc to interrupt') : this.#note;
    return [
      rule,
      { ...line(shown), prefix: '❯ ', prefixStyle: FAINT },
      rule,
      { ...dim(note), prefix: '  ', isCode: true },
    ];
  }
}
