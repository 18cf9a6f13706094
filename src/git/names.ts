// Owns the rules for branch names, object ids and identities before they reach a command line.

/** The rules of git check-ref-format for a branch, without asking git. */
export function isBranchName(name: string): boolean {
  if (name === '' || name === '@' || name === 'HEAD' || name.length > 200 || name.startsWith('-')) return false;
  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.$|^\/|\/$/.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

/** Gives the name back; throws for a name that git would not take. */
export function branchName(name: string): string {
  if (!isBranchName(name)) throw new Error(`not a branch name: ${JSON.stringify(name)}`);
  return name;
}

/** Gives the full hexadecimal object id back (SHA-1 or SHA-256); throws for anything else. */
export function objectId(text: string): string {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) throw new Error(`not an object id: ${JSON.stringify(text)}`);
  return text;
}

export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** Key and value of each trailer line, in order. */
export type Trailers = readonly (readonly [key: string, value: string])[];

/** `Name <email>`. Characters that git's format cannot hold are dropped; an empty name becomes the email. */
export function identityText(who: Identity): string {
  const { name, email } = cleanIdentity(who);
  return `${name} <${email}>`;
}

/** Author and committer as git's own variables, cleaned likewise. */
export function identityVariables(author: Identity, committer: Identity): Record<string, string> {
  const [writer, keeper] = [cleanIdentity(author), cleanIdentity(committer)];
  return {
    GIT_AUTHOR_NAME: writer.name,
    GIT_AUTHOR_EMAIL: writer.email,
    GIT_COMMITTER_NAME: keeper.name,
    GIT_COMMITTER_EMAIL: keeper.email,
  };
}

function cleanIdentity(who: Identity): Identity {
  const clean = (text: string) => text.replace(/[\x00-\x1f\x7f<>]/g, ' ').trim();
  const email = clean(who.email).replaceAll(' ', '');
  // git strips this punctuation from both ends, and refuses what has nothing else.
  const name = clean(who.name).replace(/^[.,:;"'\\ ]+|[.,:;"'\\ ]+$/g, '');
  return { name: name || email || 'unknown', email };
}

/** A commit message with its trailers. Composed here, because `interpret-trailers` runs commands of the configuration. */
export function composeMessage(message: string, trailers: Trailers = []): string {
  const oneLine = (text: string) => text.replace(/[\x00-\x1f\x7f]+/g, ' ').trim();
  const body = message
    .replace(/\r\n?/g, '\n')
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
    .trim();
  const lines = trailers.map(([key, value]) => `${oneLine(key).replace(/[^A-Za-z0-9-]/g, '-')}: ${oneLine(value)}`);
  return lines.length === 0 ? `${body}\n` : `${body}\n\n${lines.join('\n')}\n`;
}
