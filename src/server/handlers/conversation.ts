// Owns the methods of reading back: a pane frozen as it is, an agent's conversation, and one search over all of them.
import { resolveTask } from '../../domain/ids.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Run } from '../../domain/worker.ts';
import type { FoundLine, Params, Result } from '../../protocol/methods.ts';
import type { Core } from '../core.ts';
import type { Handlers } from '../dispatcher.ts';
import type { PaneSet } from '../pane-set.ts';
import type { Transcripts } from '../transcripts.ts';

export interface ConversationParts {
  readonly core: Core;
  readonly panes: Pick<PaneSet, 'freeze' | 'list' | 'search'>;
  readonly transcripts: Pick<Transcripts, 'read'>;
}

/** Entries of one answer, and their characters: far below what a frame takes. */
const MOST_ENTRIES = 2_000;
const MOST_CHARACTERS = 2_000_000;
/** Lines that a search gives when it is not told; and of one conversation, so that a talkative one leaves room for the others. */
const FOUND = 100;
const FOUND_OF_ONE = 50;
/** Characters of a found line. */
const MOST_TEXT = 300;
/** ms after which a search ends with what it has. */
const SEARCH_LIMIT = 3_000;

/** The handlers of `conversation.read`, `pane.freeze` and `search.run`. */
export function conversationHandlers(
  parts: ConversationParts,
): Pick<Handlers, 'pane.freeze' | 'conversation.read' | 'search.run'> {
  return {
    'pane.freeze': ({ pane, count }) => parts.panes.freeze(pane, count),
    'conversation.read': (params) => readConversation(parts, params),
    'search.run': (params) => search(parts, params),
  };
}

async function readConversation(
  parts: ConversationParts,
  { task, pane, from = 0, count = MOST_ENTRIES }: Params<'conversation.read'>,
): Promise<Result<'conversation.read'>> {
  const run = task === undefined ? runOfPane(parts, pane) : runOfTask(parts.core, task);
  const entries = await parts.transcripts.read(run, worktreeOf(parts.core, run));
  if (entries === null)
    refuse('nothing-to-do', `${run.taskId} has no conversation to read: its agent (${run.agent}) has written none`);
  const given = [];
  let characters = 0;
  for (const entry of entries.slice(from, from + Math.min(count, MOST_ENTRIES))) {
    characters += entry.text.length;
    if (characters > MOST_CHARACTERS && given.length > 0) break;
    given.push(entry);
  }
  return { taskId: run.taskId, runId: run.id, total: entries.length, from, entries: given };
}

function worktreeOf({ state }: Core, run: Run): string {
  return state.worktrees.get(run.worktreeId)?.path ?? '';
}

function runOfPane({ core, panes }: ConversationParts, pane: number | undefined): Run {
  if (pane === undefined) refuse('bad-params', 'conversation.read takes a task or a pane');
  const runId = panes.list().find((info) => info.pane === pane)?.runId ?? null;
  const run = runId === null ? undefined : core.state.runs.get(runId);
  return run ?? refuse('unknown-run', `pane ${pane} shows no agent: there is no conversation`, 'drover list');
}

function runOfTask({ state }: Core, reference: string): Run {
  const task = resolveTask(state, reference);
  const runs = [...state.runs.values()].filter((run) => run.taskId === task.id);
  const last = runs.sort((a, b) => a.startedAt - b.startedAt).at(-1);
  return last ?? refuse('unknown-run', `${task.id} has not been worked on yet`, `drover why ${task.id}`);
}

/** First what the panes show and have shown, then the conversations, the newest first. */
async function search(
  parts: ConversationParts,
  { query, limit = FOUND }: Params<'search.run'>,
): Promise<Result<'search.run'>> {
  const screens = await parts.panes.search({ query, limit: Math.ceil(limit / 2) });
  const infos = parts.panes.list();
  const results: FoundLine[] = screens.matches.map(({ pane, line, text }) => {
    const task = infos.find((info) => info.pane === pane)?.taskId ?? null;
    return { task, pane, source: 'screen', line, text: cut(text) };
  });
  const isDone = await searchConversations(parts, { query, limit, results });
  return { results, isComplete: screens.isComplete && isDone };
}

async function searchConversations(
  parts: ConversationParts,
  { query, limit, results }: { query: string; limit: number; results: FoundLine[] },
): Promise<boolean> {
  const { core, panes, transcripts } = parts;
  const end = Date.now() + SEARCH_LIMIT;
  const matches = matcherOf(query);
  const paneOf = new Map(
    panes.list().map(({ pane, runId }) => [core.state.runs.get(runId ?? '')?.conversationId, pane]),
  );
  let isComplete = true;
  for (const run of conversations(core)) {
    if (results.length >= limit || Date.now() > end) return false;
    const entries = (await transcripts.read(run, worktreeOf(core, run))) ?? [];
    let found = 0;
    for (const [line, { text }] of entries.entries()) {
      const hit = text.split('\n').find(matches);
      if (hit === undefined) continue;
      if (found >= FOUND_OF_ONE || results.length >= limit) {
        isComplete = false;
        break;
      }
      found += 1;
      const pane = paneOf.get(run.conversationId) ?? null;
      results.push({ task: run.taskId, pane, source: 'conversation', line, text: cut(around(hit, query)) });
    }
  }
  return isComplete;
}

/** The last run of each conversation, the newest first. */
function conversations({ state }: Core): Run[] {
  const last = new Map<string, Run>();
  for (const run of state.runs.values()) {
    const known = last.get(run.conversationId);
    if (!known || known.startedAt <= run.startedAt) last.set(run.conversationId, run);
  }
  return [...last.values()].sort((a, b) => b.startedAt - a.startedAt);
}

/** Capitals count only when the query has one. */
function matcherOf(query: string): (line: string) => boolean {
  if (query !== query.toLowerCase()) return (line) => line.includes(query);
  return (line) => line.toLowerCase().includes(query);
}

/** A long line from a little before the words on. */
function around(line: string, query: string): string {
  const at = line.toLowerCase().indexOf(query.toLowerCase());
  return at > MOST_TEXT / 2 ? `…${line.slice(at - 40)}` : line;
}

function cut(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > MOST_TEXT ? `${trimmed.slice(0, MOST_TEXT)}…` : trimmed;
}
