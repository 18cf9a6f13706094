// Owns the decisions about the session: when tasks are claimed, by how many workers, of which epic.
import type { DroverEvent } from '../event.ts';
import { resolveEpic } from '../ids.ts';
import type { Intent } from '../intent.ts';
import type { State } from '../state.ts';
import { checkInteger } from './task-fields.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;

/** Each worker is a pane and a process tree; more than this helps nobody on one machine. */
const MOST_WORKERS = 64;

/** Starts the session or changes the one that runs; no event when it already runs like that. Refuses an unknown epic and a number of workers outside 1 to 64. */
export function startSession(state: State, intent: Of<'session.start'>): DroverEvent[] {
  const workers = checkInteger('number of workers', intent.workers, { least: 1, most: MOST_WORKERS });
  const epicId = intent.epic === null ? null : resolveEpic(state, intent.epic).id;
  const { session } = state;
  const pool = intent.pool === undefined ? {} : { pool: intent.pool };
  const untilDone = intent.untilDone ?? false;
  const isSame =
    session.workers === workers &&
    session.agent === intent.agent &&
    session.epicId === epicId &&
    session.untilDone === untilDone &&
    session.pool?.size === intent.pool?.size &&
    session.pool?.refresh === intent.pool?.refresh;
  if (session.isRunning && isSame) return [];
  return [{ type: 'session.started', workers, agent: intent.agent, epicId, untilDone, ...pool }];
}

/** Claims no more tasks. No event when no session is running. */
export function stopSession(state: State, intent: Of<'session.stop'>): DroverEvent[] {
  return state.session.isRunning ? [{ type: 'session.stopped', reason: intent.reason }] : [];
}
