// Owns the test of reading a conversation: lines of a transcript before, entries after.
import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../src/agent/conversation.ts';

const user = (content: unknown, more: object = {}) =>
  entriesOf({ type: 'user', message: { role: 'user', content }, ...more });
const assistant = (block: object, more: object = {}) =>
  entriesOf({ type: 'assistant', message: { role: 'assistant', content: [block] }, ...more });

describe('entries of a conversation', () => {
  it('are what both said', () => {
    expect(user('fix the login')).toEqual([{ kind: 'user', text: 'fix the login' }]);
    expect(user([{ type: 'text', text: '\nand\nthis \n' }])).toEqual([{ kind: 'user', text: 'and\nthis' }]);
    expect(assistant({ type: 'text', text: 'Done.' })).toEqual([{ kind: 'assistant', text: 'Done.' }]);
  });

  it.each([
    [{ name: 'Bash', input: { command: 'npm\n test', description: 'Run' } }, 'Bash(npm test)'],
    [{ name: 'Edit', input: { old_string: 'a', file_path: '/w/a.ts' } }, 'Edit(/w/a.ts)'],
    [{ name: 'Own', input: { n: 1, what: 'that' } }, 'Own(that)'],
    [{ name: 'TodoWrite', input: { todos: [] } }, 'TodoWrite()'],
    [{ name: 'Bash', input: { command: 'x'.repeat(300) } }, `Bash(${'x'.repeat(200)}…)`],
  ])('are tools with their main argument: %j', (call, text) => {
    expect(assistant({ type: 'tool_use', id: 't', ...call })).toEqual([{ kind: 'tool', text }]);
  });

  it('are results, whole', () => {
    const content = Array.from({ length: 20 }, (_, n) => `line ${n}`).join('\n');
    const [entry] = user([{ type: 'tool_result', tool_use_id: 't', content }]);
    expect(entry?.kind).toBe('result');
    expect(entry?.text).toBe(content);
    expect(
      user([{ type: 'tool_result', content: [{ type: 'text', text: 'no' }, { type: 'image' }], is_error: true }]),
    ).toEqual([{ kind: 'result', text: 'Error: no\n[image]' }]);
    expect(user([{ type: 'tool_result', content: '' }])).toEqual([{ kind: 'result', text: '(nothing)' }]);
  });

  it('are notes for what neither said', () => {
    expect(user([{ type: 'text', text: '[Request interrupted by user]' }])[0]?.kind).toBe('note');
    expect(assistant({ type: 'text', text: 'API Error: 500' }, { isApiErrorMessage: true })[0]?.kind).toBe('note');
    const reminder = `<reminder>\n${'word\n'.repeat(20)}`;
    expect(user([{ type: 'text', text: reminder }])[0]?.text).toMatch(/^<reminder>\n(word\n){11}… 9 more lines$/);
    const attachment = { type: 'hook_additional_context', content: ['Operator guidance (h-1)'] };
    expect(entriesOf({ type: 'attachment', attachment })).toEqual([{ kind: 'note', text: 'Operator guidance (h-1)' }]);
  });

  it('are words typed while it worked', () => {
    expect(entriesOf({ type: 'attachment', attachment: { type: 'queued_command', prompt: 'use tabs' } })).toEqual([
      { kind: 'user', text: 'use tabs' },
    ]);
  });

  it.each([
    [{ type: 'file-history-snapshot', snapshot: {} }],
    [{ type: 'user', isSidechain: true, message: { content: 'subagent' } }],
    [{ type: 'user', isMeta: true, message: { content: 'caveat' } }],
    [{ type: 'assistant', message: { content: [{ type: 'thinking', thinking: 'hm' }] } }],
    [{ type: 'assistant', message: null }],
    [{ type: 'attachment', attachment: 7 }],
    [{}],
  ])('are not bookkeeping: %j', (line) => {
    expect(entriesOf(line)).toEqual([]);
  });
});
