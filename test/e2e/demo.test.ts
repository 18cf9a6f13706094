// The demonstration in a terminal: its question is seen, and answered by a key.
import { afterEach, expect, test } from 'vitest';
import { type Stage, setStage } from './stage.ts';

const PREFIX = '\x07';

let stage: Stage;
afterEach(async () => stage.strike());

test('drover demo asks what an exceeded budget should do, and takes the answer', async () => {
  // Slow enough for the question's patience of 20 s to be a second here.
  stage = await setStage({ furnish: ({ folder }) => ({ TMPDIR: folder, DROVER_REHEARSAL_SPEED: '10' }) });
  const terminal = stage.open(['demo', '--workers', '4'], { cols: 240, rows: 50 });
  await terminal.see('What should happen when a budget is exceeded?');
  terminal.type(`${PREFIX}n`);
  terminal.type('2');
  await terminal.see(/Then it is .refuse the entry/);
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
  expect(terminal.text()).toContain('Come back:');
  // What it says at the end works as it stands, also where no `drover` is on the PATH.
  const [, end = ''] = /^End it: +(.*)$/m.exec(terminal.text()) ?? [];
  const ended = stage.openProgram(['/bin/sh', '-c', end], { cols: 160, rows: 10 });
  expect(await ended.exited).toBe(0);
  expect(ended.text()).toContain('Stopped the server');
});
