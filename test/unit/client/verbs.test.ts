import { describe, expect, test } from 'vitest';
import { parseWords } from '../../../src/cli/program.ts';
import { splitWords } from '../../../src/client/command-line.ts';
import type { VerbInput } from '../../../src/client/verb.ts';
import { newTask, taskChanges } from '../../../src/client/verb-params.ts';
import { findVerb, VERBS } from '../../../src/client/verbs.ts';
import { RefusalError } from '../../../src/domain/refusal.ts';

const input = (args: string[], options: VerbInput['options'] = {}): VerbInput => ({ args, options });

describe('the verb table', () => {
  test('holds every verb that the shell promises', () => {
    expect(VERBS.map((verb) => verb.name).sort()).toEqual(
      [
        'add',
        'answer',
        'attach',
        'cancel',
        'completions',
        'demo',
        'detach',
        'diff',
        'doctor',
        'edit',
        'epic add',
        'epic list',
        'files',
        'give',
        'help',
        'hint',
        'hints',
        'hints retract',
        'hold',
        'init',
        'layout',
        'list',
        'lock',
        'mcp',
        'needs',
        'panes',
        'panes close',
        'pause',
        'pool',
        'pool drain',
        'pool refresh',
        'pool warm',
        'quick',
        'resume',
        'retry',
        'run',
        'search',
        'server restart',
        'server status',
        'server stop',
        'show',
        'status',
        'stop',
        'theme',
        'unhold',
        'unlock',
        'why',
      ].sort(),
    );
  });

  test('names no verb or alias twice', () => {
    const names = VERBS.flatMap((verb) => [verb.name, ...(verb.aliases ?? [])]);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(VERBS.map((verb) => [verb.name, verb] as const))(
    '%s has a summary, and an example that parses as itself',
    (_name, verb) => {
      expect(verb.summary).toMatch(/^[A-Z][^\n]*[^.\n]$/);
      const [program, ...words] = splitWords(verb.example.replace(/ >>.*$/, '')).map((word) => word.text);
      expect(program).toBe('drover');
      const parsed = parseWords(words, { version: '0', width: 80 });
      expect(parsed.kind === 'verb' && parsed.verb.name).toBe(verb.name);
    },
  );

  test.each(VERBS.flatMap((verb) => (verb.options ?? []).map((option) => [verb.name, option] as const)))(
    '%s explains each option',
    (_name, option) => {
      expect(option.flags).toMatch(/^(-\w, )?--[a-z-]+( <\w+>)?$/);
      expect(option.help.length).toBeGreaterThan(5);
    },
  );

  test('is found by name, by alias and by two words', () => {
    expect(findVerb(['epic', 'add', 'x'])).toMatchObject({ verb: { name: 'epic add' }, taken: 2 });
    expect(findVerb(['ls'])).toMatchObject({ verb: { name: 'list' }, taken: 1 });
    expect(findVerb(['epic'])).toBeNull();
    expect(findVerb([])).toBeNull();
  });
});

describe('parameters', () => {
  test('a task takes lists given twice and with commas', async () => {
    const params = await newTask(
      input(['Fix it'], { blockedBy: ['task-a, task-b', 'task-c'], label: ['x'], priority: '-5', type: 'fix' }),
    );
    expect(params).toEqual({
      title: 'Fix it',
      type: 'fix',
      priority: -5,
      labels: ['x'],
      blockedBy: ['task-a', 'task-b', 'task-c'],
    });
  });

  test('quick words become one title', async () => {
    expect(await newTask(input(['fix', 'the', 'login']))).toEqual({ title: 'fix the login' });
  });

  test.each(['1.5', 'high', '101', '', ' ', '0x10', '1e2'])('refuses the priority %j', async (priority) => {
    await expect(newTask(input(['x'], { priority }))).rejects.toThrow(RefusalError);
  });

  test('reads a description from a file, and only where there is a shell', async () => {
    const options = { descriptionFile: '-' };
    expect(await newTask({ ...input(['x'], options), readText: async (path) => `from ${path}\n` })).toEqual({
      title: 'x',
      description: 'from -',
    });
    await expect(newTask(input(['x'], options))).rejects.toThrow('for the shell');
    await expect(
      newTask({ ...input(['x'], { ...options, description: 'y' }), readText: async () => '' }),
    ).rejects.toThrow('not both');
  });

  test('a list of nothing is refused, as an empty variable of a script makes it', async () => {
    await expect(newTask(input(['x'], { blockedBy: [''] }))).rejects.toThrow('--blocked-by names nothing');
    await expect(taskChanges(input(['task-a'], { label: [' , '] }))).rejects.toThrow('--label names nothing');
  });

  test('a title and a description are checked where they were typed', async () => {
    await expect(newTask(input([' ']))).rejects.toThrow('The title is empty.');
    await expect(taskChanges(input(['task-a'], { title: '' }))).rejects.toThrow('The title is empty.');
    await expect(newTask(input(['x'], { description: 'é'.repeat(35_000) }))).rejects.toThrow(
      'The description has 70000 bytes; 65536 is the limit.',
    );
  });

  test('an edit empties fields with none, and refuses to change nothing', async () => {
    const params = await taskChanges(
      input(['task-a'], { epic: 'none', test: 'none', blockedBy: ['none'], label: ['a', 'none'] }),
    );
    expect(params).toEqual({
      task: 'task-a',
      changes: { epicId: null, testCommand: null, blockedBy: [], labels: ['a', 'none'] },
    });
    await expect(taskChanges(input(['task-a']))).rejects.toThrow('nothing was said to change');
  });
});
