// Owns the receipts of guidance: which messages an agent's transcript holds. Only what reached the agent counts, not what it or a tool says.
import { open } from 'node:fs/promises';
import { readGuidanceIds } from './prompts.ts';
import { parseLine, type TranscriptLine } from './transcript.ts';

/** Bytes that are read at once. */
const CHUNK = 1024 * 1024;

/** Reads a transcript as it grows; each byte once. */
export class Receipts {
  #path: string | null = null;
  #offset = 0;
  /** The beginning of a line whose end is not written yet. */
  #rest: Buffer = Buffer.alloc(0);
  readonly #found = new Set<string>();

  /** The transcript to read; another path is read from its beginning. */
  follow(path: string): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#offset = 0;
    this.#rest = Buffer.alloc(0);
  }

  /** The ids of all guidance that is in the transcript by now. A file that cannot be read adds nothing. Calls must not overlap. */
  async look(): Promise<ReadonlySet<string>> {
    const file = this.#path === null ? null : await open(this.#path, 'r').catch(() => null);
    if (file === null) return this.#found;
    try {
      const buffer = Buffer.alloc(CHUNK);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK, this.#offset);
        if (bytesRead === 0) return this.#found;
        this.#offset += bytesRead;
        this.#take(Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]));
      }
    } finally {
      await file.close();
    }
  }

  #take(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      const line = parseLine(bytes.toString('utf8', from, end));
      if (line !== null) for (const id of guidanceIn(line)) this.#found.add(id);
      from = end + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(from));
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
