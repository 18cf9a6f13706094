// Owns the way from an operator's name in the state to an author that git takes.

export interface Author {
  readonly name: string;
  readonly email: string;
}

/** `Name <mail>`, a bare mail address, or a bare name; what is missing is filled so that git accepts it. */
export function authorOf(operator: string): Author {
  const clean = operator.replace(/[\u0000-\u001f\u007f]/g, ' ').trim();
  const full = /^([^<>]*)<([^<>\s]+)>$/.exec(clean);
  if (full) return { name: nameOf(full[1] ?? '', full[2] ?? ''), email: full[2] ?? '' };
  const bare = clean.replace(/[<>]/g, '').trim() || 'drover';
  if (/^\S+@\S+$/.test(bare)) return { name: nameOf(bare.slice(0, bare.indexOf('@')), bare), email: bare };
  return { name: nameOf(bare, ''), email: `${bare.replace(/[^A-Za-z0-9._-]+/g, '.')}@localhost` };
}

/** git takes no name of nothing but these, which it strips from both ends. */
const CRUD = /^[\s.,:;<>"\\']*$/;

function nameOf(...candidates: string[]): string {
  return candidates.map((name) => name.trim()).find((name) => !CRUD.test(name)) ?? 'drover';
}
