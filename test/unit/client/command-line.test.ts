import { describe, expect, test } from 'vitest';
import { completeLine, completeWords, type Known, splitWords, wordsOfLine } from '../../../src/client/command-line.ts';

const words = (line: string) => splitWords(line).map((word) => word.text);

describe('splitting a line', () => {
  test.each([
    ['add fix', ['add', 'fix']],
    ['  add   fix  ', ['add', 'fix']],
    ['add "fix the login"', ['add', 'fix the login']],
    ['add \'say "hi" \\ $HOME\'', ['add', 'say "hi" \\ $HOME']],
    ['add "a \\" b \\\\ c \\d"', ['add', 'a " b \\ c \\d']],
    ['add fix\\ it', ['add', 'fix it']],
    ['a"b"c', ['abc']],
    ['add ""', ['add', '']],
    ['add $(rm -rf /) `x` a;b|c*', ['add', '$(rm', '-rf', '/)', '`x`', 'a;b|c*']],
    ['add x\\', ['add', 'x\\']],
    ['', []],
  ])('%j', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  test.each([
    ["hint task-a don't touch it", ['hint', 'task-a', '--', "don't touch it"]],
    ['drover hint task-a  --json "x"  y ', ['hint', 'task-a', '--', '--json "x"  y']],
    ['hint task-a "in quotes"', ['hint', 'task-a', 'in quotes']],
    ['hint task-a "in quotes" and on', ['hint', 'task-a', '--', '"in quotes" and on']],
    ['hint task-a', ['hint', 'task-a']],
    ['hints retract hint-a', ['hints', 'retract', 'hint-a']],
    ['drover add "a b"', ['add', 'a b']],
  ])('of the command bar: %s', (line, expected) => {
    expect(wordsOfLine(line)).toEqual({ words: expected, isOpen: false });
  });

  test('tells an open quote and where words begin', () => {
    expect(splitWords('add "fix th')).toEqual([
      { text: 'add', from: 0, isOpen: false },
      { text: 'fix th', from: 4, isOpen: true },
    ]);
  });
});

const known: Known = {
  tasks: [
    { id: 'task-done1', title: 'Über das Login', status: 'completed', updatedAt: 9 },
    { id: 'task-old11', title: 'Fix the login form', status: 'ready', updatedAt: 1 },
    { id: 'task-new11', title: 'Write it down', status: 'ready', updatedAt: 5 },
    { id: 'task-x;rm -rf', title: 'Login $(x)', status: 'ready', updatedAt: 7 },
  ],
  epics: [
    { id: 'epic-login', title: 'Login' },
    { id: 'epic-two11', title: 'Two words' },
  ],
};

describe('completing', () => {
  test('verbs, then the second words of a family', () => {
    expect(completeWords([], 'st', known)).toEqual(['stop', 'status']);
    expect(completeWords(['epic'], '', known)).toEqual(['add', 'list']);
    expect(completeWords(['pool'], '', known)).toEqual(['warm', 'refresh', 'drain']);
    expect(completeWords(['pool', 'warm'], '', known)).toEqual([]);
    expect(completeWords(['hints'], 'r', known)).toEqual(['retract']);
    expect(completeWords([], 'mc', known)).toEqual([]);
    expect(completeWords(['nothing'], '', known)).toEqual([]);
  });

  test('tasks by id, open ones first, begun with or without its prefix; never one that a shell would read', () => {
    expect(completeWords(['show'], '', known)).toEqual(['task-new11', 'task-old11', 'task-done1']);
    expect(completeWords(['why'], 'task-o', known)).toEqual(['task-old11']);
    expect(completeWords(['why'], 'new', known)).toEqual(['task-new11']);
    expect(completeWords(['show', 'task-new11'], '', known)).toEqual([]);
  });

  test('tasks by a word of their title, too', () => {
    expect(completeWords(['why'], 'LOG', known)).toEqual(['task-old11', 'task-done1']);
    expect(completeWords(['why'], 'üb', known)).toEqual(['task-done1']);
    expect(completeWords(['why'], 'l', known)).toEqual([]);
    expect(completeWords(['add', 'x', '--blocked-by'], 'write', known)).toEqual(['task-new11']);
    expect(completeWords(['add', '--epic'], 'form', known)).toEqual([]);
  });

  test('options and their values', () => {
    expect(completeWords(['run'], '--w', known)).toEqual(['--workers']);
    expect(completeWords(['run', '--agent'], 'c', known)).toEqual(['claude', 'command']);
    expect(completeWords(['add', '--epic'], '', known)).toEqual(['epic-login', 'Login', 'epic-two11']);
    expect(completeWords(['add', 'title', '-b'], 'task-n', known)).toEqual(['task-new11']);
    expect(completeWords(['add', '--'], '--e', known)).toEqual([]);
    expect(completeWords(['completions'], '', known)).toEqual(['bash', 'zsh', 'fish']);
  });

  test('says where the word begins that is replaced, with the cursor anywhere', () => {
    expect(completeLine('show task-o', 11, known)).toEqual({ candidates: ['task-old11'], from: 5 });
    expect(completeLine('show ', 5, known).from).toBe(5);
    expect(completeLine('sh task', 2, known)).toEqual({ candidates: ['show'], from: 0 });
    expect(completeLine('', 0, known).candidates).toContain('add');
  });
});
