// Owns fuzzy search: whether the letters of a query stand in a text in their order, and how well. Pure.

/** Weights: letters in a row and beginnings of words are what a person means; each letter passed over costs a little. */
const IN_A_ROW = 5;
const WORD_START = 8;
const PASSED_OVER = -1;

/** How well the query fits: higher is better; null when its letters are not all there in their order. Case and blanks of the query are ignored. */
export function fuzzyScore(query: string, text: string): number | null {
  const wanted = [...query.toLowerCase()].filter((character) => !/\s/.test(character));
  const letters = [...text.toLowerCase()];
  if (wanted.length === 0) return 0;
  let best: number | null = null;
  // The first letter may stand in several places; the best one counts.
  for (let start = letters.indexOf(wanted[0] ?? ''); start >= 0; start = letters.indexOf(wanted[0] ?? '', start + 1)) {
    const score = scoreFrom(wanted, letters, start);
    if (score === null) break;
    if (best === null || score > best) best = score;
  }
  return best;
}

function scoreFrom(wanted: readonly string[], letters: readonly string[], start: number): number | null {
  let score = 0;
  let last = start - 1;
  for (const letter of wanted) {
    const at = letters.indexOf(letter, last + 1);
    if (at < 0) return null;
    const isRow = at === last + 1 && at !== start;
    const isWord = at === 0 || /[^\p{L}\p{N}]/u.test(letters[at - 1] ?? '');
    score += 1 + (isRow ? IN_A_ROW : 0) + (isWord ? WORD_START : 0) + Math.min(10, at - last - 1) * PASSED_OVER;
    last = at;
  }
  return score;
}

/** The items that fit, the best first; equally good ones keep their order. */
export function fuzzyFilter<T>(items: Iterable<T>, query: string, textOf: (item: T) => string): T[] {
  return [...items]
    .flatMap((item) => {
      const score = fuzzyScore(query, textOf(item));
      return score === null ? [] : [{ item, score }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}
