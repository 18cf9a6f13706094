// Owns the tasks of the epic "Command line", with the code that they bring. Two of them change the same line on purpose.
import { finish, type RehearsedTask, type ScriptStep } from '../rehearsed.ts';

const EPIC = 'Command line';

const HEAD = 'export function formatMoney(cents) {';
const HEAD_SYMBOL = "export function formatMoney(cents, symbol = '') {";
const LAST = "  return sign + whole + '.' + rest;";
const LAST_GROUPED = "  return sign + whole.toLocaleString('en-US') + '.' + rest;";
const LAST_SYMBOL = "  return sign + symbol + whole + '.' + rest;";
const LAST_BOTH = "  return sign + symbol + whole.toLocaleString('en-US') + '.' + rest;";

const GROUPED_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMoney, parseMoney } from '../src/money.js';

test('thousands are set apart', () => {
  assert.equal(formatMoney(123456789), '1,234,567.89');
  assert.equal(formatMoney(-100000), '-1,000.00');
});

test('what was written can be read again', () => {
  assert.equal(parseMoney('1,234,567.89'), 123456789);
});
`;

const SYMBOL_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMoney } from '../src/money.js';

test('a currency stands between the sign and the amount', () => {
  assert.equal(formatMoney(1250, '€'), '€12.50');
  assert.equal(formatMoney(-320, '£'), '-£3.20');
});
`;

const PARSE_BEFORE = '.exec(text.trim());';
const PARSE_AFTER = ".exec(text.trim().replaceAll(',', ''));";

const REPORT = `// ledger report [month|category]: sums by category, or by month
import { loadLedger } from '../file.js';
import { formatMoney } from '../money.js';
import { byCategory } from '../reports/by-category.js';
import { byMonth } from '../reports/by-month.js';

const REPORTS = { category: byCategory, month: byMonth };

export function run([kind = 'category'], { file, write }) {
  if (!Object.hasOwn(REPORTS, kind)) throw new Error('there is no report by ' + kind + '; there are category and month');
  for (const { name, cents } of REPORTS[kind](loadLedger(file))) write(name.padEnd(12) + formatMoney(cents).padStart(12));
}
`;

const inFolder = (title: string, body: string) => `import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../src/cli.js';

test('${title}', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  const lines = [];
  const io = { file: join(folder, 'ledger.txt'), write: (line) => lines.push(line) };
  writeFileSync(io.file, '2026-03-01 12.50 food Lunch\\n2026-04-02 48.00 travel Train\\n');
${body}
  rmSync(folder, { recursive: true });
});
`;

const REPORT_TEST = inFolder(
  'a report has one line for each sum',
  `  assert.equal(await runCommand(['report'], io), 0);
  assert.equal(await runCommand(['report', 'month'], io), 0);
  assert.deepEqual(lines.map((line) => line.split(/\\s+/)[0]), ['travel', 'food', '2026-03', '2026-04']);
  assert.equal(await runCommand(['report', 'weather'], io), 1);`,
);

const SEARCH = `// ledger search <words>: the entries whose category or note holds all the words
import { loadLedger } from '../file.js';
import { formatEntry } from '../ledger.js';

export function run(words, { file, write }) {
  if (words.length === 0) throw new Error('search needs a word');
  const found = loadLedger(file).filter(({ category, note }) => {
    const text = (category + ' ' + note).toLowerCase();
    return words.every((word) => text.includes(word.toLowerCase()));
  });
  for (const entry of found) write(formatEntry(entry));
  if (found.length === 0) write('Nothing found');
}
`;

const SEARCH_TEST = inFolder(
  'a search looks at the category and the note',
  `  await runCommand(['search', 'TRAIN'], io);
  await runCommand(['search', 'food', 'train'], io);
  assert.deepEqual(lines, ['2026-04-02 48.00 travel Train', 'Nothing found']);`,
);

const USAGE = `

## Commands

- \`add <day> <amount> <category> [note]\` puts in an expense
- \`list\` shows all, oldest first
- \`total\` sums them up
- \`search <words>\` finds some
- \`report [category|month]\` sums up what was spent on what, or when
`;

