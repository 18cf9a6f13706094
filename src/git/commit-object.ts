// Owns writing a commit object: the one object that Drover makes itself instead of starting git for it.
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { composeMessage, type Identity, identityText, objectId, type Trailers } from './names.ts';
import type { Repository } from './repository.ts';

/** The words and people of a commit. */
export interface CommitWords {
  readonly message: string;
  readonly author: Identity;
  /** Default: the author. */
  readonly committer?: Identity;
  readonly trailers?: Trailers;
}

/**
 * Writes a commit as a loose object and gives its id; no ref knows it yet. `git commit-tree` would cost a process (3 of
 * the 12 ms of a landing) for these few lines, whose form is part of git's on-disk format. No hook runs, and it is not
 * signed: `commit.gpgSign` would let the configuration choose a program.
 */
export function writeCommit(
  repository: Repository,
  request: CommitWords & { tree: string; parents: readonly string[] },
): string {
  const when = timeText(new Date());
  const text = [
    `tree ${objectId(request.tree)}`,
    ...request.parents.map((parent) => `parent ${objectId(parent)}`),
    `author ${identityText(request.author)} ${when}`,
    `committer ${identityText(request.committer ?? request.author)} ${when}`,
    '',
    composeMessage(request.message, request.trailers),
  ].join('\n');
  const body = Buffer.from(text, 'utf8');
  const whole = Buffer.concat([Buffer.from(`commit ${body.length}\0`), body]);
  // A repository with SHA-256 has ids of 64 digits.
  const id = createHash(request.tree.length === 64 ? 'sha256' : 'sha1')
    .update(whole)
    .digest('hex');
  writeLoose(join(repository.gitDir, 'objects'), id, deflateSync(whole));
  repository.trees.set(id, request.tree);
  return id;
}

/** As git does it: a temporary file first, then a link under the final name, so that nobody sees half of it. */
function writeLoose(objects: string, id: string, content: Buffer): void {
  const folder = join(objects, id.slice(0, 2));
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `tmp_obj_${randomBytes(6).toString('hex')}`);
  writeFileSync(temporary, content, { mode: 0o444, flag: 'wx' });
  try {
    linkSync(temporary, join(folder, id.slice(2)));
  } catch (error) {
    // The same commit was made within the same second; its content is the same.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(temporary);
  }
}

/** Seconds since the epoch and the offset of the local zone, `1700000000 +0100`. */
export function timeText(at: Date): string {
  const offset = -at.getTimezoneOffset();
  const minutes = Math.abs(offset);
  const digits = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0');
  return `${Math.floor(at.getTime() / 1000)} ${offset < 0 ? '-' : '+'}${digits}`;
}
