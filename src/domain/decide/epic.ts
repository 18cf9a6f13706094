// Owns the decisions about epics.
import type { DroverEvent } from '../event.ts';
import { epicId } from '../ids.ts';
import type { Context, Intent } from '../intent.ts';
import { quote } from '../quote.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { freshId } from './fresh-id.ts';
import { checkDescription, checkTitle } from './task-fields.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;

/** A new epic. Refuses a bad title, and one that another epic has (case ignored), because epics are named by their title. */
export function createEpic(state: State, intent: Of<'epic.create'>, context: Context): DroverEvent[] {
  const title = checkTitle(intent.title);
  for (const epic of state.epics.values()) {
    if (epic.title.toLowerCase() === title.toLowerCase()) {
      refuse('not-allowed', `There is already an epic ${quote(title)}: ${epic.id}.`, `drover list --epic ${epic.id}`);
    }
  }
  const id = freshId(context, epicId, (candidate) => state.epics.has(candidate));
  const description = checkDescription(intent.description ?? '');
  const epic = { id, title, description, createdBy: context.by, createdAt: context.now };
  return [{ type: 'epic.created', epic }];
}
