// Owns the reading of one step of a script: which keys it takes, and what is said when it is wrong.
import type { Action, Change, Step } from './script.ts';

/** A mistake in a script, in one sentence that names the step. */
export class ScriptError extends Error {}

/** Steps after `repeat` is unrolled. */
const MOST_STEPS = 10_000;

type Reader = (value: unknown) => Action;
type Fields = Readonly<Record<string, unknown>>;

/** Reads a list of steps; `what` names them in a complaint. */
export function readSteps(value: unknown, what: string): Step[] {
  if (!Array.isArray(value)) throw new ScriptError(`the ${what}s are no list`);
  const steps = value.flatMap((item: unknown, index) => {
    try {
      return readItem(item, what);
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      throw new ScriptError(`${what} ${index + 1}: ${error.message}`);
    }
  });
  if (steps.length > MOST_STEPS) throw new ScriptError(`there are more than ${MOST_STEPS} ${what}s`);
  return steps;
}

function readItem(item: unknown, what: string): Step[] {
  const { attempt, ...rest } = typeof item === 'string' ? { [item]: null, attempt: undefined } : fieldsOf(item);
  const limit = attempt === undefined ? null : whole(attempt, 'attempt');
  const [entry, ...others] = Object.entries(rest);
  if (entry === undefined) throw new ScriptError('it is empty');
  if (others.length > 0) throw new ScriptError(`it has several keys: ${Object.keys(rest).join(', ')}`);
  const [kind, value] = entry;
  if (kind === 'repeat') return repeat(value, what);
  const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  if (reader === undefined) {
    throw new ScriptError(`"${kind}" is no kind of step; there are ${Object.keys(READERS).join(', ')}, repeat`);
  }
  return [{ ...reader(value), attempt: limit }];
}

function repeat(value: unknown, what: string): Step[] {
  const { times, steps } = fieldsOf(value);
  const inner = readSteps(steps, what);
  const count = whole(times, 'times');
  if (count * inner.length > MOST_STEPS) throw new ScriptError(`it gives more than ${MOST_STEPS} steps`);
  return Array.from({ length: count }, () => inner).flat();
}

const READERS: Readonly<Record<string, Reader>> = {
  say: (value) => ({ kind: 'say', text: text(value, 'say') }),
  think: (value) => ({ kind: 'think', ms: milliseconds(value) }),
  read: (value) => ({ kind: 'read', file: text(value, 'read') }),
  edit: readEdit,
  run: (value) => {
    if (typeof value === 'string') return { kind: 'run', command: value, must: false };
    const fields = fieldsOf(value);
    return { kind: 'run', command: text(fields['command'], 'command'), must: fields['must'] === true };
  },
  ask: readQuestion,
  commit: (value) => ({ kind: 'commit', message: text(value, 'commit') }),
  complete: (value) => {
    if (typeof value === 'string') return { kind: 'complete', verdict: 'pass', summary: value };
    const fields = fieldsOf(value);
    const verdict = fields['verdict'] ?? 'pass';
    if (verdict !== 'pass' && verdict !== 'fail' && verdict !== 'blocked')
      throw new ScriptError('"verdict" is pass, fail or blocked');
    return { kind: 'complete', verdict, summary: text(fields['summary'], 'summary') };
  },
  fail: (value) => ({ kind: 'complete', verdict: 'fail', summary: text(value, 'fail') }),
  blocked: (value) => ({ kind: 'complete', verdict: 'blocked', summary: text(value, 'blocked') }),
  call: (value) => {
    const { tool, ...input } = fieldsOf(value);
    return { kind: 'call', tool: text(tool, 'tool'), input };
  },
  hang: () => ({ kind: 'hang' }),
  crash: (value) => ({ kind: 'crash', code: value === null ? 1 : whole(fieldsOf(value)['code'], 'code') }),
  'api-error': (value) => {
    const fields = value === null ? {} : fieldsOf(value);
    return {
      kind: 'api-error',
      error: text(fields['error'] ?? 'rate_limit', 'error'),
      message: text(fields['message'] ?? 'The service is overloaded.', 'message'),
    };
  },
  'end-turn': (value) => ({ kind: 'end-turn', message: value === null ? '' : text(value, 'end-turn') }),
  'leave-running': (value) => ({ kind: 'leave-running', command: text(value, 'leave-running') }),
};

function readEdit(value: unknown): Action {
  const fields = fieldsOf(value);
  const file = text(fields['file'], 'file');
  return { kind: 'edit', file, change: readChange(fields) };
}

function readChange(fields: Fields): Change {
  if (fields['content'] !== undefined) return { content: text(fields['content'], 'content') };
  if (fields['append'] !== undefined) return { append: text(fields['append'], 'append') };
  if (fields['find'] !== undefined)
    return { find: text(fields['find'], 'find'), replace: text(fields['replace'] ?? '', 'replace') };
  throw new ScriptError('an edit takes "content", "append", or "find" and "replace"');
}

function readQuestion(value: unknown): Action {
  const fields = fieldsOf(value);
  const options = fields['options'];
  if (!Array.isArray(options) || options.length === 0) throw new ScriptError('"options" takes a list');
  const { patience } = fields;
  return {
    kind: 'ask',
    question: text(fields['question'], 'question'),
    options: options.map((option: unknown) => text(option, 'options')),
    patience: patience === undefined ? null : milliseconds(patience),
  };
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ScriptError('it takes a mapping');
  return { ...value };
}

function text(value: unknown, key: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new ScriptError(`"${key}" takes a text`);
}

function whole(value: unknown, key: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new ScriptError(`"${key}" takes a whole number`);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** `2s`, `500ms`, `1.5s`, or a number of seconds; gives ms. */
function milliseconds(value: unknown): number {
  const [, number, unit = 's'] = /^([0-9]+(?:\.[0-9]+)?) ?(ms|s|m)?$/.exec(String(value)) ?? [];
  if (number === undefined) throw new ScriptError(`"${String(value)}" is no duration; write 2s or 500ms`);
  return Number(number) * (UNITS[unit] ?? 1000);
}
