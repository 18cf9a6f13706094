// One session as a person has it: add, run, watch, type, detach, attach from a smaller terminal, landed.
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { script, writes } from './script.ts';
import { type Stage, setStage } from './stage.ts';

const WIDE = { cols: 120, rows: 40 };
const SMALL = { cols: 80, rows: 24 };
const PREFIX = '\x07';

let stage: Stage;
afterEach(async () => stage.strike());

const waitsForWords = script(
  { say: 'Before I write anything I need a word.' },
  { ask: { question: 'Which colour shall it be?', options: ['red', 'green'] } },
  ...writes('colour.txt', 'chosen\n'),
);

describe('a session', () => {
  test('a task is added, run, watched, answered, left, found again, and lands', async () => {
    stage = await setStage();
    await stage.json([
      'add',
      'Write the greeting',
      '--description',
      script({ say: 'I greet the world.' }, ...writes('greeting.txt', 'hello\n')),
    ]);
    await stage.json(['add', 'Choose the colour', '--description', waitsForWords]);
    const terminal = stage.open(['run', '--workers', '2', '--agent', 'rehearsal'], WIDE);
    await terminal.see('Which colour shall it be?');
    const watch = await stage.watch();
    await watch.until(() => watch.task('Write the greeting').status === 'completed', 'the greeting lands');
    await terminal.see(/done\s+1/);

    terminal.type(`${PREFIX}d`);
    expect(await terminal.exited).toBe(0);
    expect(terminal.isAlternate).toBe(false);
    expect(watch.task('Choose the colour').status).toBe('in_progress');

    const again = stage.open(['attach'], SMALL);
    await again.see('Which colour shall it be?');
    again.type(`${PREFIX}n`);
    again.type('2');
    await watch.until(() => watch.task('Choose the colour').status === 'completed', 'the colour lands');
    again.type(`${PREFIX}d`);
    expect(await again.exited).toBe(0);

    expect(stage.git('show', 'main:greeting.txt')).toBe('hello\n');
    expect(stage.git('show', 'main:colour.txt')).toBe('chosen\n');
    const log = stage.git('log', '--first-parent', '--format=%an|%s', 'main');
    expect(log).toContain('Ann|Choose the colour');
    // The checkout stood clean on the base branch: it moved along.
    expect(stage.git('status', '--porcelain')).toBe('');
  });

  test('a restart of the server says that the session has ended with the old one, and nothing of that where none ran', async () => {
    stage = await setStage();
    const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], WIDE);
    await terminal.see('session on');
    const next = 'No tasks are taken until the next session: drover run';
    expect((await stage.drover(['server', 'restart'])).stdout).toContain(next);
    await terminal.see('session off');
    expect((await stage.drover(['server', 'restart'])).stdout).not.toContain(next);
  });

  test('a restart with a mistake in the configuration is refused before the server is stopped', async () => {
    stage = await setStage();
    await stage.drover(['add', 'Wait']);
    const before = await stage.json<{ pid: number }>(['server', 'status']);
    writeFileSync(join(stage.repository, '.drover/config.yaml'), 'wrokers: 3\n');
    const { code, stderr } = await stage.drover(['server', 'restart']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('there is no key wrokers; the nearest is workers')]);
    expect(await stage.json(['server', 'status'])).toMatchObject({ pid: before.pid });
  });

  test('a task is written down from the keyboard, and a verb is run from the command bar', async () => {
    stage = await setStage();
    const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], WIDE);
    await terminal.see('session on');
    terminal.type(`${PREFIX}c`);
    await terminal.see('a title, then Enter');
    terminal.type('Tidy up the shed\r');
    await terminal.see('Tidy up the shed');
    const watch = await stage.watch();
    await watch.until(() => watch.task('Tidy up the shed').status === 'completed', 'the captured task lands');
    terminal.type(`${PREFIX}:`);
    terminal.type('cancel nonesuch\r');
    await terminal.see(/no task/i);
    terminal.type('\x1b');
    // Escape and a key in one read would be that key with Alt.
    await terminal.see((screen) => !screen.includes(':cancel'), 'the closed bar');
    terminal.type(`${PREFIX}d`);
    expect(await terminal.exited).toBe(0);
  });

  test('a lost terminal takes nothing with it', async () => {
    stage = await setStage();
    await stage.json(['add', 'Choose the colour', '--description', waitsForWords]);
    const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], WIDE);
    await terminal.see('Which colour shall it be?');
    const pid = await stage.serverPid();
    terminal.hangUp();
    await terminal.exited;
    const again = stage.open(['attach'], SMALL);
    await again.see('Which colour shall it be?');
    expect(await stage.serverPid()).toBe(pid);
    again.type(`${PREFIX}d`);
    expect(await again.exited).toBe(0);
  });

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const) {
    test(`${signal} gives the terminal back, and is the status that a shell expects`, async () => {
      stage = await setStage();
      const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], SMALL);
      await terminal.see('session on');
      process.kill(terminal.pid, signal);
      expect(await terminal.exited).toBe(128 + constants.signals[signal]);
      await terminal.see(() => !terminal.isAlternate, 'the main screen');
      expect(terminal.modes).toEqual({ mouse: 'none', paste: false, focus: false, cursorHidden: false });
    });
  }

  test('in a pane of its own it is not opened once more, and a run there only starts', async () => {
    stage = await setStage();
    await stage.drover(['panes', '--', 'bash', '--norc', '--noprofile', '--noediting', '-i']);
    const terminal = stage.open(['attach'], { cols: 200, rows: 40 });
    await terminal.see(/bash-[\d.]+[$#]/);
    terminal.type(`${stage.command} attach\r`);
    await terminal.see('cannot show itself within itself');
    terminal.type(`${stage.command} run --workers 1 --agent rehearsal\r`);
    await terminal.see('1 worker takes tasks');
    await terminal.see('session on');
    terminal.type(`${PREFIX}d`);
    expect(await terminal.exited).toBe(0);
  });
});

describe('inside tmux', () => {
  test('the same screens, keys and detach', async () => {
    stage = await setStage();
    await stage.json(['add', 'Choose the colour', '--description', waitsForWords]);
    const socket = `${stage.folder}/tmux`;
    const main = process.env['DROVER_MAIN'] ?? `${process.cwd()}/dist/main.cjs`;
    const command = `${process.execPath} ${main} run --workers 1 --agent rehearsal; exec sh`;
    const tmux = stage.openProgram(['tmux', '-S', socket, '-f', '/dev/null', 'new-session', command], WIDE);
    await tmux.see('Which colour shall it be?');
    tmux.resize(90, 30);
    await tmux.see(
      (screen) => screen.includes('Which colour shall it be?') && screen.includes('session on'),
      'the screen at its new size',
    );
    tmux.type('1');
    const watch = await stage.watch();
    await watch.until(() => watch.task('Choose the colour').status === 'completed', 'the colour lands');
    tmux.type(`${PREFIX}d`);
    await tmux.see(/\$|#/);
    tmux.type('exit\r');
    await tmux.exited;
  });
});
