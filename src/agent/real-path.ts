// Owns where a path really leads: every symbolic link on the way followed, also a dangling one, also for what does not exist yet.
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, sep } from 'node:path';

/** As the kernel's ELOOP. */
const MAX_LINKS = 40;

/** Like realpath, for an absolute path of which the end need not exist. `..` after a link is taken from where the link leads, as the kernel does. Throws on a loop of links or a path that is not absolute. */
export function resolveReal(path: string): string {
  if (!isAbsolute(path)) throw new Error(`not an absolute path: ${path}`);
  const { root } = parse(path);
  let at = root;
  let links = 0;
  const rest = path.slice(root.length).split(sep).reverse();
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at = dirname(at);
      continue;
    }
    const next = join(at, part);
    const target = linkTarget(next);
    if (target === null) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new Error(`too many symbolic links in ${path}`);
    if (isAbsolute(target)) at = parse(target).root;
    rest.push(...target.split(sep).reverse());
  }
  return at;
}

/** What a symbolic link holds; null for anything else, also for what is missing. */
function linkTarget(path: string): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() ? readlinkSync(path) : null;
}
