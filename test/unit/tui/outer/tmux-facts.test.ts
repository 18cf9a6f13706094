// What tmux says of the terminal around it, and the name that a terminal goes by.
import { expect, test } from 'vitest';
import { outerFacts } from '../../../../src/tui/outer/facts.ts';
import { factsFrom, terminalName } from '../../../../src/tui/outer/tmux-facts.ts';

test('the four lines of tmux, and those of an old one that knows no passthrough', () => {
  expect(factsFrom('kitty(0.36.4)\nxterm-kitty\nexternal\non\n')).toEqual({
    terminal: 'kitty(0.36.4)',
    isPassedThrough: true,
    clipboard: 'external',
  });
  expect(factsFrom('\nfoot\noff\n')).toEqual({ terminal: 'foot', isPassedThrough: false, clipboard: 'off' });
  expect(factsFrom('\nfoot\non\noff\n').isPassedThrough).toBe(false);
});

test.each([
  ['its own answer', { isTmux: false, name: 'kitty(0.36)' }, { VTE_VERSION: '7600' }, null, 'kitty(0.36)'],
  [
    'a variable, where TERM says nothing',
    { isTmux: false, name: 'xterm-256color' },
    { VTE_VERSION: '7600' },
    null,
    'VTE',
  ],
  ['what tmux knows', { isTmux: true, name: 'tmux 3.3a' }, {}, 'foot(1.16)', 'foot(1.16)'],
  [
    'a variable, where tmux knows only TERM',
    { isTmux: true, name: 'tmux 3.3a' },
    { KITTY_WINDOW_ID: '1' },
    'xterm-256color',
    'kitty',
  ],
  ['nothing', { isTmux: true, name: 'tmux 3.3a' }, {}, '', ''],
])('the name: %s', (_note, capabilities, env, terminal, name) => {
  const tmux = terminal === null ? null : { terminal, isPassedThrough: false, clipboard: '' };
  expect(terminalName(capabilities, env, tmux)).toBe(name);
});

test('what was found is said, and what to set where something does not pass', () => {
  const capabilities = {
    color: 'rgb',
    sync: true,
    underlineStyles: true,
    links: true,
    keys: 'plain',
    isTmux: true,
    isScreen: false,
    name: 'tmux 3.3a',
  } as const;
  const tmux = { terminal: '', isPassedThrough: false, clipboard: 'off' };
  const lines = outerFacts({ capabilities, name: 'kitty\x1b[31m', tmux, notifier: { kind: 'bell', isWrapped: false } });
  expect(lines.join('\n')).toBe(
    'tmux in kitty[31m: true colour, synchronized output\n' +
      'mouse: on · notifications: the bell\n' +
      'tmux passthrough: off: notifications ring the bell (tmux set -g allow-passthrough on)\n' +
      'tmux clipboard: off: copies stay in tmux (tmux set -s set-clipboard on)',
  );
});
