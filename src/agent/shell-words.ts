// Owns a rough reading of a shell command as words: enough to see which programs and paths it names, no more.

export interface Word {
  /** Without its quotes. */
  readonly text: string;
  /** Some of it was quoted. */
  readonly isQuoted: boolean;
  /** It is where a redirection goes. */
  readonly isTarget: boolean;
}

export interface ShellText {
  /** One list of words for each simple command. */
  readonly commands: readonly (readonly Word[])[];
  /** Commands inside of `$(…)`, backticks and process substitution. */
  readonly nested: readonly string[];
  /** The bodies of here-documents. */
  readonly documents: readonly string[];
  /** False when a quote or bracket is left open: the reading is then worth nothing. */
  readonly isComplete: boolean;
}

/** Here-documents of one command; beyond it they are read as commands. It bounds the search for their ends. */
const MAX_DOCUMENTS = 20;

const HERE_DOCUMENT = /<<-?[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([A-Za-z_][A-Za-z0-9_]*))/;

/** Takes the here-documents out of a command. A body may hold unbalanced quotes and is no command. */
function cutDocuments(command: string): { rest: string; documents: string[]; nested: string[] } {
  const documents: string[] = [];
  const nested: string[] = [];
  const kept: string[] = [];
  let searches = 0;
  const lines = command.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const found = HERE_DOCUMENT.exec(line);
    const end =
      found === null || searches >= MAX_DOCUMENTS || line.includes('<<<')
        ? null
        : (found[1] ?? found[2] ?? found[3] ?? '');
    if (end !== null) searches += 1;
    const stop = end === null ? -1 : lines.findIndex((text, index) => index > at && text.replace(/^\t+/, '') === end);
    // Without its last line it is no here-document, and what follows is read as commands.
    kept.push(stop === -1 ? line : line.replace(HERE_DOCUMENT, ' '));
    if (found === null || stop === -1) continue;
    const body = lines.slice(at + 1, stop).join('\n');
    documents.push(body);
    // Only a bare delimiter lets the shell expand what is in the body.
    if (found[3] !== undefined && !found[0].includes('\\')) nested.push(...substitutions(body));
    at = stop;
  }
  return { rest: kept.join('\n'), documents, nested };
}

/** The insides of `$(…)` and backticks of a text that is otherwise not a command. */
function substitutions(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const end = substitutionEnd(text, at);
    if (end === null) continue;
    found.push(end.inner);
    at = end.end;
  }
  return found;
}

/** When a substitution begins at `at`: its inside, and the index of its last character. */
function substitutionEnd(text: string, at: number): { inner: string; end: number } | null {
  if (text[at] === '`') {
    const close = text.indexOf('`', at + 1);
    const end = close === -1 ? text.length : close;
    return { inner: text.slice(at + 1, end), end };
  }
  const opens = text[at + 1] === '(' && (text[at] === '$' || text[at] === '<' || text[at] === '>');
  if (!opens) return null;
  let depth = 0;
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === '(') depth += 1;
    if (text[end] === ')') depth -= 1;
    if (depth === 0) return { inner: text.slice(at + 2, end), end };
  }
  return { inner: text.slice(at + 2), end: text.length };
}

/** Reads one command line (or several). */
export function readShell(command: string): ShellText {
  const { rest, documents, nested } = cutDocuments(command.replace(/\\\n/g, ''));
  const reader = new Reader(rest);
  return {
    commands: reader.commands,
    nested: [...nested, ...reader.nested],
    documents,
    isComplete: reader.isComplete,
  };
}

class Reader {
  readonly commands: Word[][] = [];
  readonly nested: string[] = [];
  isComplete = true;
  #words: Word[] = [];
  #text = '';
  #isWord = false;
  #isQuoted = false;
  #isTarget = false;

  constructor(source: string) {
    for (let at = 0; at < source.length; ) at = this.#step(source, at);
    this.#endCommand();
  }

  /** Reads what stands at `at` and gives the index after it. */
  #step(source: string, at: number): number {
    const letter = source[at] ?? '';
    const inner = substitutionEnd(source, at);
    if (inner !== null) {
      this.nested.push(inner.inner);
      this.#isWord = true;
      if (inner.end >= source.length) this.isComplete = false;
      return inner.end + 1;
    }
    if (letter === '\\') return this.#add(source[at + 1] ?? '', at + 2);
    if (letter === "'") return this.#single(source, at + 1);
    if (letter === '"') return this.#double(source, at + 1);
    if (letter === '#' && !this.#isWord) return this.#comment(source, at);
    if (letter === ' ' || letter === '\t') this.#endWord();
    else if (letter === '<' || letter === '>') this.#redirect();
    else if (';|&()\n'.includes(letter)) this.#endCommand();
    else return this.#add(letter, at + 1);
    return at + 1;
  }

  #add(text: string, next: number): number {
    this.#text += text;
    this.#isWord = true;
    return next;
  }

  #comment(source: string, at: number): number {
    const end = source.indexOf('\n', at);
    return end === -1 ? source.length : end;
  }

  #single(source: string, from: number): number {
    const close = source.indexOf("'", from);
    if (close === -1) this.isComplete = false;
    const end = close === -1 ? source.length : close;
    this.#isQuoted = true;
    return this.#add(source.slice(from, end), end + 1);
  }

  #double(source: string, from: number): number {
    this.#isQuoted = true;
    this.#isWord = true;
    let at = from;
    while (at < source.length && source[at] !== '"') {
      const inner = source[at] === '$' || source[at] === '`' ? substitutionEnd(source, at) : null;
      if (inner !== null) {
        this.nested.push(inner.inner);
        at = inner.end + 1;
      } else if (source[at] === '\\') {
        at = this.#add(source[at + 1] ?? '', at + 2);
      } else {
        at = this.#add(source[at] ?? '', at + 1);
      }
    }
    if (at >= source.length) this.isComplete = false;
    return at + 1;
  }

  #redirect(): void {
    this.#endWord();
    this.#isTarget = true;
  }

  #endWord(): void {
    if (this.#isWord) {
      this.#words.push({ text: this.#text, isQuoted: this.#isQuoted, isTarget: this.#isTarget });
      this.#isTarget = false;
    }
    this.#text = '';
    this.#isWord = false;
    this.#isQuoted = false;
  }

  #endCommand(): void {
    this.#endWord();
    this.#isTarget = false;
    if (this.#words.length > 0) this.commands.push(this.#words);
    this.#words = [];
  }
}
