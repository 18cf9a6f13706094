import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEntry, parseEntry, parseLedger, totalOf } from '../src/ledger.js';

test('an entry is read and written again', () => {
  const entry = parseEntry('2026-03-01 12.50 food Lunch with Ada');
  assert.deepEqual(entry, { date: '2026-03-01', cents: 1250, category: 'food', note: 'Lunch with Ada' });
  assert.equal(formatEntry(entry), '2026-03-01 12.50 food Lunch with Ada');
});

test('an entry without a day or a category is refused', () => {
  assert.throws(() => parseEntry('yesterday 12.50 food'), /no day/);
  assert.throws(() => parseEntry('2026-03-01 12.50'), /category/);
});

test('a ledger is the sum of its entries', () => {
  const entries = parseLedger('2026-03-01 12.50 food\n2026-03-02 48.00 travel Train\n');
  assert.equal(entries.length, 2);
  assert.equal(totalOf(entries), 6050);
});
