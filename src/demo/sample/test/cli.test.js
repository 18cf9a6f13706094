import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandNames, runCommand } from '../src/cli.js';

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  const lines = [];
  const io = { file: join(folder, 'ledger.txt'), write: (line) => lines.push(line) };
  try {
    await work((...words) => runCommand(words, io), lines);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what was added is listed by day, and summed up', () =>
  inFolder(async (ledger, lines) => {
    await ledger('add', '2026-03-02', '48', 'travel', 'Train');
    await ledger('add', '2026-03-01', '12.50', 'food');
    lines.length = 0;
    await ledger('list');
    await ledger('total');
    assert.deepEqual(lines, ['2026-03-01 12.50 food', '2026-03-02 48.00 travel Train', '60.50']);
  }));

test('a mistake is told in one line and by the exit code', () =>
  inFolder(async (ledger, lines) => {
    assert.equal(await ledger('add', 'today', '1', 'food'), 1);
    assert.match(lines[0], /no day/);
    assert.equal(await ledger('fly'), 2);
    assert.match(lines[1], /add, /);
  }));

test('the commands are the files of the folder', () => {
  for (const name of ['add', 'list', 'total']) assert.ok(commandNames().includes(name));
});
