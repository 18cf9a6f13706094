// Owns the file in which the look of an operator's windows is kept from one attachment to the next.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Model } from '../model.ts';
import { type Configured, lookText, withLook } from './look-text.ts';

/** The file of an operator in a data home. Of several workspaces of one operator the last one that changes something wins. */
export function lookPath(dataHome: string, operator: string): string {
  return join(dataHome, 'windows', `${encodeURIComponent(operator).slice(0, 200)}.json`);
}

/** ms; a border that is dragged moves many times. */
const SETTLE = 300;

/** Keeps the look of a running workspace in its file. A disk that takes nothing is no reason to stop: the next attachment then begins anew. */
export class LookKeeper {
  readonly #path: string;
  readonly #configured: Configured;
  #seen: Model | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, { layout, theme }: Configured) {
    this.#path = path;
    this.#configured = { layout, theme };
  }

  /** The model as it was left; unchanged when nothing was kept. */
  restore(model: Model): Model {
    let restored = model;
    try {
      restored = withLook(model, readFileSync(this.#path, 'utf8'), this.#configured);
    } catch {
      // The first time.
    }
    this.#seen = restored;
    return restored;
  }

  /** Takes notice of the model; what has changed is written a moment later. */
  look(model: Model): void {
    // Without a state nothing was seen of the panes.
    if (!model.hasState || (this.#seen && isSameLook(this.#seen, model))) return;
    this.#seen = model;
    this.#timer ??= setTimeout(() => this.flush(), SETTLE);
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#timer === undefined || !this.#seen) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      const mine = `${this.#path}.${process.pid}`;
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(mine, lookText(this.#seen, this.#configured), { mode: 0o600 });
      renameSync(mine, this.#path);
    } catch {
      // See the class.
    }
  }
}

const LOOK = [
  'windows',
  'shownWindow',
  'lastWindow',
  'theme',
  'layout',
  'focused',
  'lastFocused',
  'isZoomed',
  'sidebar',
  'sidebars',
  'sizes',
  'order',
] as const satisfies readonly (keyof Model)[];

function isSameLook(a: Model, b: Model): boolean {
  return LOOK.every((key) => a[key] === b[key]);
}
