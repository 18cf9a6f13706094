// Owns the terminal we run in: taking it, giving it back whatever happens, its size, its input and its output.
import { writeAtOnce } from '../protocol/write-at-once.ts';
import type { InputEvent, Reply } from './input/input-event.ts';
import { InputParser } from './input/parser.ts';
import { type Capabilities, capabilitiesFrom } from './outer/capabilities.ts';
import {
  ASK_COLORS,
  ENTER,
  KEYS_ON,
  KITTY_KEYS_BACK,
  MOUSE_OFF,
  MOUSE_ON,
  PROBE,
  PROBE_END,
  RESTORE,
  TITLE_BACK,
  TITLE_KEEP,
} from './outer/modes.ts';
import { type ExitSignal, guardProcess, readNow, stopJob, writeNow } from './outer/restore-guard.ts';

/** Why the terminal was given up. A shell expects 128 plus the number of a signal (129 for a hang-up) as the status. */
export type CloseReason =
  | { readonly kind: 'left' }
  | { readonly kind: 'signal'; readonly signal: ExitSignal }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'fatal'; readonly error: unknown };

/** What is needed of process.stdin. */
export interface TerminalInput {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  on(name: string, listener: (...values: never[]) => void): unknown;
  removeListener(name: string, listener: (...values: never[]) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** What is needed of process.stdout. */
export interface TerminalOutput {
  readonly columns?: number;
  readonly rows?: number;
  readonly fd?: number;
  readonly writableLength: number;
  write(bytes: Uint8Array | string): boolean;
  on(name: string, listener: (...values: never[]) => void): unknown;
  removeListener(name: string, listener: (...values: never[]) => void): unknown;
}

export interface OuterTerminalOptions {
  readonly input?: TerminalInput;
  readonly output?: TerminalOutput;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ask for mouse reports (1002 and 1006), except inside GNU screen. Default false. */
  readonly mouse?: boolean;
  /** Keep the window's title and give it back at the end: somebody sets another one. Default false. */
  readonly title?: boolean;
  /** Called once, after the terminal has been restored. None of them may call process.exit: main does. */
  readonly onFatal?: (error: unknown) => void;
  readonly onHangup?: () => void;
  readonly onTerminate?: (signal: ExitSignal) => void;
}

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** A lone ESC is the Escape key after this, ms: longer than the gaps inside a sequence on a local line, shorter than a person notices. */
const ESCAPE_MS = 40;
const RESIZE_MS = 50;
const PROBE_MS = 300;
/** How long leaving waits for answers that are still on their way: the shell must not get them as typed text. */
const LATE_MS = 200;
/** A stop takes effect at once; when we still run after this, there was none. */
const STOP_MS = 200;
/** When a terminal says nothing of its size. */
const FALLBACK: Size = { cols: 80, rows: 24 };
type Listeners<T> = Set<(value: T) => void>;

export class OuterTerminal {
  /** Resolves once, when the terminal has been given back for good. It never rejects. */
  readonly closed: Promise<CloseReason>;
  readonly #resolveClosed: (reason: CloseReason) => void;
  readonly #options: OuterTerminalOptions;
  readonly #input: TerminalInput;
  readonly #output: TerminalOutput;
  readonly #parser = new InputParser();
  readonly #inputListeners: Listeners<InputEvent> = new Set();
  readonly #resizeListeners: Listeners<Size> = new Set();
  readonly #drainListeners: Listeners<void> = new Set();
  readonly #repaintListeners: Listeners<void> = new Set();
  readonly #streamListeners: readonly (readonly ['input' | 'output', string, (...values: never[]) => void])[];
  #removeGuard: (() => void) | null = null;
  #isEntered = false;
  #isClosed = false;
  #isBlocked = false;
  #isLent = false;
  #isMouseWanted: boolean;
  #keys: Capabilities['keys'] = 'plain';
  #escapeTimer: NodeJS.Timeout | undefined;
  #resizeTimer: NodeJS.Timeout | undefined;
  #probe: ((reply: Reply) => void) | null = null;
  /** Questions were asked and the last one is not answered yet. */
  #isAnswerDue = false;
  #leaving: NodeJS.Timeout | null = null;
  #stopping: NodeJS.Timeout | null = null;

  constructor(options: OuterTerminalOptions = {}) {
    this.#options = options;
    this.#input = options.input ?? process.stdin;
    this.#output = options.output ?? process.stdout;
    // GNU screen 4.9 keeps a lone Escape back until the next key while mouse reports are on.
    this.#isMouseWanted = (options.mouse ?? false) && !capabilitiesFrom(options.env ?? process.env).isScreen;
    let resolve: (reason: CloseReason) => void = () => {};
    this.closed = new Promise((settle) => {
      resolve = settle;
    });
    this.#resolveClosed = resolve;
    const hangUp = () => this.#close({ kind: 'hang-up' });
    this.#streamListeners = [
      ['input', 'data', (bytes: Buffer) => this.#read(bytes)],
      ['input', 'end', hangUp],
      ['input', 'close', hangUp],
      ['input', 'error', hangUp],
      ['output', 'error', hangUp],
      ['output', 'close', hangUp],
      ['output', 'drain', () => this.#drained()],
      ['output', 'resize', () => this.#resized()],
    ];
  }

  /** What the terminal says it is, in cells; 80 by 24 when it says nothing. */
  get size(): Size {
    return { cols: this.#output.columns || FALLBACK.cols, rows: this.#output.rows || FALLBACK.rows };
  }

  /** True while the terminal has not taken what was written: paint nothing, wait for onDrain. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Takes the terminal: handlers of the process, raw mode, alternate screen. Once only, and not after it has been given back. */
  enter(): void {
    if (this.#removeGuard !== null || this.#isClosed) return;
    this.#removeGuard = guardProcess({
      restore: () => this.#restore(),
      onSignal: (signal) => {
        // Typed at the program that has the terminal now.
        if (!this.#isLent || (signal !== 'SIGINT' && signal !== 'SIGQUIT')) this.#close({ kind: 'signal', signal });
      },
      onFatal: (error) => this.#close({ kind: 'fatal', error }),
      onStop: () => this.#stop(),
      onContinue: () => this.#continue(),
    });
    for (const [stream, name, listener] of this.#streamListeners) {
      (stream === 'input' ? this.#input : this.#output).on(name, listener);
    }
    this.#take();
    if (!this.#isClosed) this.#input.resume();
  }

  /** Gives the terminal back, soon when answers are still due; closed resolves with `left`. Safe to call at any time and again. */
  leave(): void {
    if (this.#isClosed || this.#leaving) return;
    if (!this.#isEntered || !this.#isAnswerDue) this.#close({ kind: 'left' });
    else this.#leaving = setTimeout(() => this.#close({ kind: 'left' }), LATE_MS);
  }

  /** Gives the terminal back and stops the process until it is continued; then takes and repaints it. `onStay` is called when nothing stopped us. */
  suspend(onStay: () => void): void {
    if (!this.#isEntered || this.#stopping) return;
    this.#restore();
    // Set before the stop, looked at after the signal of the continuing has been heard.
    this.#stopping = setTimeout(() => setImmediate(() => this.#stayed(onStay)), STOP_MS);
    stopJob();
  }

  /** Lends the terminal to a program that is about to run on it: it is restored, nothing is read, and C-c and C-z there are not for us. */
  lend(): void {
    if (!this.#isEntered || this.#stopping) return;
    this.#restore();
    this.#isLent = true;
    this.#input.pause();
  }

  /** That program has ended: takes the terminal again and has it repainted. */
  reclaim(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    if (this.#isClosed) return;
    this.#continue();
    if (!this.#isClosed) this.#input.resume();
  }

  /** Switches mouse reports on or off. */
  setMouse(isWanted: boolean): void {
    if (isWanted === this.#isMouseWanted) return;
    this.#isMouseWanted = isWanted;
    this.write(Buffer.from(isWanted ? MOUSE_ON : MOUSE_OFF));
  }

  /** Has the terminal tell keys apart by what it can. */
  setKeys(keys: Capabilities['keys']): void {
    if (keys === this.#keys) return;
    this.#keys = keys;
    this.write(Buffer.from(KEYS_ON[keys]));
  }

  /** Writes bytes, which may be changed afterwards; returns false when the terminal is now blocked. Nothing is written unless entered. */
  write(bytes: Uint8Array): boolean {
    if (!this.#isEntered) return !this.#isBlocked;
    try {
      // Node's stream writes to a terminal at once too, with several times the work.
      const written = writeAtOnce(this.#output.fd, this.#output.writableLength, bytes);
      const isTaken = written === bytes.length || this.#output.write(Buffer.from(bytes.subarray(written)));
      if (!isTaken) this.#isBlocked = true;
    } catch {
      this.#close({ kind: 'hang-up' });
    }
    return !this.#isBlocked;
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.add(listener);
  }

  /** Called with the new size once it has been stable for 50 ms. */
  onResize(listener: (size: Size) => void): void {
    this.#resizeListeners.add(listener);
  }

  /** The screen's contents are void (after a stop and continue): compositor.invalidate(), then paint. */
  onRepaint(listener: () => void): void {
    this.#repaintListeners.add(listener);
  }

  onInput(listener: (event: InputEvent) => void): void {
    this.#inputListeners.add(listener);
  }

  /**
   * Asks the terminal what it can do, and for its colours, which come as input; resolves within 300 ms, sooner when it answers. Paint first: until then
   * capabilitiesFrom(env) is what is known.
   */
  probe(): Promise<Capabilities> {
    const env = this.#options.env ?? process.env;
    const replies: Reply[] = [];
    if (!this.#isEntered || this.#probe !== null) return Promise.resolve(capabilitiesFrom(env));
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#probe = null;
        resolve(capabilitiesFrom(env, replies));
      };
      const timer = setTimeout(finish, PROBE_MS);
      this.#probe = (reply) => {
        replies.push(reply);
        if (reply.kind === 'attributes' && reply.level === 1) finish();
      };
      this.#ask(PROBE);
      void this.closed.then(finish);
    });
  }

  /** Asks for the terminal's colours once more; the answers, and the DA1 behind them, come as input. */
  askColors(): void {
    if (this.#isEntered) this.#ask('');
  }

  #ask(questions: string): void {
    // Who prints links instead of ignoring them prints these questions too.
    const colors = capabilitiesFrom(this.#options.env ?? process.env).links ? ASK_COLORS : '';
    this.write(Buffer.from(questions + colors + PROBE_END));
    this.#isAnswerDue = true;
  }

  #take(): void {
    try {
      this.#input.setRawMode?.(true);
      // After a stop that came unannounced our setting still lies on kitty's stack.
      const keys = (this.#isEntered && this.#keys === 'kitty' ? KITTY_KEYS_BACK : '') + KEYS_ON[this.#keys];
      this.#isEntered = true;
      const mouse = this.#isMouseWanted ? MOUSE_ON : '';
      this.write(Buffer.from(`${this.#options.title ? TITLE_KEEP : ''}${ENTER}${mouse}${keys}`));
    } catch {
      // setRawMode on a terminal that is gone: EIO.
      this.#close({ kind: 'hang-up' });
    }
  }

  #restore(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    // The mode first: it is an ioctl and works although the terminal takes no output.
    try {
      this.#input.setRawMode?.(false);
    } catch {
      // The terminal is gone; there is nothing to give back.
    }
    const bytes = RESTORE + (this.#options.title ? TITLE_BACK : '');
    if (this.#output.fd === undefined) this.#output.write(bytes);
    else writeNow(this.#output.fd, bytes);
  }

  #close(reason: CloseReason): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (reason.kind === 'fatal' || reason.kind === 'signal') this.#readLate();
    this.#restore();
    clearTimeout(this.#escapeTimer);
    clearTimeout(this.#resizeTimer);
    if (this.#leaving) clearTimeout(this.#leaving);
    if (this.#stopping) clearTimeout(this.#stopping);
    this.#release(reason);
    if (reason.kind === 'fatal') this.#options.onFatal?.(reason.error);
    else if (reason.kind === 'hang-up') this.#options.onHangup?.();
    else if (reason.kind === 'signal') this.#options.onTerminate?.(reason.signal);
    this.#resolveClosed(reason);
  }

  /** What `leave` waits for, where there is no event loop to wait with. */
  #readLate(): void {
    if (!this.#isEntered || !this.#isAnswerDue || this.#input !== process.stdin) return;
    readNow(LATE_MS, (bytes) =>
      this.#parser
        .feed(bytes)
        .some((event) => event.type === 'reply' && event.kind === 'attributes' && event.level === 1),
    );
  }

  /**
   * After `leave` nothing of ours stays. After anything else the handlers stay, so that a second signal, or a late error of a dead
   * terminal, does not kill the process while main still ends in good order.
   */
  #release(reason: CloseReason): void {
    this.#input.pause();
    for (const [stream, name, listener] of this.#streamListeners) {
      if (name !== 'error') (stream === 'input' ? this.#input : this.#output).removeListener(name, listener);
    }
    if (reason.kind !== 'left') return;
    this.#removeGuard?.();
    this.#removeGuard = null;
  }

  /** SIGTSTP from outside: give the terminal back, then stop as we would have without a handler. */
  #stop(): void {
    this.#restore();
    // SIGSTOP can't be caught, so our own handler isn't asked again.
    process.kill(process.pid, 'SIGSTOP');
  }

  /** The stop came to nothing: the terminal is ours again. */
  #stayed(onStay: () => void): void {
    if (!this.#stopping || this.#isClosed) return;
    this.#continue();
    if (!this.#isClosed) onStay();
  }

  #continue(): void {
    if (this.#isClosed || this.#isLent) return;
    if (this.#stopping) clearTimeout(this.#stopping);
    this.#stopping = null;
    // A stop by SIGSTOP came unannounced: whoever ran meanwhile may have left the terminal in any state.
    this.#take();
    if (this.#isClosed) return;
    for (const listener of this.#repaintListeners) listener();
    this.#resized();
  }

  #read(bytes: Buffer): void {
    clearTimeout(this.#escapeTimer);
    this.#deliver(this.#parser.feed(bytes));
    this.#awaitRest();
  }

  #awaitRest(): void {
    if (!this.#parser.isPending || this.#isClosed) return;
    this.#escapeTimer = setTimeout(() => {
      this.#deliver(this.#parser.flush());
      this.#awaitRest();
    }, ESCAPE_MS);
  }

  #deliver(events: readonly InputEvent[]): void {
    for (const event of events) {
      if (event.type === 'reply') this.#probe?.(event);
      if (event.type === 'reply' && event.kind === 'attributes' && event.level === 1) this.#isAnswerDue = false;
      if (this.#leaving) continue;
      for (const listener of this.#inputListeners) listener(event);
    }
    if (this.#leaving && !this.#isAnswerDue) this.#close({ kind: 'left' });
  }

  #drained(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    for (const listener of this.#drainListeners) listener();
  }

  #resized(): void {
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => {
      for (const listener of this.#resizeListeners) listener(this.size);
    }, RESIZE_MS);
  }
}
