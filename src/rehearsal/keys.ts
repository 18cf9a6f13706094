// Owns what keys a terminal's bytes are: text, pastes, and the few named keys that the agent knows. Pure.

export type Key =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'key'; readonly name: KeyName };

export type KeyName =
  | 'enter'
  | 'newline'
  | 'escape'
  | 'backspace'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'delete'
  | 'tab'
  | 'ctrl-c'
  | 'ctrl-d'
  | 'ctrl-u'
  | 'ctrl-w';

const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';

const CONTROLS: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'newline',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x01': 'home',
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-d',
  '\x05': 'end',
  '\x15': 'ctrl-u',
  '\x17': 'ctrl-w',
};

const SEQUENCES: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '3~': 'delete',
  '1~': 'home',
  '4~': 'end',
};

/** Puts chunks of input together. A lone ESC stays pending until more comes or `flush` says that nothing will. */
export class KeyReader {
  #rest = '';

  /** True when the input ends in an ESC that may be the key or the start of a sequence. */
  get isPending(): boolean {
    return this.#rest === '\x1b';
  }

  /** The keys that are complete with this chunk. */
  feed(chunk: string): Key[] {
    let input = this.#rest + chunk;
    this.#rest = '';
    const keys: Key[] = [];
    while (input !== '') {
      const step = takeKey(input);
      if (step === null) {
        this.#rest = input;
        break;
      }
      if (step.key !== null) keys.push(step.key);
      input = input.slice(step.length);
    }
    return keys;
  }

  /** The pending ESC as the key it was. */
  flush(): Key[] {
    if (!this.isPending) return [];
    this.#rest = '';
    return [{ kind: 'key', name: 'escape' }];
  }
}

/** Null when more input is needed; a null key is a sequence that means nothing here. */
function takeKey(input: string): { key: Key | null; length: number } | null {
  if (input.startsWith(PASTE_START)) {
    const end = input.indexOf(PASTE_END);
    if (end === -1) return null;
    const text = input.slice(PASTE_START.length, end);
    return { key: { kind: 'paste', text }, length: end + PASTE_END.length };
  }
  if (input.startsWith('\x1b')) return takeEscape(input);
  const [first = ''] = input;
  const name = CONTROLS[first];
  if (name !== undefined) return { key: { kind: 'key', name }, length: 1 };
  if (first < ' ') return { key: null, length: 1 };
  const text = /^[^\u0000-\u001f\u007f]+/.exec(input)?.[0] ?? first;
  return { key: { kind: 'text', text }, length: text.length };
}

function takeEscape(input: string): { key: Key | null; length: number } | null {
  if (input === '\x1b') return null;
  const lone: Key = { kind: 'key', name: 'escape' };
  const introducer = input[1];
  if (introducer === '\x1b') return { key: lone, length: 1 };
  // Alt-Enter puts in a line.
  if (introducer === '\r') return { key: { kind: 'key', name: 'newline' }, length: 2 };
  if (introducer !== '[' && introducer !== 'O') return { key: lone, length: 1 };
  const [whole, body] = /^\x1b[[O]([0-?]*[ -/]*[@-~])/.exec(input) ?? [];
  if (whole === undefined || body === undefined)
    return /^\x1b[[O][0-?]*[ -/]*$/.test(input) ? null : { key: null, length: 2 };
  const name = SEQUENCES[body];
  return { key: name === undefined ? null : { kind: 'key', name }, length: whole.length };
}
