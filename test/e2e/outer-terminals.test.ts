// The same screen on terminals of many kinds, and inside tmux and GNU screen: what each is sent, and that it is given back.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stage, setStage } from './stage.ts';
import type { PersonTerminal } from './terminal.ts';

const SIZE = { cols: 100, rows: 20 };
const PREFIX = '\x07';
const LINK = '\x1b]8;;http://a.example/\x1b\\LINK\x1b]8;;\x1b\\';
const PICTURE = `\x1b[38;2;200;30;30mTRUE\x1b[m \x1b[38;5;123mINDEXED\x1b[m \x1b[4:3mCURLY\x1b[m ${LINK} END\r\n`;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
  const program = join(stage.folder, 'picture.mjs');
  writeFileSync(program, `process.stdout.write(${JSON.stringify(PICTURE)}); setInterval(() => {}, 60_000);`);
  await stage.drover(['panes', '--', process.execPath, program]);
  // The program may have to be built.
}, 180_000);
afterAll(async () => stage.strike());

function has(program: string): boolean {
  try {
    execFileSync(program, ['-v'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Waits until the probe has been answered and the screen shows it, then leaves. */
async function lookAndLeave(terminal: PersonTerminal, facts: RegExp): Promise<void> {
  await terminal.see('END');
  terminal.type(`${PREFIX}?`);
  await terminal.see('Esc closes');
  // What was found of the terminal stands at the end of the help.
  for (let page = 0; page < 20; page += 1) terminal.type('\x1b[6~');
  await terminal.see(facts);
  terminal.type('\x1b');
  await terminal.see((screen) => screen.includes('END') && !screen.includes('Esc closes'), 'the pane again');
}

async function leave(terminal: PersonTerminal): Promise<void> {
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.modes).toEqual({ mouse: 'none', paste: false, focus: false, cursorHidden: false });
}

interface Sent {
  readonly true: string;
  readonly indexed: string;
  readonly links: boolean;
  readonly curly: boolean;
}

const PLAIN = { true: 'palette 160', indexed: 'palette 123', links: true, curly: false };

describe('on a terminal that says it is', () => {
  test.each<[string, Record<string, string>, RegExp, Sent]>([
    ['xterm-256color, true colour', { COLORTERM: 'truecolor' }, /: true colour/, { ...PLAIN, true: '#c81e1e' }],
    ['xterm-256color', {}, /: 256 colours/, PLAIN],
    ['tmux-256color', { TERM: 'tmux-256color' }, /: 256 colours/, { ...PLAIN, curly: true }],
    ['alacritty', { TERM: 'alacritty' }, /: 256 colours/, { ...PLAIN, curly: true }],
    [
      'screen-256color',
      { TERM: 'screen-256color', COLORTERM: 'truecolor' },
      /GNU screen in/,
      { ...PLAIN, links: false },
    ],
    [
      'linux',
      { TERM: 'linux' },
      /: 16 colours/,
      { true: 'palette 1', indexed: 'palette 14', links: false, curly: false },
    ],
    [
      'without colours wanted',
      { COLORTERM: 'truecolor', NO_COLOR: '1' },
      /: no colours/,
      { ...PLAIN, true: 'default', indexed: 'default' },
    ],
  ])('%s', async (_name, env, facts, sent) => {
    const terminal = stage.open(['attach'], SIZE, env);
    await lookAndLeave(terminal, facts);
    expect({
      true: terminal.colourOf('TRUE'),
      indexed: terminal.colourOf('INDEXED'),
      links: terminal.raw.includes(';http://a.example/\x1b\\LINK'),
      curly: /\x1b\[[\d;]*4:3m/.test(terminal.raw),
    }).toEqual(sent);
    // What prints unknown sequences is not asked in them, nor told its title.
    expect(terminal.raw.includes('\x1b]11;?')).toBe(sent.links);
    if (!sent.links) expect(terminal.raw).not.toContain('\x1b]');
    await leave(terminal);
  });

  test('dumb: it is refused, with the way that works there', async () => {
    const terminal = stage.open(['attach'], SIZE, { TERM: 'dumb' });
    expect(await terminal.exited).toBe(1);
    expect(terminal.text()).toContain('drover attach --linear');
    expect(terminal.raw).not.toContain('\x1b');
  });
});

describe('inside', () => {
  test('tmux: its name and its way of passing on are known, its terminal gets what it can show', async () => {
    const tmux = ['tmux', '-S', join(stage.folder, 't'), '-f', '/dev/null'] as const;
    const env = { COLORTERM: 'truecolor', SHELL: '/bin/sh' };
    const terminal = stage.openProgram([...tmux, 'new-session', `${stage.command} attach`], SIZE, env);
    await lookAndLeave(terminal, /tmux in .*: true colour[\s\S]*tmux passthrough/);
    // tmux itself turns true colour into what its terminal is known to have.
    expect(terminal.colourOf('TRUE')).toBe('palette 160');
    await leave(terminal);
  });

  test.skipIf(!has('screen'))('GNU screen: no true colour, no mouse, nothing that it would print', async () => {
    const env = { COLORTERM: 'truecolor', SCREENDIR: join(stage.folder, 'screens') };
    const words = ['screen', '-q', '-c', '/dev/null', 'sh', '-c', `${stage.command} attach`] as const;
    const terminal = stage.openProgram(words, SIZE, env);
    await lookAndLeave(terminal, /GNU screen in .*: 256 colours/);
    expect(terminal.colourOf('TRUE')).toBe('palette 160');
    expect(terminal.modes.mouse).toBe('none');
    expect(terminal.text()).not.toMatch(/\?11|rgb:|\]8;/);
    await leave(terminal);
  });
});
