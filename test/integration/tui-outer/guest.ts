// Owns a small program for the tests: it takes the terminal, says what it reads, and ends as it is told.
import { writeFileSync } from 'node:fs';
import { OuterTerminal } from '../../../src/tui/outer-terminal.ts';

const [, , report, mode] = process.argv;
const note = (line: string) => writeFileSync(report ?? '', `${line}\n`, { flag: 'a' });
const terminal = new OuterTerminal({
  mouse: true,
  onFatal: (error) => note(`fatal ${error instanceof Error ? error.message : String(error)}`),
  onHangup: () => note('hang-up'),
  onTerminate: (signal) => note(`terminate ${signal}`),
});
terminal.enter();
terminal.write(Buffer.from(`READY ${process.pid};`));
terminal.onRepaint(() => terminal.write(Buffer.from('REPAINTED')));
terminal.onResize((size) => terminal.write(Buffer.from(`SIZE ${size.cols}x${size.rows};`)));
terminal.onInput((event) => {
  if (event.type === 'key') terminal.write(Buffer.from(`KEY ${event.key};`));
  if (event.type !== 'key') return;
  if (event.key === 'q') terminal.leave();
  if (event.key === 't') throw new Error('thrown');
  if (event.key === 'r') void Promise.reject(new Error('rejected'));
  if (event.key === 'x') process.exit(3);
});
if (mode === 'probe')
  void terminal.probe().then((found) => {
    terminal.setKeys(found.keys);
    terminal.write(Buffer.from(`FOUND ${found.name} ${found.sync} ${found.color};`));
  });
const alive = setInterval(() => {}, 60_000);
void terminal.closed.then((reason) => {
  clearInterval(alive);
  note(`closed ${reason.kind}`);
  // What main does: the status, then out.
  process.exit(reason.kind === 'left' ? 0 : reason.kind === 'fatal' ? 70 : 129);
});
