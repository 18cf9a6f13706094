// Owns what a pane calls for attention with: its program rang the bell, or has printed; at most so often that nobody is flooded.
import type { Pane } from '../terminal/pane.ts';

export type PaneSignal = 'bell' | 'activity';

/** ms between two signals of one kind and pane; a mark that comes a second late is early enough. */
const INTERVAL = 1_000;
/** ms after a new size or a new program in which output is taken for the redrawing of the screen. */
const REDRAWING = 1_000;

type WatchedPane = Pick<Pane, 'pane' | 'generation' | 'info' | 'onBell' | 'onScreen'>;

interface Watched {
  readonly stop: () => void;
  readonly sent: Record<PaneSignal, number>;
  /** Output waits for the end of the interval. */
  timer: NodeJS.Timeout | null;
  size: string;
  redrawsUntil: number;
}

export class PaneSignals {
  readonly #now: () => number;
  readonly #onSignal: (pane: number, signal: PaneSignal) => void;
  readonly #watched = new Map<number, Watched>();

  /** `now`: monotonic ms. `onSignal` is called at once for the first, and at most once a second for each kind. */
  constructor(parts: { now: () => number; onSignal: (pane: number, signal: PaneSignal) => void }) {
    this.#now = parts.now;
    this.#onSignal = parts.onSignal;
  }

  watch(pane: WatchedPane): void {
    const stops = [pane.onBell(() => this.#rang(pane.pane)), pane.onScreen(() => this.#printed(pane))];
    this.#watched.set(pane.pane, {
      stop: () => {
        for (const stop of stops) stop();
      },
      sent: { bell: Number.NEGATIVE_INFINITY, activity: Number.NEGATIVE_INFINITY },
      timer: null,
      size: sizeOf(pane),
      redrawsUntil: 0,
    });
  }

  forget(number: number): void {
    const watched = this.#watched.get(number);
    if (!watched) return;
    watched.stop();
    if (watched.timer) clearTimeout(watched.timer);
    this.#watched.delete(number);
  }

  /** Ends all watching. */
  close(): void {
    for (const number of [...this.#watched.keys()]) this.forget(number);
  }

  #rang(number: number): void {
    const watched = this.#watched.get(number);
    if (!watched || this.#now() - watched.sent.bell < INTERVAL) return;
    this.#send(number, watched, 'bell');
  }

  #printed(pane: WatchedPane): void {
    const watched = this.#watched.get(pane.pane);
    if (!watched) return;
    const now = this.#now();
    const size = sizeOf(pane);
    if (size !== watched.size) {
      watched.size = size;
      watched.redrawsUntil = now + REDRAWING;
    }
    if (now < watched.redrawsUntil || watched.timer) return;
    const wait = watched.sent.activity + INTERVAL - now;
    if (wait <= 0) {
      this.#send(pane.pane, watched, 'activity');
      return;
    }
    watched.timer = setTimeout(() => {
      watched.timer = null;
      this.#send(pane.pane, watched, 'activity');
    }, wait);
    watched.timer.unref();
  }

  #send(number: number, watched: Watched, signal: PaneSignal): void {
    watched.sent[signal] = this.#now();
    this.#onSignal(number, signal);
  }
}

/** The program and the size of its screen, in one word. */
function sizeOf(pane: WatchedPane): string {
  const { cols, rows } = pane.info();
  return `${pane.generation} ${cols} ${rows}`;
}
