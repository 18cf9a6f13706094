// The workspace inside tmux, with the outer terminal as judge: mouse, clipboard, sizes, both prefixes, suspend and continue.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Stage, setStage } from './stage.ts';
import type { PersonTerminal } from './terminal.ts';

const SIZE = { cols: 200, rows: 40 };
const PREFIX = '\x07';
/** tmux' own prefix. */
const TMUX = '\x02';

let stage: Stage;
let terminal: PersonTerminal;

const tmux = (...words: string[]): string =>
  execFileSync('tmux', ['-S', `${stage.folder}/tmux`, ...words], { env: stage.env, encoding: 'utf8' }).trimEnd();

/** A workspace with the panes 101 and 102 side by side, in the shell of a tmux window with a status line of its own. */
beforeEach(async () => {
  stage = await setStage();
  await stage.drover(['panes', '--', 'sh', '-c', 'seq 100; stty -icanon -echo; exec cat -v']);
  await stage.drover(['panes', '--', 'sh', '-c', 'echo the other; exec cat']);
  const config = `${stage.folder}/tmux.conf`;
  const shell = "PS1='ready> ' exec bash --norc --noprofile --noediting -i";
  writeFileSync(
    config,
    `set -g mouse on\nset -g set-clipboard on\nset -g escape-time 0\nset -g assume-paste-time 0\nset -g status-right ''\nset -g automatic-rename off\nset -g default-command "${shell}"\nset -g default-terminal tmux-256color\n`,
  );
  terminal = stage.openProgram(['tmux', '-S', `${stage.folder}/tmux`, '-f', config, 'new-session'], SIZE);
  await terminal.see('ready>');
  terminal.type(`${stage.command} attach\r`);
  await terminal.see(
    (screen) => /^65 .*the other/m.test(screen) && /^100 /m.test(screen) && screen.includes('▶ 101'),
    'both panes',
  );
});
afterEach(async () => {
  terminal.type(`${PREFIX}d`);
  await terminal.see('detached from');
  tmux('kill-server');
  await terminal.exited;
  await stage.strike();
});

/** Cell of a text on the screen below the title line, from 1. */
function placeOf(text: string): { x: number; y: number } {
  const y = terminal.lines().findIndex((line, row) => row > 0 && line.includes(text));
  return { x: (terminal.lines()[y]?.indexOf(text) ?? -1) + 1, y: y + 1 };
}

const mouse = (button: number, { x, y }: { x: number; y: number }, end = 'M'): string =>
  `\x1b[<${button};${x};${y}${end}`;

test('the mouse focuses, scrolls, selects, and drags a border', async () => {
  // What was found of the terminal is told when it has answered; from then on the mouse is on.
  terminal.type(`${PREFIX}?mouse`);
  await terminal.see('mouse: on');
  terminal.type('\x1b');
  await terminal.see((screen) => !screen.includes('mouse: on'), 'the panes again');
  const other = placeOf('the other');
  terminal.type(mouse(0, other) + mouse(0, other, 'm'));
  await terminal.see('▶ 102');

  terminal.type(mouse(64, placeOf('80')));
  await terminal.see(/101 .*\[\d+\/\d+\]/);
  terminal.type(`${PREFIX}h`);
  await terminal.see('▶ 101');
  terminal.type('q');
  await terminal.see((screen) => !/\[\d+\/\d+\]/.test(screen), 'the pane as it runs');

  const border = { x: terminal.lines()[5]?.search(/[│┃]/) ?? 0, y: 6 };
  const from = { x: border.x + 1, y: border.y };
  const to = { x: border.x + 11, y: border.y };
  terminal.type(mouse(0, from) + mouse(32, to) + mouse(0, to, 'm'));
  await terminal.see(() => (terminal.lines()[5] ?? '').search(/[│┃]/) === border.x + 10, 'the border 10 columns on');

  const words = placeOf('the other');
  const end = { x: words.x + 'the other'.length - 1, y: words.y };
  terminal.type(mouse(0, words) + mouse(32, end) + mouse(0, end, 'm'));
  await terminal.see('copied 9 characters by tmux load-buffer -w');
  expect(tmux('show-buffer')).toBe('the other');
});

test('what is copied is in a buffer of tmux, and tmux gives it to the clipboard of the terminal', async () => {
  terminal.type(`${PREFIX}[`);
  await terminal.see(/\[\d+\/\d+\]/);
  terminal.type('?98\r');
  await terminal.see(/\[\d+\/\d+\] \d+\/\d+/);
  terminal.type('vjly');
  await terminal.see(/copied \d+ characters in 2 lines by tmux load-buffer -w/);
  expect(tmux('show-buffer')).toBe('98\n99');
  const encoded = Buffer.from('98\n99').toString('base64');
  await terminal.see(
    () => terminal.raw.includes(`52;;${encoded}`) || terminal.raw.includes(`52;c;${encoded}`),
    'OSC 52',
  );
  terminal.type(`${PREFIX}]`);
  await terminal.see(/^100 .*\n98 .*\n99 /m);
});

test('the pane of tmux is split and resized: the workspace fills it, and nothing of before is left', async () => {
  const sizeOf = (): string => tmux('display-message', '-p', '-t', '%0', '#{pane_width}x#{pane_height}');
  const whole = await terminal.see(/C-g d detach$/m);
  terminal.type(`${TMUX}%`);
  await terminal.see((screen) => screen.split('\n')[0]?.includes('ready>') === true, 'a shell beside it');
  const [half] = sizeOf().split('x').map(Number);
  expect(half).toBeLessThan(SIZE.cols / 2 + 1);
  // The status line ends where the pane of tmux does.
  await terminal.see((screen) => /C-g.{0,12}│/.test(screen.split('\n').at(-2) ?? ''), 'the status line in its half');
  terminal.type('exit\r');
  await terminal.see((screen) => screen === whole, 'the same screen as before');
  terminal.resize(90, 30);
  await terminal.see((screen) => screen.split('\n').length === 30 && screen.includes('▶ 101'), 'the smaller terminal');
  terminal.resize(SIZE.cols, SIZE.rows);
  await terminal.see((screen) => screen === whole, 'the same screen as before');
});

test('each prefix reaches whom it is meant for', async () => {
  terminal.type(`${TMUX}c`);
  await terminal.see((screen) => screen.includes('ready>') && !screen.includes('▶ 101'), 'another window of tmux');
  terminal.type(`${TMUX}p`);
  await terminal.see('▶ 101');
  terminal.type(`${PREFIX}l`);
  await terminal.see('▶ 102');
  terminal.type(`${PREFIX}h`);
  await terminal.see('▶ 101');
  terminal.type(`${PREFIX}${PREFIX}${TMUX}${TMUX}!`);
  await terminal.see('^G^B!');
});

test('suspended into the shell of tmux, and continued', async () => {
  terminal.type(`${PREFIX}\x1a`);
  await terminal.see((screen) => screen.includes('Stopped') && !screen.includes('▶ 101'), 'the shell');
  expect(tmux('display-message', '-p', '#{alternate_on} #{mouse_any_flag} #{cursor_flag}')).toBe('0 0 1');
  terminal.type('echo $((40 + 2))\r');
  await terminal.see(/^42$/m);
  terminal.type('fg\r');
  await terminal.see('▶ 101');
  terminal.type('typed');
  await terminal.see('typed');
});
