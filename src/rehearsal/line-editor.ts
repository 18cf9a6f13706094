// Owns the text in the prompt box and what a key does to it. Pure.
import type { Key } from './keys.ts';

export interface Draft {
  readonly text: string;
  /** Code units before the cursor. */
  readonly cursor: number;
}

export const EMPTY_DRAFT: Draft = { text: '', cursor: 0 };

function insert({ text, cursor }: Draft, added: string): Draft {
  return { text: text.slice(0, cursor) + added + text.slice(cursor), cursor: cursor + added.length };
}

/** Code units of the character before or behind a place. */
const before = (text: string): number => [...text].at(-1)?.length ?? 0;
const behind = (text: string): number => [...text][0]?.length ?? 0;

/** The draft after a key; keys that are not about text leave it as it is. */
export function editDraft(draft: Draft, key: Key): Draft {
  if (key.kind !== 'key') return insert(draft, key.text.replace(/\r\n?/g, '\n'));
  const { text, cursor } = draft;
  const left = text.slice(0, cursor);
  const right = text.slice(cursor);
  switch (key.name) {
    case 'newline':
      return insert(draft, '\n');
    case 'backspace':
      return { text: left.slice(0, cursor - before(left)) + right, cursor: cursor - before(left) };
    case 'delete':
      return { text: left + right.slice(behind(right)), cursor };
    case 'left':
      return { text, cursor: cursor - before(left) };
    case 'right':
      return { text, cursor: cursor + behind(right) };
    case 'home':
      return { text, cursor: 0 };
    case 'end':
      return { text, cursor: text.length };
    case 'ctrl-u':
      return { text: right, cursor: 0 };
    case 'ctrl-w': {
      const kept = left.replace(/\S*\s*$/, '');
      return { text: kept + right, cursor: kept.length };
    }
    default:
      return draft;
  }
}
