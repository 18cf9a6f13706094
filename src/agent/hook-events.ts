// Owns what a hook event means for the state of a run. Pure: an event in, a report out, and the dialogs that are open.
import type { StateReport } from './agent.ts';

/** A hook's body, as far as we read it. Everything in it is data of the agent. */
export interface HookEvent {
  readonly name: string;
  /** Set inside of a subagent only. */
  readonly agentId: string | null;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the hooks of one run have told so far. */
export interface HookState {
  /** Open dialogs: thread and tool to the question. While one is open nothing may be typed: Enter would approve it. */
  readonly questions: ReadonlyMap<string, string>;
  readonly last: StateReport['state'];
}

export const INITIAL_HOOK_STATE: HookState = { questions: new Map(), last: 'starting' };

/** The text of a field, or empty. */
export function textOf(record: Readonly<Record<string, unknown>>, field: string): string {
  const value = record[field];
  return typeof value === 'string' ? value : '';
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** Reads a parsed body; null when it is no hook event. */
export function readHookEvent(value: unknown): HookEvent | null {
  const body = recordOf(value);
  const name = textOf(body, 'hook_event_name');
  if (name === '') return null;
  const agentId = textOf(body, 'agent_id');
  return {
    name,
    agentId: agentId === '' ? null : agentId,
    tool: textOf(body, 'tool_name'),
    input: recordOf(body['tool_input']),
    body,
  };
}

/** Characters of a detail; it stands in one line of a pane title or a sidebar. */
const DETAIL_LENGTH = 500;

/** One line without control or formatting characters, cut to a length. */
function plainLine(text: string, length = DETAIL_LENGTH): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const letters = [...line];
  return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : line;
}

/** Fields that name what a tool is about, the first that is there is shown. */
const MAIN_ARGUMENTS = ['command', 'file_path', 'notebook_path', 'path', 'url', 'pattern', 'query', 'prompt', 'plan'];

function describeQuestions(questions: readonly unknown[]): string {
  return questions
    .map((item) => {
      const question = recordOf(item);
      const options = Array.isArray(question['options']) ? question['options'] : [];
      const labels = options
        .map((option) => (typeof option === 'string' ? option : textOf(recordOf(option), 'label')))
        .filter((label) => label !== '');
      return labels.length > 0
        ? `${textOf(question, 'question')} (${labels.join(' / ')})`
        : textOf(question, 'question');
    })
    .join(' · ');
}

/** The question of a permission dialog in one line: the tool and its main argument, or what AskUserQuestion asks with its options. */
export function describeRequest(tool: string, input: Readonly<Record<string, unknown>>): string {
  const questions = input['questions'];
  if (tool === 'AskUserQuestion' && Array.isArray(questions)) return plainLine(describeQuestions(questions));
  const field = MAIN_ARGUMENTS.find((name) => textOf(input, name) !== '');
  const argument = field
    ? textOf(input, field)
    : (Object.values(input).find((value) => typeof value === 'string') ?? '');
  return plainLine(argument === '' ? tool : `${tool}: ${argument}`);
}

const keyOf = (event: HookEvent, tool: string): string => `${event.agentId ?? ''}\n${tool}`;
/** A question known from a notification alone; it has no tool. */
const NOTIFIED = '';

function without(
  questions: ReadonlyMap<string, string>,
  isGone: (key: string) => boolean,
): ReadonlyMap<string, string> {
  return new Map([...questions].filter(([key]) => !isGone(key)));
}

const report = (state: StateReport['state'], detail = ''): StateReport => ({ state, source: 'hook', detail });

interface Folded {
  readonly state: HookState;
  /** Null leaves the run's state as it is. */
  readonly report: StateReport | null;
}

function say(questions: ReadonlyMap<string, string>, told: StateReport): Folded {
  return { state: { questions, last: told.state }, report: told };
}

/** The thread works. A dialog that is still open outweighs it, and a subagent is heard only when it closed the last one. */
function works(state: HookState, event: HookEvent, questions: ReadonlyMap<string, string>): Folded {
  const closedLast = state.questions.size > 0 && questions.size === 0;
  const isHeard = event.agentId === null ? questions.size === 0 : closedLast;
  return isHeard ? say(questions, report('working')) : { state: { ...state, questions }, report: null };
}

function notified(state: HookState, event: HookEvent): Folded {
  const type = textOf(event.body, 'notification_type');
  if (type === 'idle_prompt' && state.last === 'working' && state.questions.size === 0) {
    // Idle without a Stop: the turn was interrupted, which no hook tells.
    return say(state.questions, report('interrupted', 'it waits for input'));
  }
  const isQuestion = type === 'permission_prompt' || type.startsWith('elicitation_dialog');
  if (!isQuestion || state.questions.size > 0) return { state, report: null };
  const question = plainLine(textOf(event.body, 'message'));
  return say(new Map([[keyOf(event, NOTIFIED), question]]), report('needs-input', question));
}

/**
 * Folds one event (except Stop's answer, which is `foldStop`). Events of a subagent never change the run's state, except
 * that they open and close dialogs, which the whole terminal waits for.
 */
export function foldHook(state: HookState, event: HookEvent): Folded {
  const thread = `${event.agentId ?? ''}\n`;
  switch (event.name) {
    case 'PermissionRequest': {
      const question = describeRequest(event.tool, event.input);
      return say(new Map(state.questions).set(keyOf(event, event.tool), question), report('needs-input', question));
    }
    case 'PostToolUse':
    case 'PostToolUseFailure': {
      // Another tool of the same batch may finish while the dialog is still open: only its own tool closes it.
      const closed = new Set([keyOf(event, event.tool), keyOf(event, NOTIFIED)]);
      return works(
        state,
        event,
        without(state.questions, (key) => closed.has(key)),
      );
    }
    case 'PostToolBatch':
    case 'SubagentStop':
      return works(
        state,
        event,
        without(state.questions, (key) => key.startsWith(thread)),
      );
    case 'UserPromptSubmit':
      // A prompt cannot be typed behind a dialog, so none is open, whoever asked.
      return event.agentId === null ? works(state, event, new Map()) : { state, report: null };
    case 'PreToolUse':
    case 'PreCompact':
      return works(state, event, state.questions);
    case 'StopFailure':
      if (event.agentId !== null) return { state, report: null };
      return say(new Map(), report('api-error', plainLine(textOf(event.body, 'error') || 'unknown')));
    case 'Notification':
      return notified(state, event);
    case 'SessionEnd':
      return { state: { ...state, questions: new Map() }, report: null };
    default:
      return { state, report: null };
  }
}

/** Folds the end of a turn of the main thread; `goesOn` when we answered with a text that continues it. */
export function foldStop(state: HookState, event: HookEvent, goesOn: boolean): Folded {
  const questions = without(state.questions, (key) => key.startsWith('\n'));
  if (goesOn) return works(state, event, questions);
  // A background subagent may still ask.
  if (questions.size > 0) return { state: { ...state, questions }, report: null };
  return say(questions, report('turn-ended', plainLine(textOf(event.body, 'last_assistant_message'))));
}
