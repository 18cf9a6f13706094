// Owns the method by which a person answers what an agent asks, without its pane.
import { resolveTask } from '../../domain/ids.ts';
import { answerWords, readAnswer, requireQuestion } from '../../domain/question.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Core } from '../core.ts';
import type { Handlers } from '../dispatcher.ts';
import type { Workforce } from '../workforce.ts';

/** The handler of `run.answer`. */
export function answerHandlers(core: Core, workforce: Workforce): Pick<Handlers, 'run.answer'> {
  return {
    'run.answer': async ({ task: reference, question: id, words }, { operator }) => {
      const task = resolveTask(core.state, reference);
      const run = task.runId === null ? undefined : core.state.runs.get(task.runId);
      const atWork = workforce.runOfTask(task.id);
      if (!run || run.endedAt !== null || atWork === null)
        return refuse('not-running', `no agent works on ${task.id}: it is ${task.status}`, `drover why ${task.id}`);
      const question = requireQuestion(run, id ?? null);
      const answer = readAnswer(question, words);
      await atWork.answer(question.id, answer, operator);
      return { task, question, answer: answerWords(answer) };
    },
  };
}
