// Owns the refusal of an illegal change of status: it names the task, its status, and what can be done.
import { quote } from '../quote.ts';
import { refuse } from '../refusal.ts';
import { isActive, type Task, type TaskStatus, TRANSITIONS } from '../task.ts';

/** Refuses illegal-transition unless the table allows the task to get the status `to`. */
export function requireTransition(task: Task, to: TaskStatus): void {
  if (!TRANSITIONS[task.status].includes(to)) refuseTransition(task, `it cannot become ${to}`);
}

/** Refuses illegal-transition unless a worker holds the task. */
export function requireActive(task: Task, deed: string): void {
  if (!isActive(task.status)) refuseTransition(task, `${deed} needs a task that a worker holds`);
}

/** Refuses illegal-transition with the task, its status, the reason, and what can be done with a task of that status. */
export function refuseTransition(task: Task, why: string): never {
  const { can, next } = wayOut(task);
  return refuse('illegal-transition', `${task.id} ${quote(task.title)} is ${task.status}: ${why}. ${can}`, next);
}

function wayOut(task: Task): { can: string; next: string } {
  switch (task.status) {
    case 'ready':
      return { can: 'It waits to be run, and can be edited or cancelled.', next: `drover why ${task.id}` };
    case 'claimed':
    case 'in_progress':
      return { can: 'An agent works on it; it can be watched, paused or cancelled.', next: 'drover attach' };
    case 'paused':
      return { can: 'It can be resumed or cancelled.', next: `drover resume ${task.id}` };
    case 'blocked':
      return { can: 'It can be retried or cancelled.', next: `drover retry ${task.id}` };
    case 'decomposed':
      return { can: 'Its subtasks are worked on; it can be cancelled.', next: `drover show ${task.id}` };
    case 'completed':
      return { can: 'Nothing more happens to it; what is missing is a new task.', next: 'drover add <title>' };
    case 'failed':
      return { can: 'It can be retried, or cancelled to give it up.', next: `drover retry ${task.id}` };
    case 'cancelled':
      return { can: 'It can be retried.', next: `drover retry ${task.id}` };
  }
}
