// Owns the way from an operator's name in the state to an author that git takes.

export interface Author {
  readonly name: string;
  readonly email: string;
}

/** `Name <mail>`, a bare mail address, or a bare name; what is missing is filled so that git accepts it. */
export function authorOf(operator: string): Author {
  const clean = operator.replace(/[\u0000-\u001f\u007f]/g, ' ').trim();
  const full = /^([^<>]*)<([^<>\s]+)>$/.exec(clean);
  if (full) return { name: full[1]?.trim() || (full[2] ?? ''), email: full[2] ?? '' };
  const bare = clean.replace(/[<>]/g, '') || 'drover';
  if (/^\S+@\S+$/.test(bare)) return { name: bare.slice(0, bare.indexOf('@')), email: bare };
  return { name: bare, email: `${bare.replace(/[^A-Za-z0-9._-]+/g, '.')}@localhost` };
}
