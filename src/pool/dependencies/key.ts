// Owns the key of an install: one hash of everything that decides what comes out of it.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Changes when a generation of an older Drover must not be used any more. */
const FORMAT = '1';

/** Gives the key of named texts; their order does not matter, an absent one is null. */
export function hashKey(parts: Readonly<Record<string, string | null>>): string {
  const hash = createHash('sha256').update(FORMAT);
  for (const name of Object.keys(parts).sort()) {
    const text = parts[name];
    hash.update(`\0${name}\0${text === null ? 'absent' : `${text?.length}\0${text}`}`);
  }
  return hash.digest('hex');
}

/** The hash of a file's contents, or of all that lies in a folder; null when there is none. Links are taken as links. */
export function contentHash(root: string, path: string): string | null {
  const hash = createHash('sha256');
  return addContent(hash, root, path) ? hash.digest('hex') : null;
}

function addContent(hash: ReturnType<typeof createHash>, root: string, path: string): boolean {
  const full = join(root, path);
  const stat = lstatSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  hash.update(`${path}\0`);
  if (stat.isSymbolicLink()) hash.update(readlinkSync(full));
  else if (stat.isDirectory()) for (const name of readdirSync(full).sort()) addContent(hash, root, `${path}/${name}`);
  else if (stat.isFile()) hash.update(`${stat.mode & 0o100}\0${stat.size}\0`).update(readFileSync(full));
  return true;
}

/** Lines of an npmrc that say who one is, not what is installed: a token that is renewed must not cost an install. */
const SECRET = /^[^=]*(?:_auth|_authtoken|_password|username|email|cert|key|otp)\w*\s*=/i;

/** What an npmrc says about an install. */
export function npmrcText(path: string): string | null {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => !SECRET.test(line) && !/^\s*(?:[;#]|$)/.test(line)).join('\n');
  } catch {
    return null;
  }
}
