// Owns the program's own version.
import { readFileSync } from 'node:fs';

/** As package.json says it. */
export function droverVersion(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version =
    typeof description === 'object' && description !== null && 'version' in description ? description.version : '';
  return String(version);
}
