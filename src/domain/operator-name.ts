// Owns how an operator is called in few words, and how one is found by such words.

/** `Alice <alice@example.org>` is Alice, `alice@example.org` is alice; anything else is itself. Not sanitised. */
export function shortName(operator: string): string {
  const name = /^([^<>]*\S)\s*</.exec(operator)?.[1] ?? operator.replace(/^<|>$/g, '');
  return /^[^\s@]+(?=@\S+$)/.exec(name)?.[0] ?? name;
}

/** Those of `operators` that `words` name: by the whole label, the address, or the name; case is ignored. Each once. */
export function operatorsNamed(words: string, operators: Iterable<string>): string[] {
  const wanted = words.trim().toLowerCase();
  const found = new Set<string>();
  for (const operator of operators) {
    const address = /<([^<>]+)>$/.exec(operator)?.[1] ?? operator;
    if ([operator, address, shortName(operator)].some((name) => name.toLowerCase() === wanted)) found.add(operator);
  }
  return [...found];
}
