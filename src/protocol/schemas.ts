// Owns the validators of the method table: what a client may send. Loaded by the server only.
import { z } from 'zod';
import { TASK_STATUSES, TASK_TYPES, VERDICTS } from '../domain/task.ts';
import { AGENT_KINDS } from '../domain/worker.ts';
import { MAX_CELLS, type MethodName, MIN_CELLS, type Params } from './methods.ts';

const nothing = z.strictObject({});
/** Longer than any id; the domain says which one is unknown. */
const reference = z.string().min(1).max(200);
const text = z.string().max(64 * 1024);
const labels = z.array(z.string().min(1).max(60)).max(50);
/** Beneath the repository's root; no system knows a longer one. */
const fileName = z.string().min(1).max(4096);
const priority = z.int().min(-100).max(100);
const attempts = z.int().min(1).max(100);
const references = z.array(reference).max(1000);
/** A terminal's size in cells. */
const cells = z.int().min(MIN_CELLS).max(MAX_CELLS);
const pane = z.int().min(1).max(65_535);
const subtaskType = z.enum(['implementation', 'research', 'fix']);
const color = z.string().regex(/^#[0-9a-fA-F]{6}$/);

const changes = z.strictObject({
  title: text.optional(),
  description: text.optional(),
  type: z.enum(TASK_TYPES).optional(),
  epicId: reference.nullable().optional(),
  priority: priority.optional(),
  labels: labels.optional(),
  blockedBy: references.optional(),
  testCommand: text.nullable().optional(),
  maxAttempts: attempts.optional(),
});

/** One validator a method; a method without one does not exist. */
export const SCHEMAS: { readonly [M in MethodName]: z.ZodType<Params<M>> } = {
  'session.hello': z.strictObject({
    protocol: z.int(),
    kind: z.enum(['cli', 'tui', 'linear', 'mcp', 'test']),
    operator: z.string().min(1).max(200),
    token: z.string().max(200).optional(),
    pid: z.int(),
    isReadOnly: z.literal(true).optional(),
  }) as z.ZodType<Params<'session.hello'>>,
  'status.get': nothing,
  'status.oneline': nothing,
  'task.create': z.strictObject({
    title: text,
    description: text.optional(),
    type: z.enum(TASK_TYPES).optional(),
    epic: text.optional(),
    priority: priority.optional(),
    labels: labels.optional(),
    blockedBy: references.optional(),
    testCommand: text.optional(),
    maxAttempts: attempts.optional(),
    repos: z.array(z.string().min(1).max(4096)).max(100).optional(),
  }) as z.ZodType<Params<'task.create'>>,
  'task.edit': z.strictObject({ task: reference, changes }) as z.ZodType<Params<'task.edit'>>,
  'task.list': z.strictObject({
    status: z.enum(TASK_STATUSES).optional(),
    epic: text.optional(),
    label: text.optional(),
  }) as z.ZodType<Params<'task.list'>>,
  'task.show': z.strictObject({ task: reference }),
  'task.why': z.strictObject({ task: reference }),
  'task.cancel': z.strictObject({ task: reference, reason: text.optional() }) as z.ZodType<Params<'task.cancel'>>,
  'task.retry': z.strictObject({ task: reference }),
  'task.pause': z.strictObject({
    task: reference.optional(),
    isAll: z.literal(true).optional(),
    isNow: z.boolean().optional(),
  }) as z.ZodType<Params<'task.pause'>>,
  'task.resume': z.strictObject({
    task: reference.optional(),
    isAll: z.literal(true).optional(),
    hint: text.optional(),
  }) as z.ZodType<Params<'task.resume'>>,
  'task.diff': z.strictObject({
    task: reference,
    file: fileName.optional(),
    from: fileName.optional(),
  }) as z.ZodType<Params<'task.diff'>>,
  'task.files': z.strictObject({ task: reference }),
  'task.watch-files': z.strictObject({ task: reference.nullable() }),
  'run.answer': z.strictObject({
    task: reference,
    question: reference.optional(),
    words: z.array(text).max(100),
  }) as z.ZodType<Params<'run.answer'>>,
  'guidance.send': z.strictObject({ task: reference, text }),
  'guidance.list': z.strictObject({ task: reference }),
  'guidance.retract': z.strictObject({ hint: reference }),
  'epic.create': z.strictObject({ title: text, description: text.optional() }) as z.ZodType<Params<'epic.create'>>,
  'epic.list': nothing,
  'session.start': z.strictObject({
    workers: z.int().min(1).max(64).optional(),
    epic: text.optional(),
    agent: z.enum(AGENT_KINDS).optional(),
    untilDone: z.boolean().optional(),
    poolSize: z.int().min(0).max(64).optional(),
    poolRefresh: z.int().min(10_000).optional(),
  }) as z.ZodType<Params<'session.start'>>,
  'session.stop': z.strictObject({ reason: text.optional() }) as z.ZodType<Params<'session.stop'>>,
  'session.hold': nothing,
  'session.unhold': nothing,
  'pool.status': nothing,
  'pool.warm': z.strictObject({ count: z.int().min(1).max(64).optional() }) as z.ZodType<Params<'pool.warm'>>,
  'pool.refresh': nothing,
  'pool.drain': nothing,
  'server.status': nothing,
  'server.stop': nothing,
  'events.subscribe': z.strictObject({ since: z.int().min(0).optional() }) as z.ZodType<Params<'events.subscribe'>>,
  'events.recent': z.strictObject({ limit: z.int().min(1).max(1000).optional() }) as z.ZodType<Params<'events.recent'>>,
  'pane.view': z.strictObject({
    panes: z.array(z.strictObject({ pane, cols: cells, rows: cells })).max(256),
    focused: pane.nullable(),
  }),
  'pane.list': nothing,
  'pane.capture': z.strictObject({ pane }),
  'pane.history': z.strictObject({ pane, from: z.int().min(0), count: z.int().min(1).max(1000) }),
  'pane.freeze': z.strictObject({ pane, count: z.int().min(0).max(1000) }),
  'conversation.read': z.strictObject({
    task: reference.optional(),
    pane: pane.optional(),
    from: z.int().min(0).optional(),
    count: z.int().min(1).max(2000).optional(),
  }) as z.ZodType<Params<'conversation.read'>>,
  'search.run': z.strictObject({
    query: z.string().min(1).max(500),
    limit: z.int().min(1).max(500).optional(),
  }) as z.ZodType<Params<'search.run'>>,
  'pane.search': z.strictObject({
    query: z.string().min(1).max(1000),
    isRegex: z.literal(false).optional(),
    pane: pane.optional(),
    limit: z.int().min(1).max(500).optional(),
  }) as z.ZodType<Params<'pane.search'>>,
  'pane.palette': z.strictObject({
    foreground: color,
    background: color,
    cursor: color.optional(),
    ansi: z.array(color).length(16).optional(),
  }) as z.ZodType<Params<'pane.palette'>>,
  'pane.submit': z.strictObject({ pane, text }),
  'pane.lock': z.strictObject({ pane }),
  'pane.unlock': z.strictObject({ pane }),
  'pane.give': z.strictObject({ pane, to: z.string().min(1).max(200) }),
  'pane.open': z.strictObject({
    // More than this no system takes in one argument, or in all of them.
    argv: z
      .array(z.string().max(128 * 1024))
      .min(1)
      .max(1000),
    task: reference.optional(),
  }) as z.ZodType<Params<'pane.open'>>,
  'pane.close': z.strictObject({ pane }),
  'client.list': nothing,
  'client.detach': nothing,
  'client.choose': z.strictObject({ what: z.enum(['layout', 'theme']), name: z.string().regex(/^[\w-]{1,40}$/) }),
  'agent.mcp-ready': nothing,
  'agent.complete': z.strictObject({ verdict: z.enum(VERDICTS), summary: text }),
  'agent.task': nothing,
  'agent.create-subtask': z.strictObject({
    title: text,
    description: text,
    type: subtaskType.optional(),
    waitForCompletion: z.boolean().optional(),
  }) as z.ZodType<Params<'agent.create-subtask'>>,
  'agent.subtask-status': z.strictObject({
    task: reference.optional(),
    waitForCompletion: z.boolean().optional(),
  }) as z.ZodType<Params<'agent.subtask-status'>>,
  'agent.subtask-news': z.strictObject({ seen: text }),
  'agent.stop-waiting': nothing,
  'agent.decompose': z.strictObject({
    reason: text,
    subtasks: z
      .array(
        z.strictObject({
          title: text,
          description: text,
          type: subtaskType.optional(),
          dependsOn: z.array(text).max(100).optional(),
        }),
      )
      .max(100),
  }) as z.ZodType<Params<'agent.decompose'>>,
  'agent.record-findings': z.strictObject({
    findings: z.array(z.strictObject({ summary: text, relevance: z.number(), sourceRef: text })).max(1000),
    sources: z.array(text).max(1000),
  }),
  'agent.tasks': nothing,
};

/** The faults of a message in one sentence: which parameter, and what is wrong with it. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`)
    .join('; ');
}
