// A checkout with uncommitted work: what lands waits on drover/landed, that is said, and it moves in when the checkout is clean.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { script, writes } from './script.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(async () => stage.strike());

const clean = () => stage.git('checkout', '-q', '--', 'notes.txt');

/** A stage whose checkout has a file that is changed and not committed. */
async function setDirtyStage(): Promise<void> {
  stage = await setStage();
  writeFileSync(join(stage.repository, 'notes.txt'), 'one\n');
  stage.git('add', 'notes.txt');
  stage.git('-c', 'user.email=a@x', '-c', 'user.name=A', 'commit', '-qm', 'Notes');
  writeFileSync(join(stage.repository, 'notes.txt'), 'one\nmine\n');
  await stage.json(['add', 'Greet', '--description', script(...writes('greeting.txt', 'hello\n'))]);
}

test('headless: the run says where the work waits; the next server moves it in once the checkout is clean', async () => {
  await setDirtyStage();
  const { code, stdout } = await stage.drover(['run', '--headless', '--workers', '1', '--agent', 'rehearsal']);
  expect(code).toBe(0);
  expect(stdout).toContain('the work waits on drover/landed until it is clean');
  expect(stage.git('show', 'drover/landed:greeting.txt')).toBe('hello\n');
  expect(() => stage.git('cat-file', '-e', 'main:greeting.txt')).toThrow();
  expect(stage.git('status', '--porcelain')).toBe(' M notes.txt\n');

  clean();
  const terminal = stage.open(['attach'], { cols: 100, rows: 30 });
  await terminal.see('session off');
  await until(() => stage.git('branch', '--list', 'drover/landed') === '');
  expect(stage.git('show', 'main:greeting.txt')).toBe('hello\n');
  expect(stage.git('status', '--porcelain')).toBe('');
  terminal.type('\x07d');
  expect(await terminal.exited).toBe(0);
});

test('in the workspace: it is said where the work waits, and nothing of the person’s file is touched', async () => {
  await setDirtyStage();
  const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], { cols: 200, rows: 30 });
  await terminal.see('the work waits on drover/landed');
  expect(stage.git('diff', '--stat')).toContain('notes.txt');
  expect(stage.git('show', 'drover/landed:greeting.txt')).toBe('hello\n');
  terminal.type('\x07d');
  expect(await terminal.exited).toBe(0);
});

/** Resolves when git says so; fails after half a minute. Nothing tells of a branch that is gone. */
async function until(check: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!check()) {
    if (Date.now() > end) throw new Error('the branch never went away');
    await new Promise((next) => setTimeout(next, 100));
  }
}
