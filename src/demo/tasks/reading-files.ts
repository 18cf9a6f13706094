// Owns the tasks of the epic "Reading files", with the code that they bring.
import { finish, type RehearsedTask } from '../rehearsed.ts';

const EPIC = 'Reading files';

const CSV = `// Reads the CSV that banks export: date, amount, category, note, with a heading line.
import { parseMoney } from '../money.js';

/** The fields of one line. */
export function splitFields(line) {
  return line.split(',').map((field) => field.trim());
}

/** The entries of a whole CSV text. */
export function parseCsv(text) {
  const [, ...lines] = text.split(/\\r?\\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [date, amount, category, note = ''] = splitFields(line);
    return { date, cents: parseMoney(amount), category, note };
  });
}
`;

const CSV_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCsv } from '../src/formats/csv.js';

test('a CSV export is read without its heading', () => {
  const entries = parseCsv('date,amount,category,note\\r\\n2026-03-01,12.50,food,Lunch\\r\\n2026-03-02,48,travel\\r\\n');
  assert.deepEqual(entries, [
    { date: '2026-03-01', cents: 1250, category: 'food', note: 'Lunch' },
    { date: '2026-03-02', cents: 4800, category: 'travel', note: '' },
  ]);
});

test('an empty export has no entries', () => {
  assert.deepEqual(parseCsv(''), []);
});
`;

const SPLIT_BEFORE = `  return line.split(',').map((field) => field.trim());`;
const SPLIT_AFTER = `  // Either a quoted field, in which "" stands for one quote, or everything up to the next comma.
  const fields = line.matchAll(/(?:^|,)\\s*(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...fields].map(([, quoted, plain]) => (quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"')));`;

const QUOTED_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCsv, splitFields } from '../src/formats/csv.js';

test('a quoted field may hold commas and quotes', () => {
  assert.deepEqual(splitFields('1,"a, b","say ""hi"""'), ['1', 'a, b', 'say "hi"']);
  assert.deepEqual(splitFields('a,,c'), ['a', '', 'c']);
});

test('quoted notes reach the entry', () => {
  const [entry] = parseCsv('date,amount,category,note\\n2026-03-01,9,food,"Bread, butter"\\n');
  assert.equal(entry.note, 'Bread, butter');
});
`;

const FILTER_BEFORE = `  const lines = text.split('\\n').filter((line) => line !== '');`;
const FILTER_AFTER = `  const lines = text.split('\\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));`;

const COMMENTS_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLedger } from '../src/ledger.js';

test('comments and blank lines are passed over', () => {
  const entries = parseLedger('# March\\n\\n2026-03-01 12.50 food\\n   \\n# the end\\n');
  assert.equal(entries.length, 1);
});
`;

const IMPORT = `// ledger import <file.csv>: takes over what is not in the ledger yet
import { readFileSync } from 'node:fs';
import { appendEntry, loadLedger } from '../file.js';
import { formatEntry } from '../ledger.js';
import { parseCsv } from '../formats/csv.js';

export function run([path], { file, write }) {
  if (path === undefined) throw new Error('import needs the path of a CSV file');
  const known = new Set(loadLedger(file).map(formatEntry));
  const fresh = parseCsv(readFileSync(path, 'utf8')).filter((entry) => !known.has(formatEntry(entry)));
  for (const entry of fresh) appendEntry(file, entry);
  write('Imported ' + fresh.length + ' entries');
}
`;

const IMPORT_TEST = `import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../src/cli.js';

test('a file is imported once, however often it is read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  const lines = [];
  const io = { file: join(folder, 'ledger.txt'), write: (line) => lines.push(line) };
  const path = join(folder, 'bank.csv');
  writeFileSync(path, 'date,amount,category,note\\n2026-03-01,9,food,"Bread, butter"\\n');
  await runCommand(['import', path], io);
  await runCommand(['import', path], io);
  await runCommand(['total'], io);
  rmSync(folder, { recursive: true });
  assert.deepEqual(lines.slice(0, 2), ['Imported 1 entries', 'Imported 0 entries']);
  assert.match(lines[2], /9\\.00/);
});
`;

/** In an order in which each stands behind what it needs. */
export const READING_FILES: readonly RehearsedTask[] = [
  {
    key: 'csv',
    title: 'Read CSV exports',
    about: 'Banks export CSV. Read it into entries, in src/formats/csv.js, with tests.',
    epic: EPIC,
    type: 'implementation',
    priority: 9,
    blockedBy: [],
    steps: [
      { say: 'I look at how an entry is read today, so that the new format gives the same shape.' },
      { read: 'src/ledger.js' },
      { think: '5s' },
      { say: 'A format of its own fits best: one file that turns a text into entries, and knows nothing of the disk.' },
      { edit: { file: 'src/formats/csv.js', content: CSV } },
      { think: '3s' },
      { edit: { file: 'test/csv.test.js', content: CSV_TEST } },
      ...finish(
        'Read CSV exports',
        'Added src/formats/csv.js with tests: entries from a CSV text with a heading line.',
      ),
    ],
  },
  {
    key: 'quoted',
    title: 'Understand quoted CSV fields',
    about: 'A note such as "Bread, butter" holds a comma. Split fields with quotes in mind.',
    epic: EPIC,
    type: 'fix',
    priority: 6,
    blockedBy: ['csv'],
    steps: [
      { read: 'src/formats/csv.js' },
      { say: 'The line is cut at every comma, inside of quotes too. I write the failing test first.' },
      { edit: { file: 'test/csv-quotes.test.js', content: QUOTED_TEST } },
      { run: 'node --test test/csv-quotes.test.js' },
      { think: '5s' },
      { edit: { file: 'src/formats/csv.js', find: SPLIT_BEFORE, replace: SPLIT_AFTER } },
      ...finish(
        'Understand quoted CSV fields',
        'Quoted CSV fields may hold commas and doubled quotes; a failing test came first.',
      ),
    ],
  },
  {
    key: 'comments',
    title: 'Allow comments in a ledger',
    about: 'Lines that begin with # are comments; lines of blanks are empty. Both are passed over.',
    epic: EPIC,
    type: 'implementation',
    priority: 4,
    blockedBy: [],
    steps: [
      { read: 'src/ledger.js' },
      { think: '3s' },
      { say: 'Only the reading of a whole file has to know about comments; a single entry stays as strict as it was.' },
      { edit: { file: 'src/ledger.js', find: FILTER_BEFORE, replace: FILTER_AFTER } },
      { edit: { file: 'test/comments.test.js', content: COMMENTS_TEST } },
      { think: '5s' },
      ...finish('Allow comments in a ledger', 'Comments and blank lines in a ledger are passed over; tested.'),
    ],
  },
  {
    key: 'import',
    title: 'Add the command import',
    about: 'ledger import bank.csv takes over the entries that are not in the ledger yet.',
    epic: EPIC,
    type: 'implementation',
    priority: 3,
    blockedBy: ['quoted'],
    steps: [
      { say: 'Reading the same file twice must not double anything, so I compare with what is there.' },
      { read: 'src/file.js' },
      { think: '5s' },
      { edit: { file: 'src/commands/import.js', content: IMPORT } },
      { edit: { file: 'test/import.test.js', content: IMPORT_TEST } },
      ...finish('Add the command import', 'Added `ledger import`; a second import of the same file adds nothing.'),
    ],
  },
];
