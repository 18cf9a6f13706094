// The ledger's file on disk.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { formatEntry, parseLedger } from './ledger.js';

/** All entries of a file; none when there is no file yet. */
export function loadLedger(file) {
  return existsSync(file) ? parseLedger(readFileSync(file, 'utf8')) : [];
}

/** Puts an entry at the end of a file. */
export function appendEntry(file, entry) {
  appendFileSync(file, formatEntry(entry) + '\n');
}
