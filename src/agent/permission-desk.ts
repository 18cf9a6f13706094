// Owns the questions of one run that are held: PermissionRequest hooks that wait for whoever answers first, a person outside of the pane or the dialog in it.
import { randomBytes } from 'node:crypto';
import type { Answer, Question, QuestionPart } from '../domain/question.ts';
import { sanitise } from '../domain/text.ts';
import { kindOfCall } from './call-kind.ts';
import { describeRequest, type HookEvent, textOf } from './hook-events.ts';
import type { PolicyContext } from './policy.ts';
import { resolveReal } from './real-path.ts';

export interface DeskParts {
  readonly policy: PolicyContext;
  /** Kinds of calls that are allowed for the task. */
  readonly allowed: () => readonly string[];
  readonly onAsked: (question: Question) => void;
  /** It was answered in the pane, or is not asked any more. */
  readonly onSettled: (questionId: string) => void;
}

type HookReply = Record<string, unknown>;

interface Held {
  readonly question: Question;
  readonly event: HookEvent;
  readonly reply: (reply: HookReply) => void;
}

/** Characters of one text of a question, and of a label. */
const MOST_TEXT = 500;
const MOST_LABEL = 120;

export class PermissionDesk {
  readonly #parts: DeskParts;
  readonly #held = new Map<string, Held>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** The oldest question that waits; null when none does. */
  get open(): Question | null {
    for (const { question } of this.#held.values()) return question;
    return null;
  }

  /** True for a call of a kind that a person has allowed for the task. */
  isAllowed(event: HookEvent): boolean {
    return this.#parts.allowed().includes(this.#kindOf(event).key);
  }

  /** The reply to a question that a person has answered for the whole task; null when it must be asked. */
  pass(event: HookEvent): HookReply | null {
    const isAsked = event.name === 'PermissionRequest' && questionKind(event) === 'permission';
    return isAsked && this.isAllowed(event) ? decided({ behavior: 'allow' }) : null;
  }

  /** Asks, and resolves with the hook's reply; an empty one when it was answered in the pane. `gone` resolves when the agent waits no more. */
  hold(event: HookEvent, gone: Promise<void>): Promise<HookReply> {
    const question = this.#questionOf(event);
    return new Promise((resolve) => {
      this.#held.set(question.id, { question, event, reply: resolve });
      this.#parts.onAsked(question);
      void gone.then(() => this.#settle(question.id));
    });
  }

  /** Answers a question that is held. Gives the kind of calls that is allowed with it, if any; null when the question is not held any more. */
  answer(questionId: string, answer: Answer): { readonly allows?: string } | null {
    const held = this.#held.get(questionId);
    if (!held) return null;
    this.#held.delete(questionId);
    held.reply(replyOf(held.event, answer));
    return answer.kind === 'allow' && answer.isForTask ? { allows: this.#kindOf(held.event).key } : {};
  }

  /** An event that tells that a dialog is closed. */
  hear(event: HookEvent): void {
    for (const { question, event: asked } of [...this.#held.values()])
      if (closes(event, asked)) this.#settle(question.id);
  }

  /** No dialog is open any more. */
  settleAll(): void {
    for (const id of [...this.#held.keys()]) this.#settle(id);
  }

  #settle(id: string): void {
    const held = this.#held.get(id);
    if (!held) return;
    this.#held.delete(id);
    held.reply({});
    this.#parts.onSettled(id);
  }

  #kindOf({ tool, input, body }: HookEvent): { key: string; words: string } {
    const { policy } = this.#parts;
    const cwd = textOf(body, 'cwd') || policy.worktree;
    return kindOfCall({ ...policy, tool, input, cwd, resolve: resolveReal });
  }

  #questionOf(event: HookEvent): Question {
    const kind = questionKind(event);
    return {
      id: `ask-${randomBytes(4).toString('hex')}`,
      kind,
      tool: line(event.tool, MOST_LABEL),
      about: describeRequest(event.tool, event.input),
      parts: kind === 'question' ? rawParts(event.input).map(cleanPart) : [],
      scope: kind === 'permission' ? line(this.#kindOf(event).words, MOST_TEXT) : null,
      askedAt: Date.now(),
    };
  }
}

function questionKind({ tool, input }: HookEvent): Question['kind'] {
  if (tool === 'ExitPlanMode') return 'plan';
  return tool === 'AskUserQuestion' && rawParts(input).length > 0 ? 'question' : 'permission';
}

/** Another tool of the same batch may finish while a dialog is open: only its own call closes it. */
function closes(event: HookEvent, asked: HookEvent): boolean {
  const isSameThread = event.agentId === asked.agentId;
  switch (event.name) {
    case 'PostToolUse':
    case 'PostToolUseFailure':
      return isSameThread && event.tool === asked.tool && JSON.stringify(event.input) === JSON.stringify(asked.input);
    case 'PostToolBatch':
    case 'SubagentStop':
    case 'Stop':
      return isSameThread;
    case 'UserPromptSubmit':
    case 'StopFailure':
      return event.agentId === null;
    case 'SessionEnd':
      return true;
    default:
      return false;
  }
}

function decided(decision: Record<string, unknown>): HookReply {
  return { hookSpecificOutput: { hookEventName: 'PermissionRequest', decision } };
}

/** An option's label goes back as the agent wrote it, and under the question as it asked it. */
function replyOf({ input }: HookEvent, answer: Answer): HookReply {
  switch (answer.kind) {
    case 'allow':
      return decided({ behavior: 'allow' });
    case 'deny': {
      const why = answer.reason === '' ? 'The operator denies this.' : `The operator denies this: ${answer.reason}`;
      return decided({ behavior: 'deny', message: why });
    }
    case 'choose': {
      const answers = Object.fromEntries(
        rawParts(input).map((part, index) => [part.text, rawChoice(part, answer.choices[index] ?? '')]),
      );
      return decided({ behavior: 'allow', updatedInput: { ...input, answers } });
    }
  }
}

function rawChoice({ options, isMulti }: QuestionPart, choice: string): string {
  const raw = (text: string): string => options.find(({ label }) => line(label, MOST_LABEL) === text)?.label ?? text;
  return isMulti ? choice.split(', ').map(raw).join(', ') : raw(choice);
}

/** What AskUserQuestion asks, as it was written; none when it is of another form. */
function rawParts(input: Readonly<Record<string, unknown>>): QuestionPart[] {
  const questions = input['questions'];
  if (!Array.isArray(questions)) return [];
  return questions.flatMap((value: unknown) => {
    const question = recordOf(value);
    const text = textOf(question, 'question');
    const options = Array.isArray(question['options']) ? question['options'] : [];
    if (text === '') return [];
    return [{ text, options: options.map(rawOption), isMulti: question['multiSelect'] === true }];
  });
}

function rawOption(value: unknown): { label: string; description: string } {
  if (typeof value === 'string') return { label: value, description: '' };
  const option = recordOf(value);
  return { label: textOf(option, 'label'), description: textOf(option, 'description') };
}

function cleanPart({ text, options, isMulti }: QuestionPart): QuestionPart {
  return {
    text: line(text, MOST_TEXT),
    options: options.map(({ label, description }) => ({
      label: line(label, MOST_LABEL),
      description: line(description, MOST_TEXT),
    })),
    isMulti,
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** One sanitised line of at most so many characters. */
function line(text: string, most: number): string {
  const letters = [...sanitise(text)];
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : letters.join('');
}
