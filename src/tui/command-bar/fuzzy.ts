// Owns fuzzy search: whether the letters of a query stand in a text in their order, close to each other or at beginnings of words, and how well. Pure.

/** Weights: letters in a row and beginnings of words are what a person means; each letter passed over costs a little. */
const IN_A_ROW = 5;
const WORD_START = 8;
/** Letters that may be passed over within a word: with more of them nearly every long title would fit. */
const MOST_PASSED = 3;

/** How well the query fits: higher is better; null when it does not. Case and blanks of the query are ignored; an empty one fits all. */
export function fuzzyScore(query: string, text: string): number | null {
  const wanted = [...query.toLowerCase()].filter((character) => !/\s/.test(character));
  const letters = [...text.toLowerCase()];
  const starts = letters.flatMap((_, at) => (isWordStart(letters, at) ? [at] : []));
  // The best score with which the letters so far end at a place.
  let ends = new Map<number, number>();
  wanted.forEach((letter, index) => {
    const next = new Map<number, number>();
    const keep = (at: number, score: number): void => {
      if (letters[at] === letter && score > (next.get(at) ?? Number.NEGATIVE_INFINITY)) next.set(at, score);
    };
    if (index === 0) for (const at of letters.keys()) keep(at, starts.includes(at) ? 1 + WORD_START : 1);
    for (const [last, score] of ends) {
      keep(last + 1, score + 1 + IN_A_ROW);
      for (let passed = 1; passed <= MOST_PASSED; passed++) keep(last + 1 + passed, score + 1 - passed);
      for (const at of starts) if (at > last) keep(at, score + 1 + WORD_START - Math.min(10, at - last - 1));
    }
    ends = next;
  });
  if (wanted.length === 0) return 0;
  return ends.size === 0 ? null : Math.max(...ends.values());
}

function isWordStart(letters: readonly string[], at: number): boolean {
  return at === 0 || (/[^\p{L}\p{N}]/u.test(letters[at - 1] ?? '') && /[\p{L}\p{N}]/u.test(letters[at] ?? ''));
}

/** The items that fit, the best first, of equally good ones the shorter; else they keep their order. */
export function fuzzyFilter<T>(items: Iterable<T>, query: string, textOf: (item: T) => string): T[] {
  const found = [...items].flatMap((item) => {
    const text = textOf(item);
    const score = fuzzyScore(query, text);
    return score === null ? [] : [{ item, score, length: score === 0 ? 0 : text.length }];
  });
  return found.sort((a, b) => b.score - a.score || a.length - b.length).map(({ item }) => item);
}
