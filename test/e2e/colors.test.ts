// Layout and theme are changed live by verb, by the command bar and by saving a file; and the colours that a program in a pane is told: those of the theme on a terminal that is silent, its own when it tells them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Stage, setStage } from './stage.ts';

const SIZE = { cols: 200, rows: 30 };
const PREFIX = '\x07';
/** Asks for background, foreground, cursor and red at first and whenever it is told of dark or light, and shows each answer in a line. */
const PROGRAM = `
process.stdin.setRawMode(true);
const ask = () => process.stdout.write(['11', '10', '12', '4;1'].map((color) => '\\x1b]' + color + ';?\\x1b\\\\').join(''));
process.stdin.on('data', (bytes) => {
  for (const answer of bytes.toString().split('\\x1b')) console.log(JSON.stringify(answer) + '\\r');
  if (bytes.includes('997')) ask();
});
process.stdout.write('\\x1b[?2031h');
ask();
`;

let stage: Stage;
afterEach(async () => stage.strike());

test('layout and theme change by verb, by the command bar and by saving a file; programs are told the colours', async () => {
  stage = await setStage();
  const themes = join(stage.repository, '.drover', 'themes');
  const save = (theme: object): void => writeFileSync(join(themes, 'light.json'), JSON.stringify(theme));
  await stage.drover(['panes', '--', process.execPath, '-e', PROGRAM]);
  const terminal = stage.open(['attach'], SIZE);
  await terminal.see('rgb:');

  expect(await stage.drover(['theme', 'light'])).toMatchObject({ code: 0 });
  await terminal.see('?997;2n');
  await terminal.see('11;rgb:ffff/ffff/ffff');
  expect(await stage.drover(['layout', 'stack'])).toMatchObject({ code: 0 });
  await terminal.see('layout stack');
  terminal.type(`${PREFIX}:layout main-left\r`);
  await terminal.see('layout main-left');

  // The theme in use, saved: what a mistake is said of stays as it was.
  mkdirSync(themes, { recursive: true });
  save({ colors: { foreground: 'beige', background: '#111213' } });
  await terminal.see('colors.foreground is "beige"');
  const ansi = Array.from({ length: 16 }, (_, index) => `#0000${(16 + index).toString(16)}`);
  const colors = { foreground: '#e1e2e3', background: '#111213', cursor: '#c1c2c3', ansi };
  save({ colors, styles: { titleFocused: { fg: 201 } } });
  await terminal.see('?997;1n');
  for (const answer of ['11;rgb:1111/1212/1313', '10;rgb:e1e1/e2e2/e3e3', '12;rgb:c1c1/c2c2/c3c3'])
    await terminal.see(answer);
  await terminal.see('4;1;rgb:0000/0000/1111');
  await terminal.see(() => terminal.colourOf('▶') === 'palette 201', 'the title in its new colour');
  expect(terminal.text()).toContain('layouts and themes are read again');

  // What a terminal answers that does; this one was silent.
  expect(terminal.raw).toContain('\x1b]10;?\x1b\\\x1b]11;?\x1b\\');
  const asked = terminal.raw.split('\x1b]11;?').length;
  terminal.type('\x1b]10;rgb:0000/0000/0000\x1b\\\x1b]11;rgb:f0f0/e0e0/d0d0\x1b\\\x1b[?62;22c');
  await terminal.see('11;rgb:f0f0/e0e0/d0d0');
  // It turns dark: it is asked again, and nobody is told before it has answered.
  terminal.type('\x1b[?997;1n');
  await terminal.see(() => terminal.raw.split('\x1b]11;?').length > asked, 'the question');
  terminal.type('\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\\x1b]11;rgb:2020/1010/0000\x1b\\\x1b[?62;22c');
  await terminal.see('11;rgb:2020/1010/0000');
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
});
