// Owns the proofs of the built rehearsal agent in a pty: it plays, asks, stops, resumes, listens and leaves as an interactive agent does.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { returnedPrompt } from '../../../src/agent/prompts.ts';
import { readGlyph } from '../../../src/agent/title-state.ts';
import type { Task } from '../../../src/domain/task.ts';
import { Stage } from './scene.ts';

let stage: Stage;

beforeEach(async () => {
  stage = new Stage();
  await stage.open();
});

afterEach(() => stage.close());

const context = (event: string, additionalContext: string) => ({
  hookSpecificOutput: { hookEventName: event, additionalContext },
});

describe('a script', () => {
  it('is played with real edits, commands and commits through the hooks, and completed by the tool', async () => {
    stage.start({
      steps: [
        { say: 'First a look.' },
        { read: 'a.txt' },
        { edit: { file: 'b.txt', content: 'new\n' } },
        { edit: { file: 'a.txt', find: 'one', replace: 'two' } },
        { run: 'cat a.txt; exit 3' },
        { commit: "It's done" },
        { complete: 'All is well.' },
      ],
    });
    await stage.hears('Stop');
    expect(stage.git('log', '-1', '--format=%s').trim()).toBe("It's done");
    expect([stage.read('a.txt'), stage.read('b.txt')]).toEqual(['two\n', 'new\n']);
    expect(stage.toolCalls).toEqual([
      { name: 'get_task', input: {} },
      { name: 'complete_task', input: { verdict: 'pass', summary: 'All is well.' } },
    ]);
    const writes = stage.calls.filter(({ event }) => event === 'PreToolUse');
    expect(writes.map(({ body }) => body['tool_name'])).toEqual(['Write', 'Edit', 'Bash', 'Bash']);
    expect(stage.events.filter((event) => event === 'PostToolUseFailure')).toHaveLength(1);
    await stage.shows('Exit code 3');
    expect(stage.events[0]).toBe('UserPromptSubmit');
    expect(stage.calls[0]?.body).toMatchObject({
      session_id: 'session-1',
      transcript_path: stage.conversation,
      prompt: 'Do it',
    });
    expect(await stage.leave()).toBe(0);
    expect(stage.events.at(-1)).toBe('SessionEnd');
    expect(stage.titles.map(readGlyph)).toEqual(expect.arrayContaining(['busy', 'still']));
  });

  it('that cannot be read fails its task and says which step is wrong', async () => {
    stage.start({ steps: [{ dance: 1 }] });
    await stage.hears('Stop');
    expect(stage.toolCalls.at(-1)).toMatchObject({
      input: { verdict: 'fail', summary: expect.stringContaining('step 1: "dance"') },
    });
  });

  it('dies at once where it says so', async () => {
    stage.start({ steps: [{ crash: { code: 7 } }] });
    expect(await stage.exited).toMatchObject({ exitCode: 7 });
    expect(stage.events).not.toContain('SessionEnd');
  });

  it('goes on after an API error when it is told to', async () => {
    stage.start({ steps: [{ 'api-error': { error: 'rate_limit', message: 'Too much.' } }, { complete: 'Done.' }] });
    await stage.hears('StopFailure');
    expect(stage.calls.at(-1)?.body).toMatchObject({ error: 'rate_limit', last_assistant_message: 'Too much.' });
    await stage.pane.submit('continue');
    await stage.hears('Stop');
    expect(stage.toolCalls.at(-1)?.name).toBe('complete_task');
  });

  it('brings both sides together when its branch is given back', async () => {
    const reason = { code: 'conflict', message: '', detail: 'a.txt' } as const;
    const back = returnedPrompt({ task: { id: 'task-abcde' } as Task, baseBranch: 'main', reason });
    stage.git('switch', '-qc', 'work');
    stage.git('switch', '-q', 'main');
    writeFileSync(join(stage.worktree, 'a.txt'), 'one\ntheirs\n');
    stage.git('commit', '-qam', 'theirs');
    stage.git('switch', '-q', 'work');
    stage.start({
      steps: [{ edit: { file: 'a.txt', append: 'mine\n' } }, { commit: 'mine' }, { complete: 'Mine.' }],
      complete: [back, 'landed'],
    });
    await stage.hears('Stop');
    expect(stage.read('a.txt')).toBe('one\ntheirs\nmine\n');
    expect(stage.git('status', '--porcelain')).toBe('');
    expect(stage.toolCalls.map(({ name }) => name)).toEqual(['get_task', 'complete_task', 'complete_task']);
  });

  it('completes when it is nudged, and forgot it', async () => {
    stage.answer = ({ event, body }) =>
      event === 'Stop' && body['stop_hook_active'] === false
        ? context('Stop', 'complete_task was not called')
        : undefined;
    stage.start({ steps: [{ say: 'Done, I think.' }] });
    await stage.hears('Stop', 2);
    expect(stage.toolCalls.at(-1)?.name).toBe('complete_task');
  });
});

