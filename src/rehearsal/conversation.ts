// Owns a conversation on disk: lines shaped like Claude Code's transcript, the script, and the step where it stands.
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseRecord, recordOf, textOf } from './unknown.ts';

/** Where the script stands. Everything in it is written with each step. */
export interface Position {
  readonly list: 'steps' | 'returned';
  /** The step that comes next. */
  readonly index: number;
  /** What a person chose last. */
  readonly answer: string;
  /** The task is submitted and was not given back. */
  readonly isComplete: boolean;
  /** The branch to merge, when the work was given back. */
  readonly base: string;
}

const START: Position = { list: 'steps', index: 0, answer: '', isComplete: false, base: '' };

/** What the conversation is about, found out once. */
export interface Plan {
  readonly yaml: string | null;
  readonly taskId: string;
  readonly title: string;
  readonly attempt: number;
}

export interface Remembered {
  readonly plan: Plan | null;
  readonly position: Position;
  /** For the screen, oldest first. */
  readonly history: readonly { role: 'user' | 'assistant' | 'tool'; text: string }[];
}

/** ms; older conversations of ours are removed when a new one begins. */
const KEEP = 14 * 86_400_000;

/** The folder of all rehearsals. Never that of a real agent. */
export function conversationsFolder(env: Readonly<Record<string, string | undefined>>): string {
  const state = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state');
  return env['DROVER_REHEARSAL_HOME'] || join(state, 'drover-rehearsal');
}

/** The transcript of one session. Each call appends, and is on the disk when it returns. */
export class Conversation {
  readonly path: string;
  readonly #file: number;
  readonly #common: Readonly<Record<string, unknown>>;
  #parent: string | null = null;

  /** Opens it for appending, and makes it when it is new. A last line that a power cut left half written is cut off. */
  constructor(folder: string, session: { id: string; cwd: string }) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = join(folder, `${session.id}.jsonl`);
    if (!existsSync(this.path)) removeOld(folder, Date.now() - KEEP);
    this.#file = openSync(this.path, 'a+', 0o600);
    const bytes = readFileSync(this.path);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole < bytes.length) ftruncateSync(this.#file, whole);
    this.#common = { sessionId: session.id, cwd: session.cwd, isSidechain: false, version: 'drover-rehearsal' };
  }

  /** What the file says. */
  remember(): Remembered {
    const lines = readFileSync(this.path, 'utf8').split('\n').filter(Boolean).map(parseRecord);
    let plan: Plan | null = null;
    let position = START;
    for (const line of lines) {
      if (line['subtype'] === 'rehearsal-plan') plan = planOf(recordOf(line['plan']));
      if (line['subtype'] === 'rehearsal-position') position = positionOf(recordOf(line['position']));
    }
    return { plan, position, history: lines.flatMap(historyOf) };
  }

  user(text: string): void {
    this.#append({ type: 'user', message: { role: 'user', content: text } });
  }

  assistant(text: string): void {
    this.#assistant({ type: 'text', text });
  }

  toolUse(id: string, name: string, input: unknown): void {
    this.#assistant({ type: 'tool_use', id, name, input });
  }

  toolResult(id: string, text: string, isError: boolean): void {
    const content = [{ type: 'tool_result', tool_use_id: id, content: text, is_error: isError }];
    this.#append({ type: 'user', message: { role: 'user', content } });
  }

  /** The mark of an interrupt, by which Drover recognises one. */
  interrupted(during: 'turn' | 'tool'): void {
    const text = `[Request interrupted by user${during === 'tool' ? ' for tool use' : ''}]`;
    this.#append({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } });
  }

  /** Guidance that a hook gave: the proof that it has arrived. */
  hookContext(event: string, tool: string, text: string): void {
    const name = tool === '' ? event : `${event}:${tool}`;
    this.#append({
      type: 'attachment',
      attachment: { type: 'hook_additional_context', content: [text], hookName: name, hookEvent: event },
    });
  }

  /** Words that were typed while it worked, taken at a boundary. */
  queued(text: string): void {
    this.#append({ type: 'attachment', attachment: { type: 'queued_command', prompt: text } });
  }

  apiError(error: string, message: string): void {
    this.#assistant({ type: 'text', text: message }, { isApiErrorMessage: true, error });
  }

  plan(plan: Plan): void {
    this.#append({ type: 'system', subtype: 'rehearsal-plan', plan });
  }

  position(position: Position): void {
    this.#append({ type: 'system', subtype: 'rehearsal-position', position });
  }

  close(): void {
    closeSync(this.#file);
  }

  #assistant(block: unknown, extra: Readonly<Record<string, unknown>> = {}): void {
    const usage = { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
    const message = { id: `msg_${randomUUID()}`, model: 'rehearsal', role: 'assistant', content: [block], usage };
    this.#append({ type: 'assistant', message, ...extra });
  }

  #append(line: Readonly<Record<string, unknown>>): void {
    const uuid = randomUUID();
    const whole = { ...this.#common, parentUuid: this.#parent, uuid, timestamp: new Date().toISOString(), ...line };
    this.#parent = uuid;
    writeSync(this.#file, `${JSON.stringify(whole)}\n`);
    fsyncSync(this.#file);
  }
}

function removeOld(folder: string, before: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    try {
      if (/^[A-Za-z0-9-]{1,64}\.jsonl$/.test(name) && statSync(path).mtimeMs < before) unlinkSync(path);
    } catch {
      // Another rehearsal that starts at this moment was quicker.
    }
  }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

function planOf(plan: Readonly<Record<string, unknown>>): Plan {
  const yaml = plan['yaml'];
  return {
    yaml: typeof yaml === 'string' ? yaml : null,
    taskId: textOf(plan, 'taskId'),
    title: textOf(plan, 'title'),
    attempt: numberOf(plan['attempt']),
  };
}

function positionOf(position: Readonly<Record<string, unknown>>): Position {
  return {
    list: position['list'] === 'returned' ? 'returned' : 'steps',
    index: numberOf(position['index']),
    answer: textOf(position, 'answer'),
    isComplete: position['isComplete'] === true,
    base: textOf(position, 'base'),
  };
}

function historyOf(line: Readonly<Record<string, unknown>>): Remembered['history'][number][] {
  const role = line['type'];
  if (role !== 'user' && role !== 'assistant') return [];
  const content = recordOf(line['message'])['content'];
  if (typeof content === 'string') return [{ role, text: content }];
  if (!Array.isArray(content)) return [];
  return content.map(recordOf).flatMap((block): Remembered['history'][number][] => {
    if (block['type'] === 'text') return [{ role, text: textOf(block, 'text') }];
    if (block['type'] === 'tool_use') return [{ role: 'tool', text: textOf(block, 'name') }];
    return [];
  });
}
