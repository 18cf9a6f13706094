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
    inputSchema: { ...z.toJSONSchema(row.input), type: 'object' },
    async run(input, call) {
      const parsed = row.input.safeParse(input ?? {});
      if (!parsed.success)
        throw new Error(`the arguments of ${row.name} are not valid: ${z.prettifyError(parsed.error)}`);
      return row.run(parsed.data, call);
    },
  };
}

/** All tools, in the order in which they are listed. */
export const TOOLS: readonly Tool[] = [
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

/** What the model reads when a call failed: a refusal with its next step, anything else in one line. */
export function explainFailure(error: unknown): string {
  if (error instanceof RefusalError) {
    const { message, next } = error.refusal;
    return next === '' ? message : `${message}\nNext: ${next}`;
  }
  return error instanceof Error ? error.message : String(error);
}