describe('a permission', () => {
  const outside = () => join(stage.folder, 'outside.txt');

  it('is asked by a dialog, and given by a key', async () => {
    stage.start({ steps: [{ edit: { file: outside(), content: 'x' } }, { complete: 'Done.' }] });
    await stage.hears('PermissionRequest');
    await stage.shows('3. No');
    expect(stage.text).toContain('is outside of the worktree');
    expect(existsSync(outside())).toBe(false);
    stage.pane.input('1');
    await stage.hears('Stop');
    expect(readFileSync(outside(), 'utf8')).toBe('x');
  });

  it('that is refused stops the turn, and the next words go on behind the step', async () => {
    stage.start({ steps: [{ edit: { file: outside(), content: 'x' } }, { complete: 'Done.' }] });
    await stage.shows('3. No');
    stage.pane.input('3');
    await stage.shows('What should I do instead?');
    expect(stage.events).not.toContain('Stop');
    expect(readFileSync(stage.conversation, 'utf8')).toContain('[Request interrupted by user for tool use]');
    await stage.pane.submit('leave it out');
    await stage.hears('Stop');
    expect(existsSync(outside())).toBe(false);
    await stage.shows('You wrote: “leave it out”');
  });

  it('is needed for what writes when the hook does not answer, and remembered when it is given for the session', async () => {
    stage.answer = ({ event }) => (event === 'PreToolUse' ? (null as never) : undefined);
    const steps = [
      { edit: { file: 'b.txt', content: 'b' } },
      { edit: { file: 'c.txt', content: 'c' } },
      { complete: 'Done.' },
    ];
    stage.start({ steps });
    await stage.hears('PermissionRequest');
    await stage.shows('2. Yes, and');
    expect(existsSync(join(stage.worktree, 'b.txt'))).toBe(false);
    stage.pane.input('2');
    await stage.hears('Stop');
    expect([stage.read('b.txt'), stage.read('c.txt')]).toEqual(['b', 'c']);
    expect(stage.events.filter((event) => event === 'PermissionRequest')).toHaveLength(1);
  });
});

describe('a question', () => {
  const steps = (patience?: string) => [
    { ask: { question: 'Which colour?', options: ['red', 'green'], ...(patience ? { patience } : {}) } },
    { edit: { file: 'b.txt', content: '{{answer}}' } },
    { complete: 'Done: {{answer}}.' },
  ];

  it('is told with its options, and answered by a key', async () => {
    stage.start({ steps: steps() });
    await stage.hears('PermissionRequest');
    const { body } = stage.calls.at(-1) ?? { body: {} };
    expect(body).toMatchObject({
      tool_name: 'AskUserQuestion',
      tool_input: { questions: [{ question: 'Which colour?' }] },
    });
    await stage.shows('2. green');
    stage.pane.input('2');
    await stage.hears('Stop');
    expect(stage.read('b.txt')).toBe('green');
    expect(stage.toolCalls.at(-1)?.input).toMatchObject({ summary: 'Done: green.' });
  });

  it('takes its first option when nobody answers in time', async () => {
    stage.start({ steps: steps('1s') });
    await stage.shows('Nobody answered, so I take the first option: red.');
    await stage.hears('Stop');
    expect(stage.read('b.txt')).toBe('red');
  });
});

