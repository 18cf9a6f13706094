// A ledger is a list of entries: { date, cents, category, note }. Its file has one line for each.
import { formatMoney, parseMoney } from './money.js';

/** Reads one line. Throws when it is no entry. */
export function parseEntry(line) {
  const [date = '', amount = '', category = '', ...note] = line.trim().split(/\s+/);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Error('"' + date + '" is no day; write 2026-03-01');
  if (category === '') throw new Error('an entry needs a category');
  return { date, cents: parseMoney(amount), category, note: note.join(' ') };
}

/** Writes one line. */
export function formatEntry({ date, cents, category, note }) {
  return [date, formatMoney(cents), category, note].join(' ').trim();
}

/** Reads the text of a whole file. */
export function parseLedger(text) {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => parseEntry(line));
}

/** The sum of all entries, in cents. */
export function totalOf(entries) {
  return entries.reduce((sum, { cents }) => sum + cents, 0);
}
