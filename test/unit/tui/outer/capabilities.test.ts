// Owns what is believed of a terminal, from its environment and its answers.
import { describe, expect, it, test } from 'vitest';
import type { Reply } from '../../../../src/tui/input/input-event.ts';
import { capabilitiesFrom } from '../../../../src/tui/outer/capabilities.ts';

const named = (name: string): Reply => ({ type: 'reply', kind: 'terminal-name', name });
const mode = (number: number, setting: number): Reply => ({ type: 'reply', kind: 'mode', mode: number, setting });

describe('capabilitiesFrom', () => {
  it.each([
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'rgb'],
    [{ TERM: 'xterm-256color', COLORTERM: '24bit' }, 'rgb'],
    [{ TERM: 'xterm-256color' }, '256'],
    [{ TERM: 'screen', TMUX: '/tmp/tmux-0/default,1,0' }, 'rgb'],
    [{ TERM: 'screen.xterm-256color', COLORTERM: 'truecolor', STY: '1.pts' }, '256'],
    [{ TERM: 'screen-256color', COLORTERM: 'truecolor' }, '256'],
    [{ TERM: 'xterm-direct' }, 'rgb'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '1' }, 'none'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '' }, 'rgb'],
    [{ TERM: 'linux' }, '16'],
    [{ TERM: 'dumb' }, 'none'],
    [{ TERM: 'vt100' }, 'none'],
    [{}, '16'],
  ] as const)('%j has %s colours', (env, color) => {
    expect(capabilitiesFrom(env).color).toBe(color);
  });

  it('learns from the name what ssh did not forward', () => {
    expect(capabilitiesFrom({ TERM: 'xterm-256color' }, [named('foot(1.16.2)')])).toMatchObject({
      color: 'rgb',
      underlineStyles: true,
      links: true,
      name: 'foot(1.16.2)',
    });
    expect(capabilitiesFrom({ TERM: 'xterm-256color' }, [named('unheard-of 1')]).color).toBe('256');
  });

  it('takes synchronized output only for answered', () => {
    expect(capabilitiesFrom({ TERM: 'xterm-kitty' }).sync).toBe(false);
    expect(capabilitiesFrom({}, [mode(2026, 0)]).sync).toBe(false);
    expect(capabilitiesFrom({}, [mode(2026, 4)]).sync).toBe(false);
    expect(capabilitiesFrom({}, [mode(2027, 2)]).sync).toBe(false);
    expect(capabilitiesFrom({}, [mode(2026, 2)]).sync).toBe(true);
  });

  it('has keys told apart by what answers, and leaves the silent alone', () => {
    const keys = (term: string, ...replies: Reply[]) => capabilitiesFrom({ TERM: term }, replies).keys;
    expect(keys('xterm-256color', named('foot'), { type: 'reply', kind: 'kitty-flags', flags: 0 })).toBe('kitty');
    expect(keys('xterm-256color', named('XTerm(390)'))).toBe('xterm');
    expect(keys('xterm-256color')).toBe('plain');
    expect(keys('screen', named('XTerm(390)'))).toBe('plain');
  });

  it('tells tmux from GNU screen, and gives neither console nor screen what they print as text', () => {
    expect(capabilitiesFrom({ TERM: 'screen-256color', TMUX: 'x' })).toMatchObject({
      isTmux: true,
      isScreen: false,
      links: true,
    });
    expect(capabilitiesFrom({ TERM: 'screen' })).toMatchObject({
      isTmux: false,
      isScreen: true,
      links: false,
      underlineStyles: false,
    });
    expect(capabilitiesFrom({ TERM: 'linux' })).toMatchObject({ links: false, underlineStyles: false });
  });
});

test('GNU screen inside tmux and tmux inside GNU screen are told apart by the name that tmux gives', () => {
  const env = { TERM: 'screen', TMUX: '/tmp/tmux-0/default,1,0', STY: '1.pts-0.host' };
  expect(capabilitiesFrom(env, [])).toMatchObject({ isScreen: true, isTmux: false });
  const named = [{ type: 'reply' as const, kind: 'terminal-name' as const, name: 'tmux 3.3a' }];
  expect(capabilitiesFrom(env, named)).toMatchObject({ isScreen: false, isTmux: true });
  // Over ssh, neither variable: the tmux at the other end cannot be asked, and is no GNU screen either.
  const far = capabilitiesFrom({ TERM: 'screen-256color' }, named);
  expect(far).toMatchObject({ isScreen: false, isTmux: false, color: 'rgb', links: true });
});
