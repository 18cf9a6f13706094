// Owns the tests of what the linear stream says and understands.
import { describe, expect, test } from 'vitest';
import { tellEvent, tellOptions, tellRun, tellTransition } from '../../../../src/cli/linear/narration.ts';
import { parseLinear } from '../../../../src/cli/linear/own-words.ts';
import { optionsOn, spokenCounts, spokenRows } from '../../../../src/cli/linear/question.ts';
import type { DroverEvent } from '../../../../src/domain/event.ts';
import { RefusalError } from '../../../../src/domain/refusal.ts';
import { busyHistory } from '../../tui/model-fixture.ts';

const { state } = busyHistory();
const told = (event: DroverEvent) => tellEvent(state, { seq: 1, at: 0, by: 'Ann <ann@example.invalid>', event });

describe('a line', () => {
  test('of a transition says what it is now, what it was, and why', () => {
    const step = { at: 0, taskId: 'task-x7k2m', title: 'fix login', from: 'in_progress', to: 'landing' };
    expect(tellTransition({ ...step, worker: 2, note: '' })).toBe(
      'task-x7k2m, fix login: landing, was in progress, by worker 2.',
    );
    expect(tellTransition({ ...step, to: 'failed', worker: null, note: 'the tests\u001b[31m fail' })).toBe(
      'task-x7k2m, fix login: failed, was in progress: the tests[31m fail.',
    );
  });

  test.each<[string, DroverEvent, string | null]>([
    [
      'a question',
      { type: 'run.state-changed', runId: 'run-p4q8r', state: 'needs-input', source: 'hook', detail: 'May I?' },
      'task-p4q8r, add a rate limit to every endpoint of the public interface: the agent needs you: May I?',
    ],
    [
      'an end',
      { type: 'run.ended', runId: 'run-x7k2m', exitCode: 1, signal: null, reason: '' },
      'task-x7k2m, fix login: the agent has ended, exit code 1.',
    ],
    [
      'a sync that failed',
      { type: 'run.sync-failed', runId: 'run-x7k2m', reason: 'no route to host' },
      'task-x7k2m, fix login: the agent may not write: no route to host.',
    ],
    [
      'an arrival',
      { type: 'client.attached', operator: 'bob@example.invalid', kind: 'tui', isReadOnly: true },
      'bob is here, looking on.',
    ],
    [
      'typing',
      { type: 'pane.typed', operator: 'Ann <ann@example.invalid>', pane: 2, runId: null, taskId: null },
      'Ann types into pane 2.',
    ],
    [
      'work handed in',
      { type: 'task.submitted', taskId: 'task-x7k2m', verdict: 'pass', summary: 'Done' },
      'task-x7k2m, fix login: handed in as pass: Done.',
    ],
    [
      'a hint',
      { type: 'guidance.queued', guidanceId: 'hint-1', taskId: 'task-x7k2m', text: 'Use\u001b[31m tabs' },
      'task-x7k2m, fix login: hint from Ann: Use[31m tabs.',
    ],
    [
      'a hint that was heard',
      { type: 'guidance.acknowledged', guidanceId: 'hint-1', taskId: 'task-x7k2m' },
      'task-x7k2m, fix login: hint heard by the agent.',
    ],
    [
      'a hint that did not arrive',
      { type: 'guidance.requeued', guidanceId: 'hint-1', taskId: 'task-x7k2m', reason: 'the agent was interrupted' },
      'task-x7k2m, fix login: hint waits again: the agent was interrupted.',
    ],
    [
      'a pause that is asked for',
      { type: 'task.pause-asked', taskId: 'task-x7k2m', isNow: true },
      'task-x7k2m, fix login: to be paused at once, asked by Ann.',
    ],
    [
      'the end of a pause',
      { type: 'task.resumed', taskId: 'task-x7k2m' },
      'task-x7k2m, fix login: goes on, asked by Ann.',
    ],
    ['a held queue', { type: 'session.held' }, 'The queue is held by Ann.'],
    ['the stop', { type: 'session.stopped', reason: 'nothing is left' }, 'The session has stopped: nothing is left.'],
    ['the books of a worktree', { type: 'worktree.released', worktreeId: 'worktree-1' }, null],
  ])('of %s is one plain sentence', (_name, event, words) => {
    expect(told(event)).toBe(words);
  });

  test('of a pane names it, its task and what its agent does', () => {
    const run = state.runs.get('run-p4q8r');
    expect(run && tellRun(state, run)).toMatch(/^Pane 2: task-p4q8r, .*: the agent needs you: May I delete/);
  });

  test('of options numbers them and says how to answer', () => {
    expect(tellOptions('task-x7k2m', ['Yes', 'No\u001b[2J'])).toEqual([
      '  1: Yes',
      '  2: No[2J',
      '  Type: answer x7k2m and a number from 1 to 2.',
    ]);
  });
});

describe('the options on a screen', () => {
  test('are those of the lowest question, without its frame and its cursor', () => {
    const screen = [
      ' 1. an older list',
      ' 2. of the conversation',
      '│ Do you want to make this edit?          │',
      '│ ❯ 1. Yes                                │',
      '│   2. Yes, and do not ask again          │',
      '│      in this session                    │',
      '│   3. No                                 │',
      ' Esc to cancel',
    ];
    expect(optionsOn(screen)).toEqual(['Yes', 'Yes, and do not ask again', 'No']);
  });

  test.each([
    ['nothing', []],
    ['one number', ['1. only']],
    ['numbers that do not follow', ['2. two', '4. four']],
    ['a version', ['version 1.2 of 3.4']],
  ])('are none for %s', (_name, lines) => {
    expect(optionsOn(lines)).toEqual([]);
  });

  test('rows that say nothing are not spoken', () => {
    expect(spokenRows(['╭────╮', '│ hi │', '', '╰────╯', '  at last'])).toEqual(['  hi', '  at last']);
  });

  test('counts are spoken without their signs', () => {
    expect(spokenCounts('🟢 1 running | 📋 0 queued | ✅ 2 done')).toBe('1 running, 0 queued, 2 done');
  });
});

describe('a line of input', () => {
  test.each([
    ['', { kind: 'nothing' }],
    ['  quit ', { kind: 'quit' }],
    ['help', { kind: 'help' }],
    ['help run', { kind: 'verb', line: 'help run' }],
    ['say x7k2m  yes, go  on', { kind: 'say', task: 'x7k2m', text: 'yes, go  on' }],
    ['answer x7k2m 2', { kind: 'answer', task: 'x7k2m', words: '2' }],
    ['read 101', { kind: 'read', pane: 101 }],
    ['quick read it', { kind: 'verb', line: 'quick read it' }],
  ])('%j is understood', (line, meant) => {
    expect(parseLinear(line)).toEqual(meant);
  });

  test.each(['say', 'say x7k2m', 'answer x7k2m', 'answer', 'read', 'read all', 'read 1 2'])('%j is refused', (line) => {
    expect(() => parseLinear(line)).toThrow(RefusalError);
  });
});
