// Owns the form of task capture: its fields, what each key does in them, and the task that comes of it.
import type { Epic } from '../../domain/epic.ts';
import { isFinished, TASK_TYPES, type Task, type TaskId, type TaskType } from '../../domain/task.ts';
import type { Params } from '../../protocol/methods.ts';
import type { Step } from '../effect.ts';
import { textOfKey } from '../keys/key-name.ts';
import type { Model } from '../model.ts';
import { fuzzyFilter } from './fuzzy.ts';
import { editWithKey, insertText, type LineEdit, lineOf } from './line-edit.ts';

export const FORM_FIELDS = ['title', 'epic', 'priority', 'blockers', 'type'] as const;
export type FormField = (typeof FORM_FIELDS)[number];

export interface FormMode {
  readonly kind: 'form';
  readonly field: FormField;
  /** What is written in each field; in epic and blockers, what is searched for. */
  readonly title: LineEdit;
  readonly epic: LineEdit;
  readonly priority: LineEdit;
  readonly blockers: LineEdit;
  readonly chosenEpic: Epic | null;
  readonly chosenBlockers: readonly TaskId[];
  readonly type: TaskType;
  /** Which of the found ones Enter takes. */
  readonly picked: number;
  readonly refusal: string | null;
  readonly isRunning: boolean;
}

/** The form with a title begun already; without one it is the title that is written first. */
export function openForm(title: string): FormMode {
  const empty = lineOf('');
  return {
    kind: 'form',
    field: title.trim() === '' ? 'title' : 'epic',
    title: lineOf(title),
    epic: empty,
    priority: empty,
    blockers: empty,
    chosenEpic: null,
    chosenBlockers: [],
    type: 'implementation',
    picked: 0,
    refusal: null,
    isRunning: false,
  };
}

/** The epics that fit what is searched for, best first. */
export function foundEpics(model: Model, { epic }: FormMode): Epic[] {
  return fuzzyFilter(model.state.epics.values(), epic.text, ({ id, title }) => `${title} ${id}`);
}

/** The tasks that may be waited for and fit what is searched for, best first; open ones, the newest first. */
export function foundTasks(model: Model, { blockers, chosenBlockers }: FormMode): Task[] {
  const open = [...model.state.tasks.values()]
    .filter(({ id, status }) => !isFinished(status) && !chosenBlockers.includes(id))
    .sort((a, b) => b.createdAt - a.createdAt);
  return fuzzyFilter(open, blockers.text, ({ id, title }) => `${title} ${id}`);
}

/** One key into the form. */
export function typeIntoForm(model: Model, mode: FormMode, key: string): Step {
  if (key === 'Escape' || key === 'C-c' || key === 'C-g') return [{ ...model, mode: { kind: 'normal' } }, []];
  // The answer is under way: what is typed now would be lost with it.
  if (mode.isRunning) return [model, []];
  if (key === 'Enter' || key === 'C-m' || key === 'C-j') return pressEnter(model, mode);
  if (key === 'Tab' || key === 'C-i') return [show(model, move(model, mode, 1)), []];
  if (key === 'BTab') return [show(model, move(model, mode, -1)), []];
  return [show(model, typeIntoField(model, mode, key)), []];
}

/** Pasted text goes to the field that has the cursor. */
export function pasteIntoForm(mode: FormMode, text: string): FormMode {
  if (mode.field === 'type' || mode.isRunning) return mode;
  return { ...mode, [mode.field]: insertText(mode[mode.field], text), picked: 0, refusal: null };
}

function show(model: Model, mode: FormMode): Model {
  return { ...model, mode };
}

function typeIntoField(model: Model, mode: FormMode, key: string): FormMode {
  const { field } = mode;
  const step = key === 'Up' || key === 'C-p' ? -1 : key === 'Down' || key === 'C-n' ? 1 : 0;
  if (field === 'type') return cycleType(mode, key === 'Left' ? -1 : key === 'Right' || key === 'Space' ? 1 : step);
  if (step !== 0 && field === 'priority') return bumpPriority(mode, -step);
  if (step !== 0 && (field === 'epic' || field === 'blockers') && mode[field].text !== '') {
    const count = field === 'epic' ? foundEpics(model, mode).length : foundTasks(model, mode).length;
    return { ...mode, picked: count === 0 ? 0 : (mode.picked + step + count) % count };
  }
  if (step !== 0) return move(model, mode, step < 0 ? -1 : 1);
  if ((key === 'BSpace' || key === 'C-h') && mode[field].text === '') return takeBack(mode);
  const edit = editWithKey(mode[field], key, textOfKey(key));
  return edit ? { ...mode, [field]: edit, picked: 0, refusal: null } : mode;
}

