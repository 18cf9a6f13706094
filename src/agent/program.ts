// Owns how a program of the configuration is found, so that a missing one is a refusal and not a dead pane.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, resolve } from 'node:path';

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The absolute path of a program: a name is sought on `path` (as in PATH), anything with a slash is taken from `folder`. Null when there is none. */
export async function findProgram(name: string, where: { path: string; folder: string }): Promise<string | null> {
  if (name === '') return null;
  if (name.includes('/')) {
    const path = isAbsolute(name) ? name : resolve(where.folder, name);
    return (await isProgram(path)) ? path : null;
  }
  for (const folder of where.path.split(delimiter)) {
    if (folder === '') continue;
    const path = resolve(where.folder, folder, name);
    if (await isProgram(path)) return path;
  }
  return null;
}
