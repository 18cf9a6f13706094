// Owns the making of the data home before anything is written that counts on it.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { refuse } from '../domain/refusal.ts';

/** Makes the data home, or finds it writable. Refuses with what to set where the home folder is read-only or missing. */
export function makeDataHome(dataHome: string): void {
  try {
    mkdirSync(dataHome, { recursive: true, mode: 0o700 });
    accessSync(dataHome, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    // Node reports ENOENT for a folder that cannot be made on a read-only file system.
    refuse(
      'not-allowed',
      `the data home ${dataHome} cannot be written (${code}); ${dirname(dirname(dataHome))} must be a folder that you can write to`,
      'export XDG_STATE_HOME=<a folder that you can write to>',
    );
  }
}
