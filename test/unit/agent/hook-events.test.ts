// Tells what hook events mean for the state of a run.
import { describe, expect, it } from 'vitest';
import {
  describeRequest,
  foldHook,
  foldStop,
  type HookState,
  INITIAL_HOOK_STATE,
  readHookEvent,
} from '../../../src/agent/hook-events.ts';

type Body = Record<string, unknown>;

/** The reports of a script of events; a dash where an event changed nothing. */
function play(...bodies: Body[]): string[] {
  let state: HookState = INITIAL_HOOK_STATE;
  return bodies.map((body) => {
    const event = readHookEvent(body);
    if (event === null) return 'no event';
    const folded =
      body['hook_event_name'] === 'Stop' ? foldStop(state, event, body['goesOn'] === true) : foldHook(state, event);
    state = folded.state;
    const { report } = folded;
    return report === null ? '-' : `${report.state}${report.detail === '' ? '' : ` ${report.detail}`}`;
  });
}

const on = (name: string, more: Body = {}): Body => ({ hook_event_name: name, ...more });
const bash = { tool_name: 'Bash', tool_input: { command: 'npm test' } };
const sub = { agent_id: 'a1' };

describe('foldHook', () => {
  it('follows a turn', () => {
    expect(
      play(
        on('UserPromptSubmit'),
        on('PreToolUse', bash),
        on('PermissionRequest', bash),
        on('PostToolUse', bash),
        on('PostToolBatch'),
        on('Stop', { last_assistant_message: 'Done.' }),
      ),
    ).toEqual(['working', 'working', 'needs-input Bash: npm test', 'working', 'working', 'turn-ended Done.']);
  });

  it('keeps a dialog open until its own tool has run, whatever else of the batch ends', () => {
    const read = { tool_name: 'Read', tool_input: { file_path: 'a' } };
    expect(
      play(
        on('PermissionRequest', bash),
        on('PostToolUse', read),
        on('PreToolUse', read),
        on('PostToolUseFailure', bash),
      ),
    ).toEqual(['needs-input Bash: npm test', '-', '-', 'working']);
    expect(play(on('PermissionRequest', bash), on('PostToolBatch'))).toEqual(['needs-input Bash: npm test', 'working']);
  });

  it('takes nothing from a subagent but its dialogs', () => {
    expect(
      play(
        on('UserPromptSubmit'),
        on('PreToolUse', { ...bash, ...sub }),
        on('PostToolUse', { ...bash, ...sub }),
        on('Stop', { last_assistant_message: '' }),
        on('PostToolBatch', sub),
        on('SubagentStop', sub),
        on('StopFailure', { ...sub, error: 'x' }),
        on('UserPromptSubmit', sub),
      ),
    ).toEqual(['working', '-', '-', 'turn-ended', '-', '-', '-', '-']);
    expect(
      play(
        on('PermissionRequest', { ...bash, ...sub }),
        on('PostToolUse', bash),
        on('PostToolUse', { ...bash, ...sub }),
      ),
    ).toEqual(['needs-input Bash: npm test', '-', 'working']);
    expect(play(on('PermissionRequest', { ...bash, ...sub }), on('Stop'), on('SubagentStop', sub))).toEqual([
      'needs-input Bash: npm test',
      '-',
      'working',
    ]);
    expect(play(on('PermissionRequest', { ...bash, ...sub }), on('UserPromptSubmit'))).toEqual([
      'needs-input Bash: npm test',
      'working',
    ]);
  });

  it('goes on working when the end of a turn is answered with a text', () => {
    expect(play(on('UserPromptSubmit'), on('Stop', { goesOn: true }))).toEqual(['working', 'working']);
  });

  it('tells API errors, and an idle prompt without a Stop as an interrupt', () => {
    expect(play(on('StopFailure', { error: 'rate_limit' }), on('StopFailure'))).toEqual([
      'api-error rate_limit',
      'api-error unknown',
    ]);
    const idle = on('Notification', { notification_type: 'idle_prompt', message: 'waiting' });
    expect(play(on('UserPromptSubmit'), idle)).toEqual(['working', 'interrupted it waits for input']);
    expect(play(on('UserPromptSubmit'), on('Stop'), idle)).toEqual(['working', 'turn-ended', '-']);
  });

  it('takes a notification of a dialog only when the request itself was missed', () => {
    const note = on('Notification', {
      notification_type: 'permission_prompt',
      message: 'Claude needs your permission',
    });
    expect(play(on('PermissionRequest', bash), note)).toEqual(['needs-input Bash: npm test', '-']);
    expect(play(note, on('PostToolUse', bash))).toEqual(['needs-input Claude needs your permission', 'working']);
  });

  it('lets other events be', () => {
    expect(
      play(on('SubagentStart', sub), on('SessionEnd'), on('Setup'), on('Notification'), {}, { hook_event_name: 3 }),
    ).toEqual(['-', '-', '-', '-', 'no event', 'no event']);
    expect([null, [], 'x', 7].map(readHookEvent)).toEqual([null, null, null, null]);
  });
});

describe('describeRequest', () => {
  it.each([
    ['Bash', { command: 'rm -rf x', description: 'd' }, 'Bash: rm -rf x'],
    ['Write', { content: 'c', file_path: '/etc/x' }, 'Write: /etc/x'],
    ['mcp__x__y', { count: 3, text: 'hi' }, 'mcp__x__y: hi'],
    ['Odd', {}, 'Odd'],
    ['Bash', { command: 'a\u001b]0;evil\u0007\n b\u202e' }, 'Bash: a ]0;evil b'],
    [
      'AskUserQuestion',
      { questions: [{ question: 'Which?', options: [{ label: 'A' }, 'B', 3] }, { question: 'Why?' }] },
      'Which? (A / B) · Why?',
    ],
    ['AskUserQuestion', { questions: 'odd', prompt: 'p' }, 'AskUserQuestion: p'],
  ])('%s', (tool, input, text) => expect(describeRequest(tool, input)).toBe(text));

  it('is cut', () => expect(describeRequest('Bash', { command: 'x'.repeat(2000) })).toHaveLength(500));
});
