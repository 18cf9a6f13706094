// Owns reading an object that lies in a file of its own, as one that was just written does; those in packs are git's to read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

/** `type SP length NUL content`; null when the object is packed, or not there. */
export function readLoose(objects: string, id: string): Buffer | null {
  try {
    return inflateSync(readFileSync(join(objects, id.slice(0, 2), id.slice(2))));
  } catch {
    return null;
  }
}
