// Owns what a pane calls for attention with: its program rang the bell, or has printed something that is not just its screen in a new size.
import type { Pane } from '../terminal/pane.ts';
import type { PaneSize } from './pane-seats.ts';

export type PaneSignal = 'bell' | 'activity';

/** ms between two bells of a pane. */
const BELL_INTERVAL = 1_000;
/** ms after a new size or a new program in which output is taken for the redrawing of the screen. */
const REDRAWING = 1_000;

type WatchedPane = Pick<Pane, 'pane' | 'generation' | 'size' | 'onBell' | 'onScreen'>;

interface Watched {
  readonly stop: () => void;
  rangAt: number;
  generation: number;
  size: PaneSize;
  redrawsUntil: number;
}

export class PaneSignals {
  readonly #now: () => number;
  readonly #onSignal: (pane: number, signal: PaneSignal) => void;
  readonly #watched = new Map<number, Watched>();

  /** `now`: monotonic ms. `onSignal` is called at most once a second for the bells of a pane, and each time that it prints. */
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
      rangAt: Number.NEGATIVE_INFINITY,
      generation: pane.generation,
      size: pane.size,
      redrawsUntil: 0,
    });
  }

  forget(number: number): void {
    const watched = this.#watched.get(number);
    if (!watched) return;
    watched.stop();
    this.#watched.delete(number);
  }

  /** Ends all watching. */
  close(): void {
    for (const number of [...this.#watched.keys()]) this.forget(number);
  }

  #rang(number: number): void {
    const watched = this.#watched.get(number);
    const now = this.#now();
    if (!watched || now - watched.rangAt < BELL_INTERVAL) return;
    watched.rangAt = now;
    this.#onSignal(number, 'bell');
  }

  #printed(pane: WatchedPane): void {
    const watched = this.#watched.get(pane.pane);
    if (!watched) return;
    const { generation, size } = pane;
    const isSame =
      generation === watched.generation && size.cols === watched.size.cols && size.rows === watched.size.rows;
    if (!isSame) {
      Object.assign(watched, { generation, size, redrawsUntil: this.#now() + REDRAWING });
    }
    if (watched.redrawsUntil > 0 && this.#now() < watched.redrawsUntil) return;
    watched.redrawsUntil = 0;
    this.#onSignal(pane.pane, 'activity');
  }
}
