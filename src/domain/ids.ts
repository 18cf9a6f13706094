// Owns ids: how they are made, and how what a person typed is resolved to one task or epic.
import type { Epic } from './epic.ts';
import { editDistance } from './nearest.ts';
import { quote } from './quote.ts';
import { refuse } from './refusal.ts';
import type { State } from './state.ts';
import type { EpicId, Task, TaskId } from './task.ts';

/** Lower-case letters and digits without the look-alikes 0 1 i l o. */
export const ID_ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';

/** 31^5 is 28 million: a clash is rare, and `decide` draws again when there is one. */
const ID_LENGTH = 5;

/** How many candidates an ambiguous beginning is answered with. */
const MOST_CANDIDATES = 5;

/** More than two wrong characters of five is a guess, not a nearest id. */
const NEAREST_DISTANCE = 2;

/** A fresh id of 5 unambiguous characters, without its prefix. `random` gives 0 ≤ x < 1. */
export function makeId(random: () => number): string {
  let id = '';
  for (let i = 0; i < ID_LENGTH; i++) {
    id += ID_ALPHABET.charAt(Math.min(ID_ALPHABET.length - 1, Math.floor(random() * ID_ALPHABET.length)));
  }
  return id;
}

/** The task's id for five characters. */
export function taskId(short: string): TaskId {
  return `task-${short}`;
}

/** The epic's id for five characters. */
export function epicId(short: string): EpicId {
  return `epic-${short}`;
}

/** The task that `ref` names: a full id, an id without `task-`, or an unambiguous beginning; case is ignored. Refuses unknown-task and ambiguous-task. */
export function resolveTask(state: State, ref: string): Task {
  const exact = state.tasks.get(ref);
  if (exact) return exact;
  const short = shortRef(ref, 'task-');
  const whole = state.tasks.get(taskId(short));
  if (whole) return whole;
  const matches = short === '' ? [] : startingWith(state.tasks.values(), taskId(short));
  const [first] = matches;
  if (first && matches.length === 1) return first;
  if (first) {
    const named = matches.slice(0, MOST_CANDIDATES).map((task) => `${task.id} ${quote(task.title, 40)}`);
    const more = matches.length > MOST_CANDIDATES ? ` and ${matches.length - MOST_CANDIDATES} more` : '';
    return refuse('ambiguous-task', `${quote(ref)} may be ${named.join(', ')}${more}.`, `drover show ${first.id}`);
  }
  const nearest = nearestTask(state, short);
  const hint = nearest ? ` The nearest is ${nearest.id} ${quote(nearest.title, 40)}.` : '';
  return refuse('unknown-task', `There is no task ${quote(ref)}.${hint}`, 'drover list');
}

/** The epic that `ref` names: its id with or without `epic-`, its exact title (case ignored), or an unambiguous beginning of its id. Refuses unknown-epic. */
export function resolveEpic(state: State, ref: string): Epic {
  const short = shortRef(ref, 'epic-');
  const whole = state.epics.get(ref) ?? state.epics.get(epicId(short));
  if (whole) return whole;
  const title = ref.trim().toLowerCase();
  const titled = [...state.epics.values()].filter((epic) => epic.title.toLowerCase() === title);
  const matches = titled.length > 0 || short === '' ? titled : startingWith(state.epics.values(), epicId(short));
  const [first] = matches;
  if (first && matches.length === 1) return first;
  if (first) {
    const named = matches.slice(0, MOST_CANDIDATES).map((epic) => `${epic.id} ${quote(epic.title, 40)}`);
    return refuse('unknown-epic', `${quote(ref)} may be ${named.join(', ')}; name it by its id.`, 'drover epic list');
  }
  return refuse('unknown-epic', `There is no epic ${quote(ref)}.`, 'drover epic list');
}

function shortRef(ref: string, prefix: string): string {
  const lower = ref.trim().toLowerCase();
  return lower.startsWith(prefix) ? lower.slice(prefix.length) : lower;
}

function startingWith<T extends { readonly id: string }>(records: Iterable<T>, beginning: string): T[] {
  const found: T[] = [];
  for (const record of records) if (record.id.startsWith(beginning)) found.push(record);
  return found;
}

function nearestTask(state: State, short: string): Task | null {
  if (short === '' || short.length > 2 * ID_LENGTH) return null;
  let best: Task | null = null;
  let bestDistance = NEAREST_DISTANCE + 1;
  for (const task of state.tasks.values()) {
    const distance = editDistance(task.id.slice('task-'.length), short);
    if (distance < bestDistance) {
      best = task;
      bestDistance = distance;
    }
  }
  return best;
}
