// Owns how a stranger's text is put into a sentence or a command: it stays data, whatever it holds.

/** Control characters, line separators, and the marks that reorder what is read. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** The text in double quotes, control characters as `?`, cut after `limit` characters (default 60). */
export function quote(text: string, limit = 60): string {
  const chars = [...text.slice(0, limit * 2)];
  const cut = chars.slice(0, limit).join('');
  const isCut = chars.length > limit || text.length > limit * 2;
  return `"${cut.replaceAll(UNPRINTABLE, '?')}${isCut ? '…' : ''}"`;
}

/** True when the text is one line without control characters and without marks that reorder it. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) === -1;
}

/** A word as one argument of /bin/sh. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
