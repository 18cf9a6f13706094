// Owns the guess at what a mistyped word was meant to be.

/** The known word with the smallest edit distance; the first one when several are as near. Empty when nothing is known. */
export function nearest(word: string, known: readonly string[]): string {
  let best = '';
  let smallest = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (distance < smallest) {
      smallest = distance;
      best = candidate;
    }
  }
  return best;
}

/** The known word that was most likely meant: at most half of its characters and no more than three differ. Null when none is so near. */
export function nearby(word: string, known: readonly string[]): string | null {
  const found = nearest(word, known);
  const most = Math.min(3, Math.floor(Math.max(word.length, found.length) / 2));
  return found !== '' && editDistance(word, found) <= most ? found : null;
}

/** All known words; the one that was most likely meant stands first. */
export function nearestFirst(word: string, known: readonly string[]): string[] {
  const meant = nearby(word, known);
  return meant === null ? [...known] : [meant, ...known.filter((name) => name !== meant)];
}

/** How many characters must be added, dropped or replaced to turn one word into the other (Levenshtein, one row at a time). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
