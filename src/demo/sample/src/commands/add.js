// ledger add <day> <amount> <category> [note]
import { appendEntry } from '../file.js';
import { formatEntry, parseEntry } from '../ledger.js';

export function run(args, { file, write }) {
  const entry = parseEntry(args.join(' '));
  appendEntry(file, entry);
  write('Added ' + formatEntry(entry));
}