describe('a person', () => {
  it('interrupts by Esc, without a hook, and is asked what to do instead', async () => {
    stage.start({ steps: ['hang', { complete: 'Done.' }] });
    await stage.shows('esc to interrupt');
    await stage.shows('Thinking');
    stage.pane.input('\x1b');
    await stage.shows('What should I do instead?');
    // The title is told before the idle prompt is drawn.
    await stage.shows('/exit to leave');
    expect(stage.events).not.toContain('Stop');
    expect(readGlyph(stage.titles.at(-1) ?? '')).toBe('still');
    await stage.pane.submit('go on');
    await stage.hears('Stop');
    expect(stage.toolCalls.at(-1)?.name).toBe('complete_task');
  });

  it('is answered between two steps when words were typed while it worked', async () => {
    stage.start({ steps: ['hang', { say: 'Next.' }, { complete: 'Done.' }] });
    await stage.shows('Thinking');
    await stage.pane.submit('please hurry');
    await stage.shows('❯ please hurry');
    expect(stage.text).not.toContain('You wrote');
    stage.pane.input('\x1b');
    await stage.shows('You wrote: “please hurry”');
    await stage.hears('Stop');
  });

  it('sees the same lines after a resize', async () => {
    stage.start({ steps: [{ say: `${'word '.repeat(30)}end.` }, 'hang'] });
    await stage.shows('Thinking');
    stage.pane.resize(40, 20);
    await stage.shows('word end.');
    const rows = stage.pane.text();
    expect(rows.every((row) => [...row].length <= 40)).toBe(true);
    expect(rows.filter((row) => row.includes('Thinking'))).toHaveLength(1);
  });

  it('leaves by /exit', async () => {
    stage.start({ prompt: '' });
    await stage.shows('/exit to leave');
    await stage.pane.submit('/exit');
    expect(await stage.exited).toMatchObject({ exitCode: 0 });
    expect(stage.events).toEqual(['SessionEnd']);
  });
});

describe('Drover', () => {
  it('gives a hint after a tool, which is shown and written down', async () => {
    stage.answer = ({ event, body }) =>
      event === 'PostToolUse' && body['tool_name'] === 'Bash' ? context('PostToolUse', 'Use tabs.') : undefined;
    stage.start({ steps: [{ run: 'true' }, { complete: 'Done.' }] });
    await stage.shows('Guidance: Use tabs.');
    await stage.hears('Stop');
    const lines = readFileSync(stage.conversation, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ type }) => type === 'attachment')).toMatchObject([
      { attachment: { type: 'hook_additional_context', content: ['Use tabs.'], hookName: 'PostToolUse:Bash' } },
    ]);
  });

  it('pauses it after a batch of tools, without a Stop', async () => {
    let isPaused = true;
    stage.answer = ({ event, body }) => {
      const isOurs = event === 'PostToolBatch' && JSON.stringify(body).includes('touch first');
      return isOurs && isPaused ? { continue: false, stopReason: 'paused by peter' } : undefined;
    };
    stage.start({ steps: [{ run: 'touch first' }, { run: 'touch second' }, { complete: 'Done.' }] });
    await stage.shows('hook stopped continuation: paused by peter');
    await stage.shows('/exit to leave');
    expect(existsSync(join(stage.worktree, 'second'))).toBe(false);
    expect(stage.events).not.toContain('Stop');
    isPaused = false;
    await stage.pane.submit('continue');
    await stage.hears('Stop');
    expect(existsSync(join(stage.worktree, 'second'))).toBe(true);
  });

  it('resumes it after a kill, at the step where it was, with its history on the screen', async () => {
    const steps = [
      { edit: { file: 'a.txt', append: 'two\n' } },
      { run: 'echo ran >> runs; test -e go || sleep 100' },
      { complete: 'Done.' },
    ];
    stage.start({ steps });
    await stage.shows('Running…');
    stage.pane.kill('SIGKILL');
    await stage.exited;
    writeFileSync(join(stage.worktree, 'go'), '');
    stage.start({ steps, isResume: true, prompt: 'You were interrupted (kill) while you worked.' });
    await stage.hears('Stop');
    await stage.shows('entries of history');
    expect(stage.read('a.txt')).toBe('one\ntwo\n');
    expect(stage.toolCalls.map(({ name }) => name)).toEqual(['get_task', 'complete_task']);
  });
});
