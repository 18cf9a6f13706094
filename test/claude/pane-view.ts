// Owns a test's eyes and fingers on one pane of the server: its text as the server has it, and keys typed into it.
import type { Client } from '../../src/client/client.ts';
import { decodePaneFrame } from '../../src/protocol/pane-frame.ts';

/** ms after which a pane that never showed it fails the test. */
const PATIENCE = 90_000;

export interface Captured {
  readonly text: string;
  readonly title: string;
}

export class PaneView {
  readonly #client: Client;
  readonly #pane: number;
  readonly #waiting = new Set<(now: Captured) => void>();
  #isLooking = false;
  #hasChanged = false;

  private constructor(client: Client, pane: number) {
    this.#client = client;
    this.#pane = pane;
  }

  /** Looks at a pane in that size. One client looks at one pane. */
  static async open(client: Client, pane: number, size = { cols: 120, rows: 40 }): Promise<PaneView> {
    const view = new PaneView(client, pane);
    client.onFrame((payload) => {
      const { number, isFree } = decodePaneFrame(payload);
      if (!isFree) client.sendAck(number);
      void view.#look();
    });
    await client.call('pane.view', { panes: [{ pane, ...size }], focused: pane });
    return view;
  }

  async capture(): Promise<Captured> {
    const { lines, title } = await this.#client.call('pane.capture', { pane: this.#pane });
    return { text: lines.join('\n'), title };
  }

  type(keys: string): void {
    this.#client.sendInput(this.#pane, Buffer.from(keys));
  }

  /** Resolves when the pane shows it; fails with what it shows. */
  async until(what: string | RegExp): Promise<Captured> {
    const shows = ({ text }: Captured): boolean => (typeof what === 'string' ? text.includes(what) : what.test(text));
    return new Promise((resolve, reject) => {
      let last = '';
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`the pane never showed ${what}; it shows\n${last}`));
      }, PATIENCE);
      const check = (now: Captured): void => {
        last = now.text;
        if (!shows(now)) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(now);
      };
      this.#waiting.add(check);
      void this.#look();
    });
  }

  /** Captures once for all frames that came meanwhile. */
  async #look(): Promise<void> {
    this.#hasChanged = true;
    if (this.#isLooking || this.#waiting.size === 0) return;
    this.#isLooking = true;
    try {
      while (this.#hasChanged && this.#waiting.size > 0) {
        this.#hasChanged = false;
        const now = await this.capture();
        for (const check of [...this.#waiting]) check(now);
      }
    } catch {
      // The server is gone: whoever waits fails by its patience.
    } finally {
      this.#isLooking = false;
    }
  }
}
