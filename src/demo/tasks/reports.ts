// Owns the tasks of the epic "Reports", with the code that they bring.
import { finish, handsOn, type RehearsedTask } from '../rehearsed.ts';

const EPIC = 'Reports';

const BY_CATEGORY = `// How much was spent on what.

/** The sum of each category in cents, the largest first. */
export function byCategory(entries) {
  const sums = new Map();
  for (const { category, cents } of entries) sums.set(category, (sums.get(category) ?? 0) + cents);
  return [...sums].map(([name, cents]) => ({ name, cents })).sort((a, b) => b.cents - a.cents);
}
`;

const BY_CATEGORY_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byCategory } from '../src/reports/by-category.js';

test('categories are summed up, the largest first', () => {
  const entries = [
    { category: 'food', cents: 900 },
    { category: 'travel', cents: 4800 },
    { category: 'food', cents: 350 },
  ];
  assert.deepEqual(byCategory(entries), [
    { name: 'travel', cents: 4800 },
    { name: 'food', cents: 1250 },
  ]);
});
`;

const BY_MONTH = `// How much was spent when.

/** The sum of each month in cents, the oldest first. */
export function byMonth(entries) {
  const sums = new Map();
  for (const { date, cents } of entries) {
    const month = date.slice(0, 7);
    sums.set(month, (sums.get(month) ?? 0) + cents);
  }
  return [...sums].map(([name, cents]) => ({ name, cents })).sort((a, b) => a.name.localeCompare(b.name));
}
`;

const BY_MONTH_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byMonth } from '../src/reports/by-month.js';

test('months are summed up, the oldest first', () => {
  const entries = [
    { date: '2026-04-01', cents: 100 },
    { date: '2026-03-30', cents: 250 },
    { date: '2026-03-01', cents: 50 },
  ];
  assert.deepEqual(byMonth(entries), [
    { name: '2026-03', cents: 300 },
    { name: '2026-04', cents: 100 },
  ]);
});
`;

const BARS = `// Draws sums as bars of blocks.

/** One line for each row of { name, cents }; the longest bar takes \`width\` columns. */
export function drawBars(rows, width = 30) {
  const most = Math.max(1, ...rows.map(({ cents }) => cents));
  const indent = Math.max(0, ...rows.map(({ name }) => name.length));
  return rows.map(({ name, cents }) => name.padEnd(indent) + ' ' + '█'.repeat(Math.round((Math.max(0, cents) / most) * width)));
}
`;

const BARS_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawBars } from '../src/reports/bars.js';

test('the longest bar takes the whole width', () => {
  const rows = [
    { name: 'travel', cents: 400 },
    { name: 'food', cents: 100 },
  ];
  assert.deepEqual(drawBars(rows, 8), ['travel ████████', 'food   ██']);
});

test('nothing to draw gives no lines', () => {
  assert.deepEqual(drawBars([]), []);
});
`;

const BUDGET = `// Compares what was spent with what was planned.
import { byCategory } from './by-category.js';

/** What happens when more is spent than planned: {{answer}}. */
export const ON_EXCESS = '{{answer}}';

/** The categories above their budget, with the cents that are too many. */
export function overBudget(entries, budget) {
  return byCategory(entries)
    .filter(({ name, cents }) => name in budget && cents > budget[name])
    .map(({ name, cents }) => ({ name, excess: cents - budget[name] }));
}
`;

const BUDGET_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ON_EXCESS, overBudget } from '../src/reports/budget.js';

test('only what has a budget can exceed it', () => {
  const entries = [
    { category: 'food', cents: 1250 },
    { category: 'travel', cents: 4800 },
  ];
  assert.deepEqual(overBudget(entries, { food: 1000 }), [{ name: 'food', excess: 250 }]);
  assert.deepEqual(overBudget(entries, { food: 2000 }), []);
});

test('it was decided what an excess means', () => {
  assert.notEqual(ON_EXCESS, '');
});
`;

const CATEGORIES_GUIDE = `# Categories

\`byCategory\` sums up the cents of each category, the largest first.
`;

const MONTHS_GUIDE = `# Months

\`byMonth\` sums up the cents of each month, the oldest first.
`;

const BARS_GUIDE = `# Bars

Rows with a name and cents are drawn as bars; the longest takes the whole width.
`;

