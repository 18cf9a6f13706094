// Owns what the events of an agent's questions change in the state.
import type { Envelope } from './event.ts';
import type { State } from './state.ts';

/** Folds `run.asked` and `run.answered`. Throws an Error on an unknown run. */
export function applyToQuestions(state: State, { at, by, event }: Envelope): void {
  if (event.type !== 'run.asked' && event.type !== 'run.answered') return;
  const run = state.runs.get(event.runId);
  if (!run) throw new Error(`event refers to the unknown run ${event.runId}`);
  if (event.type === 'run.asked') {
    state.runs.set(run.id, { ...run, questions: [...run.questions, event.question] });
    return;
  }
  const { questionId, answer, allows } = event;
  state.runs.set(run.id, {
    ...run,
    questions: run.questions.filter(({ id }) => id !== questionId),
    answered: { questionId, by, at, answer },
    allowed: allows === undefined || run.allowed.includes(allows) ? run.allowed : [...run.allowed, allows],
  });
}
