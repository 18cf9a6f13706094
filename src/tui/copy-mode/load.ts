// Owns the loading of copy mode's documents from the server, the newest part first.
import type { Client } from '../../client/client.ts';
import { RefusalError } from '../../domain/refusal.ts';
import type { ConversationEntry } from '../../protocol/methods.ts';
import { rowsOfConversation, rowsOfFrame } from './document.ts';
import { BLANK_ROW, type CopyRow, textOfRow } from './row.ts';
import type { CopyEffect, CopyMessage } from './state.ts';

type Load = Extract<CopyEffect, { type: 'copy-load' }>;

export interface LoadScope {
  readonly client: Pick<Client, 'call'>;
  /** True when the pane's program draws on the alternate screen, which keeps no history. */
  readonly isAlternate: boolean;
  /** The row of the pty at the top of the pane's box. */
  readonly offset: number;
  readonly send: (message: CopyMessage) => void;
}

/** Lines above the screen that come with it, so that the first pages up are there at once; and lines of each later part. */
const FIRST = 300;
const PART = 1_000;
/** Entries of a conversation in one answer. */
const ENTRIES = 2_000;

/** Loads one document. Never throws: what goes wrong is told as `copy-refused`. */
export async function loadCopyDocument(load: Load, scope: LoadScope): Promise<void> {
  try {
    if (await isConversation(load, scope)) return;
    await loadScreen(load, scope);
  } catch (error) {
    const { pane, token } = load;
    const [text, next] =
      error instanceof RefusalError
        ? [error.refusal.message, error.refusal.next]
        : [error instanceof Error ? error.message : String(error), ''];
    scope.send({ type: 'copy-refused', pane, token, text, next });
  }
}

/** Loads the conversation where it is wanted; false when the screen is to be read in its place. */
async function isConversation(load: Load, scope: LoadScope): Promise<boolean> {
  if (load.source === 'screen' || (load.source === 'auto' && !scope.isAlternate)) return false;
  const { pane, token, task, width } = load;
  let entries: ConversationEntry[];
  try {
    entries = await readEntries(scope.client, task === null ? { pane } : { task });
  } catch (error) {
    if (load.source === 'auto' && error instanceof RefusalError) return false;
    throw error;
  }
  const { rows, starts } = rowsOfConversation(entries, width);
  scope.send({
    type: 'copy-loaded',
    pane,
    token,
    source: 'conversation',
    rows,
    top: rows.length,
    rowOf: (number) => starts[number] ?? rows.length - 1,
  });
  return true;
}

/** A whole conversation. Throws what the server refuses. */
async function readEntries(
  client: LoadScope['client'],
  of: { pane: number } | { task: string },
): Promise<ConversationEntry[]> {
  const entries: ConversationEntry[] = [];
  for (;;) {
    const part = await client.call('conversation.read', { ...of, from: entries.length, count: ENTRIES });
    entries.push(...part.entries);
    if (part.entries.length === 0 || entries.length >= part.total) return entries;
  }
}

async function loadScreen(load: Load, scope: LoadScope): Promise<void> {
  const { pane, token, isWhole } = load;
  const frozen = await scope.client.call('pane.freeze', { pane, count: FIRST });
  const newest = rowsOfFrame(frozen.frame, frozen.wrapped, frozen.prompts);
  const missing = frozen.from - frozen.first;
  const rows: CopyRow[] = [...Array<CopyRow>(missing).fill(BLANK_ROW), ...newest];
  const announce = (): void =>
    scope.send({
      type: 'copy-loaded',
      pane,
      token,
      source: 'screen',
      rows,
      top: frozen.total - frozen.first + scope.offset,
      rowOf: (number) => number - frozen.first,
    });
  if (!isWhole) announce();
  let { from } = frozen;
  while (from > frozen.first) {
    const start = Math.max(frozen.first, from - PART);
    const part = await scope.client.call('pane.history', { pane, from: start, count: from - start });
    // Another program, a resize or an erased history has begun new numbers: what is gone stays blank.
    if (part.generation !== frozen.generation || part.total < frozen.total) break;
    const older = rowsOfFrame(part.frame, part.wrapped, part.prompts);
    const at = part.from - frozen.first;
    const fitting = older.slice(0, Math.max(0, from - part.from));
    if (isWhole) rows.splice(at, fitting.length, ...fitting);
    else scope.send({ type: 'copy-rows', pane, token, from: at, rows: fitting });
    // Those before have been forgotten meanwhile.
    if (part.from > start) break;
    from = start;
  }
  if (isWhole) announce();
}

/** All that a pane has shown, or the conversation where the screen keeps none, as text with line feeds. Throws what the server refuses. */
export async function historyText(pane: number, scope: Omit<LoadScope, 'send'>): Promise<string> {
  let found: readonly CopyRow[] = [];
  let failure: string | null = null;
  const load: Load = { type: 'copy-load', pane, token: 0, source: 'auto', task: null, width: 10_000, isWhole: true };
  await loadCopyDocument(load, {
    ...scope,
    send: (message) => {
      if (message.type === 'copy-loaded') found = message.rows;
      if (message.type === 'copy-refused') failure = message.text;
    },
  });
  if (failure !== null) throw new Error(failure);
  const text = found.map((row) => (row.isWrapped ? textOfRow(row) : `${textOfRow(row).trimEnd()}\n`)).join('');
  return `${text.replace(/\n+$/, '')}\n`;
}
