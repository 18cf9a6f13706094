// Copy mode as a person has it: a word, a search, the mouse, the transcript, and the search over all, up to the bytes for the clipboard.
import { afterEach, expect, test } from 'vitest';
import { script } from './script.ts';
import { type Stage, setStage } from './stage.ts';

const WIDE = { cols: 120, rows: 40 };
const PREFIX = '\x07';
const TITLE = /\[\d+\/\d+\]/;

let stage: Stage;
afterEach(async () => stage.strike());

const waits = script(
  { say: 'I look for the walrus in the harbour.' },
  { ask: { question: 'Which colour shall it be?', options: ['red', 'green'] } },
);

/** The clipboard sequence of a text. */
const osc52 = (text: string): string => `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;

test('a word is found, selected and copied; the transcript and the search over all are read', async () => {
  stage = await setStage();
  await stage.json(['add', 'Find the animal', '--description', waits]);
  const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], WIDE, { TMUX: '' });
  await terminal.see('Which colour shall it be?');

  terminal.type(`${PREFIX}[`);
  await terminal.see(TITLE);
  terminal.type('?walrus\r');
  await terminal.see(/\[\d+\/\d+\] \d+\/\d+/);
  terminal.type('vey');
  await terminal.see('copied 6 characters by OSC 52');
  expect(terminal.raw).toContain(osc52('walrus'));

  terminal.type(`${PREFIX}[t`);
  await terminal.see(/transcript \[\d+\/\d+\]/);
  terminal.type('?harbour\rvey');
  await terminal.see('copied 7 characters by OSC 52');
  expect(terminal.raw).toContain(osc52('harbour'));

  terminal.type(`${PREFIX}/`);
  await terminal.see('words in any pane or conversation');
  terminal.type('walrus in the\r');
  await terminal.see(/\d+ places? ·/);
  terminal.type('\r');
  await terminal.see(TITLE);
  terminal.type('q');
  await terminal.see((screen) => !TITLE.test(screen), 'the pane as it runs');

  const found = await stage.json<{ results: { source: string; text: string }[] }>(['search', 'walrus', 'in']);
  expect(new Set(found.results.map(({ source }) => source))).toEqual(new Set(['screen', 'conversation']));
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
});

test('an agent on the alternate screen, which keeps no history, is read in its transcript', async () => {
  stage = await setStage({ furnish: () => ({ DROVER_REHEARSAL_SCREEN: 'alternate' }) });
  const speaks = script(
    { say: 'I look for the walrus in the harbour.' },
    { run: `seq -f 'line %g of the log' 200` },
    { ask: { question: 'Which colour shall it be?', options: ['red', 'green'] } },
  );
  await stage.json(['add', 'Find the animal', '--description', speaks]);
  const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], { cols: 120, rows: 14 }, { TMUX: '' });
  const asking = await terminal.see('Which colour shall it be?');
  expect(asking).not.toContain('walrus');

  terminal.type(`${PREFIX}[`);
  await terminal.see(/transcript \[\d+\/\d+\]/);
  terminal.type('g');
  await terminal.see((screen) => screen.includes('Find the animal') && screen.includes('[1/'), 'the beginning');
  terminal.type('/walrus\r');
  await terminal.see(/ 1\/\d+ [\s\S]*walrus in the harbour/);
  terminal.type('vey');
  await terminal.see('copied 6 characters by OSC 52');
  expect(terminal.raw).toContain(osc52('walrus'));
  // What a tool answered is there whole, of which the screen shows some lines only.
  terminal.type(`${PREFIX}[?line 137 of\r`);
  await terminal.see((screen) => screen.includes('line 137 of the log') && / 1\/1 /.test(screen), 'one match');
  // And the screen as it is, which has one page.
  terminal.type('t');
  await terminal.see(
    (screen) => /^.*▶ 1 .*\[\d\d\/\d\d\]/.test(screen) && !screen.includes('transcript'),
    'the frozen screen',
  );
  terminal.type('q');
  await terminal.see((screen) => !TITLE.test(screen), 'the pane as it runs');
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
});

test("a shell's marked prompts are gone to, over output that looks like one", async () => {
  stage = await setStage();
  const shell = ['env', 'PS1=\\[\\e]133;A\\a\\]$ ', 'bash', '--norc', '--noprofile', '-i'];
  await stage.drover(['panes', '--', ...shell]);
  const terminal = stage.open(['attach'], WIDE, { TMUX: '' });
  await terminal.see('$ ');
  terminal.type('echo walrus; seq 90; echo "❯ no"\r');
  await terminal.see('❯ no');
  terminal.type('seq 200 290; echo last\r');
  await terminal.see(/^last/m);
  terminal.type(`${PREFIX}[`);
  await terminal.see(TITLE);
  // From the empty prompt at the bottom: the second command, then the first, of which the line is copied.
  terminal.type('[[Vy');
  await terminal.see(/copied \d+ characters by OSC 52/);
  expect(terminal.raw).toContain(osc52('$ echo walrus; seq 90; echo "❯ no"'));
  terminal.type('exit\r');
  await terminal.see((screen) => !screen.includes('▶ 101'), 'the end of the pane');
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
});
