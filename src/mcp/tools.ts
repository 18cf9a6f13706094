// Owns the table of the tools that an agent gets: name, words for the model, arguments, and the method each one calls.
import { z } from 'zod';
import { RefusalError } from '../domain/refusal.ts';
import type { MethodName, Params, Result } from '../protocol/methods.ts';

/** Calls the Drover server with the token of the run. */
export type McpCall = <M extends MethodName>(method: M, params: Params<M>) => Promise<Result<M>>;

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: { type: 'object'; [key: string]: unknown };
  /** True for a call that waits for sub-tasks: how they stand is told meanwhile, and breaking it off ends the wait. */
  readonly waits: (input: unknown) => boolean;
  /** Checks the arguments and calls. The answer is text for the model. Throws what went wrong. */
  readonly run: (input: unknown, call: McpCall) => Promise<string>;
}

/** Characters of a summary; it goes into the commit's message and onto the operator's screen. */
const SUMMARY_LENGTH = 10_000;

function defineTool<S extends z.ZodObject>(row: {
  name: string;
  description: string;
  input: S;
  run: (input: z.infer<S>, call: McpCall) => Promise<string>;
}): Tool {
  return {
    name: row.name,
    description: row.description,
    inputSchema: { ...z.toJSONSchema(row.input, { io: 'input' }), type: 'object' },
    waits(input) {
      const { data } = row.input.safeParse(input ?? {});
      return data !== undefined && 'waitForCompletion' in data && data['waitForCompletion'] === true;
    },
    async run(input, call) {
      const parsed = row.input.safeParse(input ?? {});
      if (!parsed.success)
        throw new Error(`the arguments of ${row.name} are not valid: ${z.prettifyError(parsed.error)}`);
      return row.run(parsed.data, call);
    },
  };
}

const OWN_TOOLS: readonly Tool[] = [
  defineTool({
    name: 'complete_task',
    description:
      'Ends your work on the task. Call it once, when everything is done and checked (pass), when the task cannot be done (fail), or when a person has to decide or provide something (blocked). After pass, your branch is merged and tested; if that fails, you hear of it.',
    input: z.strictObject({
      verdict: z
        .enum(['pass', 'fail', 'blocked'])
        .describe('pass: done and checked; fail: cannot be done; blocked: a person is needed'),
      summary: z
        .string()
        .trim()
        .min(1)
        .max(SUMMARY_LENGTH)
        .describe('What was changed and how it was checked, or why it could not be done, in a few sentences'),
    }),
    async run({ verdict, summary }, call) {
      const { message } = await call('agent.complete', { verdict, summary });
      return message;
    },
  }),
  defineTool({
    name: 'get_task',
    description: 'Shows the task that you work on: title, description, type, labels and the command that tests it.',
    input: z.strictObject({}),
    async run(_input, call) {
      const { task } = await call('agent.task', {});
      const { id, title, description, type, labels, testCommand, attempts, lastError, blockedReason, branch } = task;
      const shown = {
        id,
        title,
        description,
        type,
        labels,
        testCommand,
        branch,
        attempt: attempts,
        lastError,
        blockedReason,
      };
      return JSON.stringify(shown, null, 2);
    },
  }),
];

const title = z.string().trim().min(1).max(200);
const description = z.string().trim().min(1).max(30_000);
const subtaskType = z.enum(['implementation', 'research', 'fix']).describe('Task type - research tasks are read-only');
const waitForCompletion = z.boolean().default(false);