/** In an order in which each stands behind what it needs. */
export const REPORTS: readonly RehearsedTask[] = [
  {
    key: 'by-category',
    title: 'Sum up by category',
    about: 'A report of what was spent on what, the largest first.',
    epic: EPIC,
    type: 'implementation',
    priority: 8,
    blockedBy: [],
    steps: [
      { read: 'src/ledger.js' },
      { say: 'Reports stay pure: entries in, rows out. How they are shown is the business of a command.' },
      { think: '5s' },
      { edit: { file: 'src/reports/by-category.js', content: BY_CATEGORY } },
      { edit: { file: 'test/by-category.test.js', content: BY_CATEGORY_TEST } },
      { think: '3s' },
      ...finish('Sum up by category', 'Added src/reports/by-category.js: sums of categories, the largest first.'),
    ],
  },
  {
    key: 'by-month',
    title: 'Sum up by month',
    about: 'A report of what was spent when, the oldest month first.',
    epic: EPIC,
    type: 'implementation',
    priority: 7,
    blockedBy: [],
    steps: [
      { say: 'A day is written as 2026-03-01, so its month is the first seven characters.' },
      { think: '6s' },
      { edit: { file: 'src/reports/by-month.js', content: BY_MONTH } },
      { edit: { file: 'test/by-month.test.js', content: BY_MONTH_TEST } },
      { think: '3s' },
      ...finish('Sum up by month', 'Added src/reports/by-month.js: sums of months, the oldest first.'),
    ],
  },
  {
    key: 'bars',
    title: 'Draw sums as bars',
    about: 'Rows of a report as bars of blocks, scaled to a width.',
    epic: EPIC,
    type: 'implementation',
    priority: 4,
    blockedBy: ['by-category'],
    hint: 'Keep it to one block character; half blocks look ragged in some fonts.',
    steps: [
      { read: 'src/reports/by-category.js' },
      { think: '5s' },
      { say: 'Any row with a name and cents can be drawn, so months work as well as categories.' },
      { edit: { file: 'src/reports/bars.js', content: BARS } },
      { edit: { file: 'test/bars.test.js', content: BARS_TEST } },
      {
        say: 'Its description is work of its own. Somebody else can write that; I wait for it, which takes no worker.',
      },
      {
        call: {
          tool: 'create_subtask',
          ...handsOn('Describe the bars', 'A page about the bars of a report, in docs/bars.md.', [
            { think: '5s' },
            { edit: { file: 'docs/bars.md', content: BARS_GUIDE } },
            ...finish('Describe the bars', 'Added docs/bars.md.'),
          ]),
          waitForCompletion: true,
        },
      },
      ...finish('Draw sums as bars', 'Added src/reports/bars.js; the longest bar takes the whole width.'),
    ],
  },
  {
    key: 'budget',
    title: 'Compare with a budget',
    about: 'Tell which categories are above their budget. What an excess should do is not decided: ask.',
    epic: EPIC,
    type: 'implementation',
    priority: 6,
    blockedBy: ['by-category'],
    steps: [
      { say: 'The task leaves open what an exceeded budget should do. I ask before I decide it by accident.' },
      { think: '3s' },
      {
        ask: {
          question: 'What should happen when a budget is exceeded?',
          options: ['warn', 'refuse the entry', 'nothing'],
          patience: '20s',
        },
      },
      { say: 'Then it is “{{answer}}”. I write it down in the code as well.' },
      { edit: { file: 'src/reports/budget.js', content: BUDGET } },
      { edit: { file: 'test/budget.test.js', content: BUDGET_TEST } },
      ...finish('Compare with a budget', 'Added src/reports/budget.js. Decided on an excess: {{answer}}.'),
    ],
  },
  {
    key: 'guide',
    title: 'Write a guide to the reports',
    about: 'A page for each report that there is.',
    epic: EPIC,
    type: 'docs',
    priority: 5,
    blockedBy: ['by-category', 'by-month'],
    steps: [
      { read: 'src/reports/by-month.js' },
      { think: '3s' },
      { say: 'These are two pages that have nothing to do with each other. I divide the task.' },
      {
        call: {
          tool: 'signal_decomposition',
          reason: 'Two pages that two workers can write side by side',
          suggestedSubtasks: [
            handsOn('Describe categories', 'A page about sums of categories, in docs/categories.md.', [
              { think: '6s' },
              { edit: { file: 'docs/categories.md', content: CATEGORIES_GUIDE } },
              ...finish('Describe categories', 'Added docs/categories.md.'),
            ]),
            handsOn('Describe months', 'A page about sums of months, in docs/months.md.', [
              { think: '6s' },
              { edit: { file: 'docs/months.md', content: MONTHS_GUIDE } },
              ...finish('Describe months', 'Added docs/months.md.'),
            ]),
          ],
        },
      },
    ],
  },
];
