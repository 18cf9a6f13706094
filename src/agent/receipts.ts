// Owns the receipts of guidance: which messages an agent's transcript holds. Only what reached the agent counts, not what it or a tool says.
import { GrowingFile } from './growing-file.ts';
import { readGuidanceIds } from './prompts.ts';
import { parseLine, type TranscriptLine } from './transcript.ts';

/** Reads a transcript as it grows; each byte once. */
export class Receipts {
  #path: string | null = null;
  #file: GrowingFile | null = null;
  readonly #found = new Set<string>();

  /** The transcript to read; another path is read from its beginning. */
  follow(path: string): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#file = new GrowingFile(path);
  }

  /** The ids of all guidance that is in the transcript by now. A file that cannot be read adds nothing. Calls must not overlap. */
  async look(): Promise<ReadonlySet<string>> {
    for (const text of (await this.#file?.read()) ?? []) {
      const line = parseLine(text);
      if (line !== null) for (const id of guidanceIn(line)) this.#found.add(id);
    }
    return this.#found;
  }
}

/** The ids of the guidance that a line of a transcript gives to the agent: as a prompt, as a queued prompt, or as the context of a hook. */
export function guidanceIn(line: TranscriptLine): string[] {
  if (line['isSidechain'] === true) return [];
  if (line['type'] === 'user') return textsOf(recordOf(line['message'])['content']).flatMap(readGuidanceIds);
  if (line['type'] !== 'attachment') return [];
  const { content, prompt } = recordOf(line['attachment']);
  return [...textsOf(content), ...textsOf(prompt)].flatMap(readGuidanceIds);
}

/** Texts and text blocks; a tool's result is neither. */
function textsOf(content: unknown): string[] {
  const parts = Array.isArray(content) ? content : [content];
  return parts.flatMap((part) => {
    if (typeof part === 'string') return [part];
    const { type, text } = recordOf(part);
    return type === 'text' && typeof text === 'string' ? [text] : [];
  });
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
