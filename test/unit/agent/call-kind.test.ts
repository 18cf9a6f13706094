// Tells which calls are of the kind that a person has allowed for a task, and that nothing broader is.
import { expect, it } from 'vitest';
import { kindOfCall } from '../../../src/agent/call-kind.ts';

const WORKTREE = '/data/worktrees/worktree-1';
const kind = (tool: string, input: Record<string, unknown>, cwd = WORKTREE) =>
  kindOfCall({
    tool,
    input,
    cwd,
    worktree: WORKTREE,
    extraWritable: [],
    policy: { insideWorktree: 'allow', outsideWorktree: 'ask' },
    resolve: (path) => path.replace('/link/', '/elsewhere/'),
  });
const bash = (command: string, cwd?: string) => kind('Bash', { command }, cwd).key;

it.each([
  ['touch /srv/a', 'touch /srv/b'],
  ['git push origin main', 'git push origin other'],
  ["cat '/srv/a'", 'cat -n /srv/b'],
])('%s covers %s', (asked, later) => expect(bash(later)).toBe(bash(asked)));

it.each([
  ['touch /srv/a', 'rm /srv/a'],
  ['cat /srv/a', 'cat /srv/a /root/key'],
  ['cat /srv/a', 'cat /srv/sub/a'],
  ['cat /srv/a', 'cat /srv/link/a'],
  ['cat /srv/a', 'cat /srv/b; rm -rf /srv'],
  ['cat /srv/a', 'cat /srv/b && rm -rf /srv'],
  ['cat /srv/a', 'cat /srv/b & rm x'],
  ['cat /srv/a', 'cat /srv/b\nrm x'],
  ['cat /srv/a', 'cat /srv/$(rm x)'],
  ['cat /srv/a', 'cat /srv/b > /srv/c'],
  ['cat /srv/a', 'cat /srv/*'],
  ['cat /srv/a', 'cat $HOME/a'],
  ['cat /srv/a', 'cat ~/a'],
  ['cat /srv/a', 'cat --file=/root/key'],
  ['git push origin main', 'git worktree list'],
  ['git -C /srv push', 'git -C /srv reset'],
  ['sh -c ls', 'sh -c reboot'],
  ['sudo ls', 'sudo reboot'],
  ['ssh host ls', 'ssh host reboot'],
  ['env ls', 'env reboot'],
  ['/usr/bin/env ls', '/usr/bin/env reboot'],
])('%s does not cover %s', (asked, later) => expect(bash(later)).not.toBe(bash(asked)));

it('holds for the folder in which the shell stands', () => {
  expect(bash('rm a', '/srv')).not.toBe(bash('rm a', '/root'));
});

it('covers files of the same tool in the same folder, by where links lead', () => {
  const write = (file_path: string) => kind('Write', { file_path }).key;
  expect(write('/srv/a')).toBe(write('/srv/b'));
  expect(write('/link/a')).toBe(write('/elsewhere/b'));
  expect(write('/srv/a')).not.toBe(write('/srv/sub/a'));
  expect(write('/srv/a')).not.toBe(kind('Edit', { file_path: '/srv/a' }).key);
  expect(write('/srv/.git/a')).not.toBe(write('/srv/.git/b'));
  expect(write('/srv/.bashrc')).not.toBe(write('/srv/.profile'));
});

it('is the very same call where a tool names neither', () => {
  const fetch = (url: string) => kind('WebFetch', { url }).key;
  expect(fetch('https://a')).toBe(fetch('https://a'));
  expect(fetch('https://a')).not.toBe(fetch('https://b'));
});