/** Whichever of the two lands second is given back, and writes both changes into the merged file. */
function bringTogether(key: 'grouped' | 'symbol'): ScriptStep[] {
  const other = key === 'grouped' ? 'currency sign' : 'thousands';
  return [
    { run: 'git merge --no-edit main' },
    { say: `Both of us changed the last line of formatMoney: the other task brought the ${other}. Both belong in it.` },
    { think: '3s' },
    { run: 'git checkout --theirs src/money.js' },
    { edit: { file: 'src/money.js', find: HEAD, replace: HEAD_SYMBOL } },
    { edit: { file: 'src/money.js', find: PARSE_BEFORE, replace: PARSE_AFTER } },
    { edit: { file: 'src/money.js', find: key === 'grouped' ? LAST_SYMBOL : LAST_GROUPED, replace: LAST_BOTH } },
    ...finish('Merge main: thousands and a currency sign', 'Merged both changes of formatMoney; all tests pass.'),
  ];
}

/** In an order in which each stands behind what it needs. */
export const COMMAND_LINE: readonly RehearsedTask[] = [
  {
    key: 'grouped',
    title: 'Set thousands apart',
    about: 'Write 1,234.56 and not 1234.56, and read it again.',
    epic: EPIC,
    type: 'implementation',
    priority: 10,
    blockedBy: [],
    steps: [
      { read: 'src/money.js' },
      { say: 'The formatting is one line, but what is written has to be read again: both change.' },
      { think: '6s' },
      { edit: { file: 'src/money.js', find: LAST, replace: LAST_GROUPED } },
      { edit: { file: 'src/money.js', find: PARSE_BEFORE, replace: PARSE_AFTER } },
      { edit: { file: 'test/thousands.test.js', content: GROUPED_TEST } },
      ...finish('Set thousands apart', 'Amounts are written with separators of thousands, and read again.'),
    ],
    returned: bringTogether('grouped'),
  },
  {
    key: 'symbol',
    title: 'Show a currency sign',
    about: 'formatMoney takes a currency sign to put in front of the amount.',
    epic: EPIC,
    type: 'implementation',
    priority: 10,
    blockedBy: [],
    steps: [
      { read: 'src/money.js' },
      { think: '7s' },
      { say: 'Without a sign everything must stay as it is, so it is an argument with an empty default.' },
      { edit: { file: 'src/money.js', find: HEAD, replace: HEAD_SYMBOL } },
      { edit: { file: 'src/money.js', find: LAST, replace: LAST_SYMBOL } },
      { edit: { file: 'test/currency.test.js', content: SYMBOL_TEST } },
      { think: '5s' },
      ...finish('Show a currency sign', 'formatMoney takes a currency sign; without one nothing changes.'),
    ],
    returned: bringTogether('symbol'),
  },
  {
    key: 'report',
    title: 'Add the command report',
    about: 'ledger report shows the sums by category, or by month.',
    epic: EPIC,
    type: 'implementation',
    priority: 5,
    blockedBy: ['by-category', 'by-month'],
    steps: [
      { read: 'src/commands/total.js' },
      { say: 'Both reports give rows of a name and cents, so one command can show either.' },
      { think: '5s' },
      { edit: { file: 'src/commands/report.js', content: REPORT } },
      { edit: { file: 'test/report.test.js', content: REPORT_TEST } },
      ...finish(
        'Add the command report',
        'Added `ledger report [category|month]` with a test through the command line.',
      ),
    ],
  },
  {
    key: 'search',
    title: 'Add the command search',
    about: 'ledger search finds entries by words in the category or the note.',
    epic: EPIC,
    type: 'implementation',
    priority: 3,
    blockedBy: [],
    steps: [
      { read: 'src/commands/list.js' },
      { think: '5s' },
      { edit: { file: 'src/commands/search.js', content: SEARCH } },
      { edit: { file: 'test/search.test.js', content: SEARCH_TEST } },
      { say: 'Case does not matter, and all words must be there.' },
      ...finish('Add the command search', 'Added `ledger search`; upper and lower case are the same.'),
    ],
  },
  {
    key: 'usage',
    title: 'Describe the commands in the README',
    about: 'The README lists what the program can do, when the commands are there.',
    epic: EPIC,
    type: 'docs',
    priority: 2,
    blockedBy: ['report', 'search'],
    steps: [
      { read: 'README.md' },
      { run: 'ls src/commands' },
      { think: '3s' },
      { edit: { file: 'README.md', append: USAGE.trimStart() } },
      ...finish('Describe the commands in the README', 'The README lists all commands.'),
    ],
  },
];
