// Owns what a conversation has used up, as far as Claude Code's transcripts tell: the main one, and one for each subagent beside it.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addUsage, NO_USAGE, type Usage, zipUsage } from '../domain/usage.ts';
import { GrowingFile } from './growing-file.ts';
import { parseLine, type TranscriptLine } from './transcript.ts';

/** Reads the transcripts of one conversation as they grow. Dollars, and the small requests beside the conversation, are not in them. */
export class TranscriptUsage {
  readonly #path: string;
  readonly #files = new Map<string, GrowingFile>();
  /** A message stands on one line for each of its blocks, each with the usage so far. */
  readonly #messages = new Map<string, Usage>();

  /** `path` ends in `.jsonl`. */
  constructor(path: string) {
    this.#path = path;
  }

  /** All of it by now. Calls must not overlap. */
  async look(): Promise<Usage> {
    const folder = join(this.#path.replace(/\.jsonl$/, ''), 'subagents');
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.jsonl'));
    for (const path of [this.#path, ...names.map((name) => join(folder, name))]) {
      const file = this.#files.get(path) ?? new GrowingFile(path);
      this.#files.set(path, file);
      for (const text of await file.read()) this.#take(parseLine(text));
    }
    return [...this.#messages.values()].reduce(addUsage, NO_USAGE);
  }

  #take(line: TranscriptLine | null): void {
    const { id, usage } = recordOf(line?.['type'] === 'assistant' ? line['message'] : null);
    if (typeof id !== 'string') return;
    const told = recordOf(usage);
    const now: Usage = {
      input: countOf(told['input_tokens']),
      output: countOf(told['output_tokens']),
      cacheRead: countOf(told['cache_read_input_tokens']),
      cacheCreation: countOf(told['cache_creation_input_tokens']),
      cost: 0,
    };
    this.#messages.set(id, zipUsage(this.#messages.get(id) ?? NO_USAGE, now, Math.max));
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A count that somebody else wrote: anything but a number from 0 on is 0. */
function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
