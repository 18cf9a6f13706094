// The colours that a program in a pane is told: those of the theme on a terminal that is silent, its own when it tells them.
import { afterEach, expect, test } from 'vitest';
import { type Stage, setStage } from './stage.ts';

const SIZE = { cols: 100, rows: 30 };
const PREFIX = '\x07';
/** Asks for the background at first and whenever it is told of dark or light, and shows what it reads. */
const PROGRAM = `
process.stdin.setRawMode(true);
const ask = () => process.stdout.write('\\x1b]11;?\\x1b\\\\');
process.stdin.on('data', (bytes) => {
  console.log(JSON.stringify(bytes.toString()) + '\\r');
  if (bytes.includes('997')) ask();
});
process.stdout.write('\\x1b[?2031h');
ask();
`;

let stage: Stage;
afterEach(async () => stage.strike());

test('a program is told the colours of the theme, of a theme chosen later, and those that the terminal tells', async () => {
  stage = await setStage();
  await stage.drover(['panes', '--', process.execPath, '-e', PROGRAM]);
  const terminal = stage.open(['attach'], SIZE);
  await terminal.see('rgb:');
  terminal.type(`${PREFIX}:theme light\r`);
  await terminal.see('?997;2n');
  await terminal.see('11;rgb:ffff/ffff/ffff');
  // What a terminal answers that does; this one was silent.
  expect(terminal.raw).toContain('\x1b]10;?\x1b\\\x1b]11;?\x1b\\');
  const asked = terminal.raw.split('\x1b]11;?').length;
  terminal.type('\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\\x1b]11;rgb:2020/1010/0000\x1b\\\x1b[?62;22c');
  await terminal.see('?997;1n');
  await terminal.see('11;rgb:2020/1010/0000');
  // It turns light: it is asked again, and nobody is told before it has answered.
  terminal.type('\x1b[?997;2n');
  await terminal.see(() => terminal.raw.split('\x1b]11;?').length > asked, 'the question');
  terminal.type('\x1b]10;rgb:0000/0000/0000\x1b\\\x1b]11;rgb:f0f0/e0e0/d0d0\x1b\\\x1b[?62;22c');
  await terminal.see('11;rgb:f0f0/e0e0/d0d0');
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
});
