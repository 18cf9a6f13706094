import { describe, expect, test } from 'vitest';
import { helpText, parseWords } from '../../../src/cli/program.ts';
import { UsageError } from '../../../src/cli/usage.ts';
import { VERBS } from '../../../src/client/verbs.ts';

const context = { version: '1.2.3', width: 80 };
const parse = (...words: string[]) => parseWords(words, context);

function usageOf(...words: string[]): { message: string; next: string } {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof UsageError) return { message: error.message, next: error.next };
    throw error;
  }
  throw new Error(`"${words.join(' ')}" is no usage error`);
}

describe('help', () => {
  test('of all verbs is as it was', async () => {
    const names = VERBS.map((verb) => verb.name);
    const families = [...new Set(names.filter((name) => name.includes(' ')).map((name) => name.split(' ')[0] ?? ''))];
    const texts = ['', ...families, ...names].map(
      (name) => `$ drover ${name} --help\n${helpText(name.split(' ').filter(Boolean), context)}`,
    );
    await expect(texts.join('\n')).toMatchFileSnapshot('../../golden/help.txt');
  });

  test.each(VERBS.map((verb) => [verb.name, verb] as const))(
    'of %s shows its example and the global options',
    (name, verb) => {
      const text = helpText(name.split(' '), context);
      expect(text).toContain(`  $ ${verb.example}`);
      expect(text).toContain('--json');
    },
  );

  test('is what no words at all print', () => {
    expect(parse()).toEqual({ kind: 'text', text: helpText([], context) });
  });

  test('of a verb that does not exist is a usage error', () => {
    expect(() => helpText(['shwo'], context)).toThrow('there is no verb "shwo"; did you mean show?');
    expect(() => helpText(['epic', 'ad'], context)).toThrow('did you mean epic add?');
    expect(() => helpText(['frob'], context)).toThrow(/^there is no verb "frob"$/);
    expect(helpText(['epic'], context)).toContain('Add and list epics');
    expect(helpText(['ls'], context)).toContain('drover list');
  });

  test('fits the width', () => {
    const lines = helpText(['add'], context)
      .split('\n')
      .filter((line) => !line.includes('$ drover'));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

test('an argument that is empty is refused; a word of a program is not', () => {
  expect(usageOf('show', '')).toEqual({ message: 'show: an argument is empty', next: 'drover show --help' });
  expect(usageOf('why', '').message).toBe('why: an argument is empty');
  expect(parse('panes', '--', 'printf', '')).toMatchObject({ input: { args: ['printf', ''] } });
});

describe('words', () => {
  test('become a verb with its input', () => {
    expect(parse('add', 'Fix it', '-p', '-5', '-b', 'a,b', '--blocked-by', 'c', '--type', 'fix')).toMatchObject({
      kind: 'verb',
      verb: { name: 'add' },
      input: { args: ['Fix it'], options: { priority: '-5', blockedBy: ['a,b', 'c'], type: 'fix' } },
      globals: { isJson: false },
    });
    expect(parse('q', 'fix', 'the', 'login')).toMatchObject({
      verb: { name: 'quick' },
      input: { args: ['fix', 'the', 'login'] },
    });
    expect(parse('epic', 'add', 'Login')).toMatchObject({ verb: { name: 'epic add' }, input: { args: ['Login'] } });
    expect(parse('demo')).toMatchObject({ input: { options: { workers: '4' } } });
  });

  test('global options stand before or after the verb', () => {
    const globals = { isJson: true, as: 'bob', folder: '/tmp' };
    expect(parse('--json', '--as', 'bob', '-C', '/tmp', 'list')).toMatchObject({ globals });
    expect(parse('list', '--json', '--as', 'bob', '-C', '/tmp')).toMatchObject({ globals });
    expect(parse('epic', 'list', '--json')).toMatchObject({ globals: { isJson: true } });
  });

  test.each([['--json'], ['--help'], ['-x; rm -rf /'], ['--as']])(
    'after -- a title may look like the option %s',
    (title) => {
      expect(parse('add', '--', title)).toMatchObject({
        verb: { name: 'add' },
        input: { args: [title] },
        globals: { isJson: false },
      });
    },
  );

  test('a title is kept as it is', () => {
    const title = ' "quotes" $(x) `y` \n\u001b[31m \\';
    expect(parse('add', title)).toMatchObject({ input: { args: [title] } });
  });

  test('the version', () => {
    expect(parse('--version')).toEqual({ kind: 'text', text: '1.2.3\n' });
  });
});

describe('usage errors name the nearest word and the next command', () => {
  test.each([
    [['lst'], "unknown command 'lst'; did you mean list, ls, st?", 'drover --help'],
    [['add', 'x', '--prioritty', '3'], "unknown option '--prioritty'; did you mean --priority?", 'drover add --help'],
    [['add'], "missing required argument 'title'", 'drover add --help'],
    [['add', 'fix', 'login'], "too many arguments for 'add'. Expected 1 argument but got 2.", 'drover add --help'],
    [['show', '--epic'], "unknown option '--epic'", 'drover show --help'],
    [['epic'], 'epic needs a verb: add, list', 'drover epic --help'],
    [['epic', 'ad'], "unknown command 'ad'; did you mean add?", 'drover epic --help'],
    [['server', 'go'], "unknown command 'go'", 'drover server --help'],
    [['run', '--workers'], "option '-w, --workers <number>' argument missing", 'drover run --help'],
    [
      ['add', '-x marks it'],
      "unknown option '-x marks it'; a title that begins with - stands after --",
      'drover add --help',
    ],
    [['--jsn', 'list'], "unknown option '--jsn'; did you mean --json?", 'drover --help'],
  ])('%j', (words, message, next) => {
    expect(usageOf(...words)).toEqual({ message, next });
  });

  test('a choice', () => {
    expect(usageOf('run', '--agent', 'gpt').message).toContain(
      "argument 'gpt' is invalid. Allowed choices are claude, command, rehearsal",
    );
  });
});
