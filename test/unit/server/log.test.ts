// Owns the tests of the server's log: a line stays a line, its size is bounded, and it never throws.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { openLog } from '../../../src/telemetry/log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('entries are lines with the time; control characters are escaped, further lines indented', () => {
  const file = join(folder, 'logs', 'server.log');
  const log = openLog(file, () => 0);
  log.info('a\x1b]0;title\x07\u009b2J\nsecond');
  expect(readFileSync(file, 'utf8')).toBe('1970-01-01T00:00:00.000Z info a\\x1b]0;title\\x7\\x9b2J\n    second\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('an error comes with its causes, and one that is its own cause ends', () => {
  const file = join(folder, 'server.log');
  const log = openLog(file, () => 0);
  log.error('start', new Error('outer', { cause: new Error('inner', { cause: 'text' }) }));
  expect(readFileSync(file, 'utf8')).toMatch(
    /start: Error: outer[\s\S]*caused by Error: inner[\s\S]*caused by text\n$/,
  );
  const circle = new Error('circle');
  circle.cause = circle;
  log.error('again', circle);
  expect(readFileSync(file, 'utf8').match(/Error: circle/g)).toHaveLength(6);
});

test('a refusal is one line', () => {
  const file = join(folder, 'server.log');
  const log = openLog(file, () => 0);
  log.error('landed work', new RefusalError({ code: 'no-commits', message: 'there is no commit', next: 'git commit' }));
  expect(readFileSync(file, 'utf8')).toBe('1970-01-01T00:00:00.000Z error landed work: there is no commit\n');
});

test('a full log is put aside, and two files are all there is', () => {
  const file = join(folder, 'server.log');
  const log = openLog(file, () => 0);
  writeFileSync(file, 'x'.repeat(8 * 1024 * 1024 + 1));
  log.info('new');
  expect(statSync(`${file}.1`).size).toBeGreaterThan(8 * 1024 * 1024);
  expect(readFileSync(file, 'utf8')).toContain('new');
});

test('a log that cannot be written, and an error that has no words, throw nothing', () => {
  const file = join(folder, 'server.log');
  const log = openLog(file, () => 0);
  log.error('odd', Object.create(null));
  mkdirSync(file);
  log.info('nobody reads this');
  rmSync(folder, { recursive: true });
  log.info('nor this');
  expect(existsSync(file)).toBe(false);
});
