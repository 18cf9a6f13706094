// Owns the program's own version.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALLATION } from './installation.ts';

/** As package.json says it. */
export function droverVersion(): string {
  const description: unknown = JSON.parse(readFileSync(join(INSTALLATION, 'package.json'), 'utf8'));
  const version =
    typeof description === 'object' && description !== null && 'version' in description ? description.version : '';
  return String(version);
}