function cycleType(mode: FormMode, step: number): FormMode {
  const at = TASK_TYPES.indexOf(mode.type) + step;
  return { ...mode, type: TASK_TYPES[(at + TASK_TYPES.length) % TASK_TYPES.length] ?? mode.type, refusal: null };
}

function bumpPriority(mode: FormMode, by: number): FormMode {
  const now = Number(mode.priority.text || '0');
  if (!Number.isInteger(now)) return mode;
  return { ...mode, priority: lineOf(String(Math.max(-100, Math.min(100, now + by)))), refusal: null };
}

/** Backspace in an empty search takes back what was chosen last. */
function takeBack(mode: FormMode): FormMode {
  if (mode.field === 'epic') return { ...mode, chosenEpic: null };
  if (mode.field === 'blockers') return { ...mode, chosenBlockers: mode.chosenBlockers.slice(0, -1) };
  return mode;
}

/** The next field; what was searched for in the one that is left is taken, and when nothing fits, the cursor stays. */
function move(model: Model, mode: FormMode, step: 1 | -1): FormMode {
  const taken = take(model, mode);
  if (taken.refusal !== null) return taken;
  const at = FORM_FIELDS.indexOf(mode.field) + step;
  return { ...taken, field: FORM_FIELDS[(at + FORM_FIELDS.length) % FORM_FIELDS.length] ?? mode.field, picked: 0 };
}

/** Takes the found one into the form; without a search nothing changes. */
function take(model: Model, mode: FormMode): FormMode {
  const { field } = mode;
  if (field !== 'epic' && field !== 'blockers') return { ...mode, refusal: null };
  const query = mode[field].text.trim();
  if (query === '') return { ...mode, [field]: lineOf(''), refusal: null };
  const cleared = { ...mode, [field]: lineOf(''), picked: 0, refusal: null };
  if (field === 'epic') {
    const found = foundEpics(model, mode)[mode.picked];
    return found ? { ...cleared, chosenEpic: found } : { ...mode, refusal: `no epic fits "${query}"` };
  }
  const found = foundTasks(model, mode)[mode.picked];
  return found
    ? { ...cleared, chosenBlockers: [...mode.chosenBlockers, found.id] }
    : { ...mode, refusal: `no open task fits "${query}"` };
}

/** Enter takes what was searched for; without a search it saves. */
function pressEnter(model: Model, mode: FormMode): Step {
  const isSearching = (mode.field === 'epic' || mode.field === 'blockers') && mode[mode.field].text.trim() !== '';
  if (isSearching) return [show(model, take(model, mode)), []];
  const title = mode.title.text.trim();
  if (title === '') return [show(model, { ...mode, field: 'title', refusal: 'a task needs a title' }), []];
  const priority = priorityOf(mode.priority.text);
  if (priority === null) {
    const refusal = 'a priority is a whole number from -100 to 100';
    return [show(model, { ...mode, field: 'priority', refusal }), []];
  }
  const more: Omit<Params<'task.create'>, 'title'> = {
    ...(mode.chosenEpic === null ? {} : { epic: mode.chosenEpic.id }),
    ...(priority === 0 ? {} : { priority }),
    ...(mode.chosenBlockers.length === 0 ? {} : { blockedBy: [...mode.chosenBlockers] }),
    ...(mode.type === 'implementation' ? {} : { type: mode.type }),
  };
  return [show(model, { ...mode, refusal: null, isRunning: true }), [{ type: 'capture', title, more }]];
}

function priorityOf(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return 0;
  const value = Number(trimmed);
  return /^[+-]?\d+$/.test(trimmed) && Math.abs(value) <= 100 ? value : null;
}
