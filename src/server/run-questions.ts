// Owns what connects the questions that a run's agent asks with the state: asked and answered become events, and an answer from outside lets the agent go on.
import type { StateReport } from '../agent/agent.ts';
import { PermissionDesk } from '../agent/permission-desk.ts';
import type { PolicyContext } from '../agent/policy.ts';
import { type Answer, requireQuestion } from '../domain/question.ts';
import { refuse } from '../domain/refusal.ts';
import type { Run } from '../domain/worker.ts';
import type { Core } from './core.ts';

export interface QuestionParts {
  readonly core: Core;
  readonly runId: string;
  readonly policy: PolicyContext;
  readonly report: (report: StateReport) => void;
}

export class RunQuestions {
  readonly desk: PermissionDesk;
  readonly #parts: QuestionParts;

  constructor(parts: QuestionParts) {
    this.#parts = parts;
    const { core, runId } = parts;
    this.desk = new PermissionDesk({
      policy: parts.policy,
      allowed: () => this.#run.allowed,
      onAsked: (question) =>
        core.background(`question of ${runId}`, core.intend({ type: 'run.ask', runId, question }, 'drover')),
      onSettled: (questionId) =>
        core.background(
          `question of ${runId}`,
          core.intend({ type: 'run.answer', runId, questionId, answer: null }, 'drover'),
        ),
    });
  }

  /** Answers for a person. Refuses when somebody was first. The agent has the answer before it is durable: with a crash between them the run is over anyway. */
  async answer(questionId: string, answer: Answer, by: string): Promise<void> {
    const { core, runId, report } = this.#parts;
    requireQuestion(this.#run, questionId);
    const given = this.desk.answer(questionId, answer);
    if (given === null) refuse('nothing-to-do', 'it was answered in its pane at this moment', 'drover needs');
    const committed = core.intend({ type: 'run.answer', runId, questionId, answer, ...given }, by);
    const { open } = this.desk;
    report(
      open === null
        ? { state: 'working', source: 'hook', detail: '' }
        : { state: 'needs-input', source: 'hook', detail: open.about },
    );
    await committed;
  }

  get #run(): Run {
    const run = this.#parts.core.state.runs.get(this.#parts.runId);
    if (!run) throw new Error(`the run ${this.#parts.runId} is gone`);
    return run;
  }
}
