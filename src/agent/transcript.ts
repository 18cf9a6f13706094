// Owns the reading of Claude Code's transcripts: where one lies, whether it can be resumed, how its last turn ended.
import { createReadStream } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Bytes from the end; a line that holds a large tool result may be cut, and is then skipped. */
const TAIL = 256 * 1024;

export type TranscriptLine = Readonly<Record<string, unknown>>;

/** The folder of all transcripts of an environment. */
export function transcriptsFolder(env: Readonly<Record<string, string | undefined>>): string {
  const config = env['CLAUDE_CONFIG_DIR'] || join(env['HOME'] || homedir(), '.claude');
  return join(config, 'projects');
}

/** The folder name that a working folder gets there. */
export function projectSlug(cwd: string): string {
  return cwd.replace(/[^A-Za-z0-9]/g, '-');
}

/** A conversation's id comes from our store, but also from hooks: it becomes a file name. */
const isId = (id: string): boolean => /^[A-Za-z0-9-]{1,64}$/.test(id);

/**
 * The transcript of a conversation: under the slug of its worktree, or of any other folder (a conversation may have
 * begun in another worktree). Null when there is none.
 */
export async function findTranscript(
  conversationId: string,
  where: { worktree: string; env: Readonly<Record<string, string | undefined>> },
): Promise<string | null> {
  if (!isId(conversationId)) return null;
  const folder = transcriptsFolder(where.env);
  const real = await realpath(where.worktree).catch(() => where.worktree);
  const others = await readdir(folder).catch(() => []);
  for (const slug of new Set([projectSlug(real), projectSlug(where.worktree), ...others])) {
    const path = join(folder, slug, `${conversationId}.jsonl`);
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) return path;
  }
  return null;
}

/** True when a conversation can be resumed: its transcript holds at least one message. `--resume` of any other ends with an error. */
export async function hasConversation(
  conversationId: string,
  where: { worktree: string; env: Readonly<Record<string, string | undefined>> },
): Promise<boolean> {
  const path = await findTranscript(conversationId, where);
  if (path === null) return false;
  const input = createReadStream(path, 'utf8');
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const parsed = parseLine(line);
      if (parsed !== null && isMessage(parsed)) return true;
    }
    return false;
  } catch {
    return false;
  } finally {
    input.destroy();
  }
}

/** A line of a transcript; null when it is no JSON object. */
export function parseLine(text: string): TranscriptLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

const isMessage = (line: TranscriptLine): boolean => line['type'] === 'user' || line['type'] === 'assistant';

/** The last lines of a transcript, oldest first, as far as they are whole JSON; empty when it cannot be read. */
export async function readTail(path: string): Promise<TranscriptLine[]> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return [];
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    // The first is cut in the middle unless the file begins there.
    if (from > 0) lines.shift();
    return lines.map(parseLine).filter((line) => line !== null);
  } finally {
    await file.close();
  }
}

/** The text of a line's message, its blocks joined. */
function messageText(line: TranscriptLine): string {
  const message = line['message'];
  const content = typeof message === 'object' && message !== null && 'content' in message ? message.content : '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((block: unknown) => blockText(block)).join('\n');
}

function blockText(block: unknown): string {
  if (typeof block !== 'object' || block === null) return '';
  return 'text' in block && typeof block.text === 'string' ? block.text : '';
}

/** True when the last message of the main thread is the mark of an interrupt (Esc, or No in a dialog), for which no hook is called. */
export function endsInterrupted(lines: readonly TranscriptLine[]): boolean {
  const last = lines.findLast((line) => isMessage(line) && line['isSidechain'] !== true);
  return last?.['type'] === 'user' && messageText(last).startsWith('[Request interrupted by user');
}
