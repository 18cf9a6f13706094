// Owns the proofs of keys, drafts and dialogs.
import { describe, expect, it } from 'vitest';
import { type Dialog, stepDialog } from '../../../src/rehearsal/dialog.ts';
import { type Key, KeyReader } from '../../../src/rehearsal/keys.ts';
import { type Draft, EMPTY_DRAFT, editDraft } from '../../../src/rehearsal/line-editor.ts';

const named = (name: Extract<Key, { kind: 'key' }>['name']): Key => ({ kind: 'key', name });
const typed = (text: string): Key => ({ kind: 'text', text });

describe('keys', () => {
  it('are read whole, however the bytes are cut', () => {
    const bytes = 'a\x1b[200~two\nlines\x1b[201~\r\x1b[A\x1b[I\x1b[?1;2c\x04ü';
    const expected = [
      typed('a'),
      { kind: 'paste', text: 'two\nlines' },
      named('enter'),
      named('up'),
      named('ctrl-d'),
      typed('ü'),
    ];
    expect(new KeyReader().feed(bytes)).toEqual(expected);
    const reader = new KeyReader();
    expect([...bytes].flatMap((byte) => reader.feed(byte))).toEqual(expected);
  });

  it('tell a lone ESC from the start of a sequence', () => {
    const reader = new KeyReader();
    expect(reader.feed('\x1b')).toEqual([]);
    expect(reader.isPending).toBe(true);
    expect(reader.flush()).toEqual([named('escape')]);
    expect(reader.feed('\x1b')).toEqual([]);
    expect(reader.feed('[B')).toEqual([named('down')]);
    expect(reader.flush()).toEqual([]);
  });
});

describe('a draft', () => {
  const edit = (keys: readonly Key[]): Draft => keys.reduce(editDraft, EMPTY_DRAFT);

  it('is edited by whole characters', () => {
    expect(edit([typed('a😀b'), named('left'), named('backspace')])).toEqual({ text: 'ab', cursor: 1 });
    expect(edit([typed('one two'), named('ctrl-w'), named('home'), typed('> ')])).toEqual({
      text: '> one ',
      cursor: 2,
    });
  });

  it('takes pastes with their lines', () => {
    expect(edit([{ kind: 'paste', text: 'a\r\nb' }, named('ctrl-u')])).toEqual(EMPTY_DRAFT);
    expect(edit([{ kind: 'paste', text: 'a\r\nb' }]).text).toBe('a\nb');
  });
});

describe('a dialog', () => {
  const dialog: Dialog = { title: '', detail: [], question: '?', options: ['a', 'b', 'c'], at: 0, note: '' };

  it('is answered by digits, or by arrows and Enter', () => {
    expect(stepDialog(dialog, typed('3'))).toEqual({ kind: 'chosen', index: 2 });
    expect(stepDialog(dialog, typed('4'))).toEqual({ kind: 'open', dialog });
    const moved = stepDialog(dialog, named('down'));
    expect(moved).toEqual({ kind: 'open', dialog: { ...dialog, at: 1 } });
    expect(stepDialog({ ...dialog, at: 1 }, named('enter'))).toEqual({ kind: 'chosen', index: 1 });
    expect(stepDialog(dialog, named('escape'))).toEqual({ kind: 'cancelled' });
  });

  it('is not answered by a paste', () => {
    expect(stepDialog(dialog, { kind: 'paste', text: '1' })).toEqual({ kind: 'open', dialog });
  });
});
