// Owns what is written down of each worktree: what was put there, so that it is known again and kept when the worktree is cleaned.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { shortHash } from '../../config/paths.ts';

/** What one step put into a worktree. */
export interface Provided {
  readonly step: string;
  readonly key: string;
  /** The generation's; the install's own where there is none. */
  readonly instance: string;
  readonly roots: readonly string[];
  /** `hard links`, `pnpm install`… in words for a person. */
  readonly method: string;
  /** Bytes on the disk that only this worktree has, and that it shares with others. */
  readonly bytes: number;
  readonly saved: number;
}

export interface SlotRecord {
  readonly path: string;
  readonly steps: readonly Provided[];
}

/** One file for a worktree, and one for each of its steps' stamps and lists. */
export class SlotRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** A worktree without a record holds nothing that is known. */
  read(path: string): SlotRecord {
    return readRecord(`${this.#base(path)}.json`) ?? { path, steps: [] };
  }

  write(record: SlotRecord): void {
    const file = `${this.#base(record.path)}.json`;
    const aside = `${file}.${process.pid}`;
    writeFileSync(aside, JSON.stringify(record), { mode: 0o600 });
    renameSync(aside, file);
  }

  all(): SlotRecord[] {
    return readdirSync(this.#folder)
      .filter((name) => /^[^.]+\.json$/.test(name))
      .flatMap((name) => readRecord(join(this.#folder, name)) ?? []);
  }

  /** Forgets `to`, and gives it the stamps and lists of `from`. */
  copyLists(from: string, to: string): void {
    this.forget(to);
    const [source, target] = [from, to].map((path) => `${basename(this.#base(path))}.`) as [string, string];
    for (const name of readdirSync(this.#folder)) {
      if (!name.startsWith(source) || !/\.(?:stamps|manifest)$/.test(name)) continue;
      copyFileSync(join(this.#folder, name), join(this.#folder, target + name.slice(source.length)));
    }
  }

  forget(path: string): void {
    const prefix = `${basename(this.#base(path))}.`;
    for (const name of readdirSync(this.#folder)) {
      if (name.startsWith(prefix)) rmSync(join(this.#folder, name), { force: true });
    }
  }

  /** Where a step's stamps are, or its list. */
  fileOf(path: string, step: string, what: 'stamps' | 'manifest'): string {
    return `${this.#base(path)}.${step.replaceAll(/[^a-z0-9]+/g, '-')}-${shortHash(step)}.${what}`;
  }

  #base(path: string): string {
    return join(this.#folder, `${basename(path).replaceAll(/[^A-Za-z0-9-]/g, '-')}-${shortHash(path)}`);
  }
}

function readRecord(file: string): SlotRecord | null {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as SlotRecord;
    return typeof value.path === 'string' && Array.isArray(value.steps) ? value : null;
  } catch {
    return null;
  }
}
