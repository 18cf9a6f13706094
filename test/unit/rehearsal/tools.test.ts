// Owns the proofs of changes to files as text, and of how they are shown.
import { describe, expect, it } from 'vitest';
import { renderBlock } from '../../../src/rehearsal/block.ts';
import { readFlags } from '../../../src/rehearsal/flags.ts';
import { changeText, showChange } from '../../../src/rehearsal/tools.ts';

describe('a change', () => {
  it('can be played twice and is made once', () => {
    for (const change of [{ append: 'b\n' }, { find: 'a', replace: 'x' }, { content: 'z' }]) {
      const once = changeText('a\n', change);
      expect(changeText(once, change)).toBe(once);
    }
  });

  it('puts in replacements as they are, dollar signs and all', () => {
    expect(changeText('a', { find: 'a', replace: '$& $1' })).toBe('$& $1');
  });

  it('begins a new line for what is appended, and makes a file that is not there', () => {
    expect(changeText('a', { append: 'b\n' })).toBe('a\nb\n');
    expect(changeText(null, { append: 'b\n' })).toBe('b\n');
  });

  it('refuses what it cannot find', () => {
    expect(() => changeText('a', { find: 'q', replace: 'r' })).toThrow('not in the file');
    expect(() => changeText(null, { find: 'q', replace: 'r' })).toThrow('not in the file');
  });

  it('is shown by its lines, with one line before', () => {
    expect(showChange('a\nb\nc\n', 'a\nx\ny\nc\n').map(({ text }) => text.trim())).toEqual([
      'Added 2 lines, removed 1 line',
      '1   a',
      '2 - b',
      '2 + x',
      '3 + y',
    ]);
    expect(showChange('a\n', 'a\n')[0]?.text).toBe('No change: it is there already');
  });
});

describe('a block', () => {
  it('wraps behind its prefix and obeys nothing in its text', () => {
    expect(renderBlock({ text: 'one two \x1b[31m', style: '', prefix: '● ' }, 6)).toEqual(['● one', '  two', '  [31m']);
  });

  it('cuts code and fills a background to the edge', () => {
    expect(renderBlock({ text: 'a😀b', style: '', isCode: true }, 3)).toEqual(['a…']);
    expect(renderBlock({ text: 'ab', style: '48;5;1', isFilled: true }, 4)).toEqual(['\x1b[48;5;1mab  \x1b[0m']);
  });
});

describe('flags', () => {
  it('are those of Claude Code, with the prompt behind --', () => {
    const flags = readFlags([
      '-n',
      'task-a: b',
      '--resume',
      'abc-1',
      '--model',
      'x',
      '--settings',
      '/s',
      '--',
      '-n',
      'go',
    ]);
    expect(flags).toMatchObject({
      name: 'task-a: b',
      sessionId: 'abc-1',
      isResume: true,
      settings: '/s',
      prompt: '-n go',
    });
  });

  it('refuse an id that would lead elsewhere', () => {
    expect(() => readFlags(['--session-id', '../x'])).toThrow('no id');
  });
});