/** The tools by which work is handed to other workers, in the order in which they are listed. Their inputs are those of the design document. */
const DELEGATION_TOOLS: readonly Tool[] = [
  defineTool({
    name: 'create_subtask',
    description:
      'Create a sub-task that will be executed by another worker, in a worktree of its own. Your own task cannot be completed before it. With waitForCompletion the answer is its result (its landed work is merged into your worktree); without it you go on, and hear of its end.',
    input: z.strictObject({
      title: title.describe('Task title'),
      description: description.describe('Detailed description: the other worker knows nothing else'),
      type: subtaskType.default('implementation'),
      waitForCompletion: waitForCompletion.describe('If true, block until sub-task completes'),
    }),
    async run(input, call) {
      const { result } = await call('agent.create-subtask', input);
      return JSON.stringify(result, null, 2);
    },
  }),
  defineTool({
    name: 'check_subtask_status',
    description:
      'Shows the status and, when it is over, the result of a sub-task, or of all your sub-tasks. With waitForCompletion the answer comes when they are over.',
    input: z.strictObject({
      taskId: z.string().min(1).max(200).optional().describe('The sub-task; all of yours when it is left out'),
      waitForCompletion: waitForCompletion.describe('If true, block until they are over'),
    }),
    async run({ taskId: task, waitForCompletion: isWaiting }, call) {
      const params = { ...(task === undefined ? {} : { task }), waitForCompletion: isWaiting };
      const { results } = await call('agent.subtask-status', params);
      return results.length === 0 ? 'You have no sub-tasks.' : JSON.stringify(results, null, 2);
    },
  }),
  defineTool({
    name: 'signal_decomposition',
    description:
      'Signal that this task should be broken into smaller pieces. The sub-tasks take the place of your task, which is over with this call: end your turn. What you have committed is kept, but is not part of them; commit and hand in instead when your work is worth it.',
    input: z.strictObject({
      reason: z.string().trim().min(1).max(2_000),
      suggestedSubtasks: z
        .array(
          z.strictObject({
            title,
            description,
            estimatedComplexity: z.enum(['small', 'medium', 'large']).optional(),
            type: subtaskType.optional(),
            dependsOn: z
              .array(title)
              .max(50)
              .optional()
              .describe('Titles of those in this list that must be done first; they stand before it'),
          }),
        )
        .min(1)
        .max(50),
    }),
    async run({ reason, suggestedSubtasks }, call) {
      const subtasks = suggestedSubtasks.map(
        ({ estimatedComplexity, description: words, dependsOn, type, title: name }) => ({
          title: name,
          description:
            estimatedComplexity === undefined ? words : `${words}\n\nEstimated complexity: ${estimatedComplexity}.`,
          ...(type === undefined ? {} : { type }),
          ...(dependsOn === undefined ? {} : { dependsOn }),
        }),
      );
      const { parts } = await call('agent.decompose', { reason, subtasks });
      const list = parts.map(({ id, title: name }) => `${id} ${name}`).join('\n');
      return `Your task is divided into these, and completed when they are. End your turn now.\n${list}`;
    },
  }),
  defineTool({
    name: 'record_findings',
    description:
      'Stores the findings of a research task, for the person and for the tasks that depend on it. Call it again to replace them; then call complete_task.',
    input: z.strictObject({
      findings: z
        .array(
          z.strictObject({
            summary: z.string().trim().min(1).max(4_000),
            relevance: z.number().min(0).max(1).describe('0 to 1'),
            sourceRef: z
              .string()
              .trim()
              .max(1_000)
              .default('')
              .describe('Where it was found: a file with its line, an address'),
          }),
        )
        .min(1)
        .max(50),
      sources: z.array(z.string().trim().min(1).max(1_000)).max(200).default([]),
    }),
    async run(input, call) {
      const { count } = await call('agent.record-findings', input);
      return `${count} findings are stored. Call complete_task when you are done.`;
    },
  }),
  defineTool({
    name: 'list_tasks',
    description:
      'Shows where your task stands: the tasks above it, itself, and the sub-tasks below it, with their status.',
    input: z.strictObject({}),
    async run(_input, call) {
      return JSON.stringify(await call('agent.tasks', {}), null, 2);
    },
  }),
];

/** All tools, in the order in which they are listed. */
export const TOOLS: readonly Tool[] = [...OWN_TOOLS, ...DELEGATION_TOOLS];

/** What the model reads when a call failed: a refusal with its next step, anything else in one line. */
export function explainFailure(error: unknown): string {
  if (error instanceof RefusalError) {
    const { message, next } = error.refusal;
    return next === '' ? message : `${message}\nNext: ${next}`;
  }
  return error instanceof Error ? error.message : String(error);
}
