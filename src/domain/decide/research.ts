// Owns the decision about what a research task has found.
import type { DroverEvent } from '../event.ts';
import { resolveTask } from '../ids.ts';
import type { Context, Intent } from '../intent.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { checkFindings } from './task-fields.ts';
import { refuseTransition } from './transition.ts';

/** Keeps the findings; what was recorded before is replaced. Refuses a task of another type, and one that nobody works on. */
export function recordFindings(
  state: State,
  intent: Extract<Intent, { type: 'task.record-findings' }>,
  context: Context,
): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  if (task.type !== 'research')
    refuse('not-allowed', `${task.id} is no research task: hand in its work with complete_task.`);
  if (task.status !== 'in_progress') refuseTransition(task, 'findings are of work in progress');
  const findings = checkFindings(intent.findings);
  const sources = [...new Set([...intent.sources, ...findings.map(({ sourceRef }) => sourceRef)])].filter(
    (each) => each !== '',
  );
  return [
    { type: 'task.found', taskId: task.id, research: { query: task.title, findings, sources, createdAt: context.now } },
  ];
}
