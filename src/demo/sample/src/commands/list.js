// ledger list: every entry, oldest first
import { loadLedger } from '../file.js';
import { formatEntry } from '../ledger.js';

export function run(_args, { file, write }) {
  const entries = loadLedger(file).sort((a, b) => a.date.localeCompare(b.date));
  for (const entry of entries) write(formatEntry(entry));
}
