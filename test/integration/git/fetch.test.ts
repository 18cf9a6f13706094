// Owns the tests of the fetch of an upstream, against a bare repository beside and programs in the place of ssh and upload-pack.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UpstreamFetch, whyNot } from '../../../src/git/fetch.ts';
import { readRef } from '../../../src/git/refs.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { isRunning, makeScene, type Scene } from './scene.ts';

const MAIN = { remote: 'origin', branch: 'main' };
const REF = 'refs/drover/upstream/origin/main';

let scene: Scene;
let other: string;
beforeEach(() => {
  scene = makeScene();
  const bare = join(scene.folder, 'origin.git');
  other = join(scene.folder, 'other');
  scene.git(scene.folder, 'clone', '-q', '--bare', scene.root, bare);
  scene.git(scene.folder, 'clone', '-q', bare, other);
  scene.git(scene.root, 'remote', 'add', 'origin', bare);
  scene.git(scene.root, 'fetch', '-q');
  scene.git(scene.root, 'branch', '-q', '--set-upstream-to=origin/main', 'main');
});
afterEach(() => scene.close());

/** Somebody else pushes a commit; its id. */
function push(name = 'theirs.txt'): string {
  scene.write(other, { [name]: `${name}\n` });
  scene.git(other, 'add', '-A');
  scene.git(other, 'commit', '-qm', name);
  scene.git(other, 'push', '-q', 'origin', 'main');
  return scene.git(other, 'rev-parse', 'HEAD');
}

/** A program of one line of shell, which adds a line to `calls` each time. */
function program(line: string, name = 'program'): { path: string; calls: () => string[] } {
  const path = join(scene.folder, name);
  const log = `${path}.log`;
  writeFileSync(path, `#!/bin/sh\necho "$$ $*" >> '${log}'\n${line}\n`);
  chmodSync(path, 0o755);
  return { path, calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) };
}

async function open(timeout = 60_000): Promise<[UpstreamFetch, Repository]> {
  const repository = await scene.open();
  return [new UpstreamFetch(repository, { timeout }), repository];
}

describe('which upstream a branch has', () => {
  test('the one that was configured when the session began', async () => {
    scene.git(scene.root, 'branch', '--no-track', 'alone');
    scene.git(scene.root, 'branch', '-q', '--track', 'beside', 'main');
    const [fetch] = await open();
    expect(fetch.of('main')).toEqual(MAIN);
    expect(fetch.of('alone')).toBeNull();
    expect(fetch.of('beside')).toBeNull();
    expect(fetch.of('gone')).toBeNull();
    scene.git(scene.root, 'branch', '-q', '--set-upstream-to=origin/main', 'alone');
    expect(fetch.of('alone')).toBeNull();
  });
});

describe('the newest commit of it', () => {
  test('is fetched under a ref of our own; the operator’s refs and FETCH_HEAD stay as they are', async () => {
    const before = scene.git(scene.root, 'rev-parse', 'origin/main');
    const [fetch, repository] = await open();
    expect(await fetch.tip(MAIN)).toBe(before);
    const pushed = push();
    scene.git(other, 'tag', 'v1');
    scene.git(other, 'push', '-q', 'origin', 'v1');
    expect(await fetch.tip(MAIN)).toBe(pushed);
    expect(await readRef(repository, REF)).toBe(pushed);
    expect(scene.git(scene.root, 'show', `${pushed}:theirs.txt`)).toBe('theirs.txt');
    expect(scene.git(scene.root, 'rev-parse', 'origin/main')).toBe(before);
    expect(scene.git(scene.root, 'tag')).toBe('');
    expect(existsSync(join(scene.gitDir, 'FETCH_HEAD'))).toBe(true);
    expect(readFileSync(join(scene.gitDir, 'FETCH_HEAD'), 'utf8')).not.toContain(pushed);
  });

  test('is taken also when it was rewritten, and is null when it is gone', async () => {
    const [fetch] = await open();
    push();
    await fetch.tip(MAIN);
    scene.git(other, 'reset', '-q', '--hard', 'HEAD^');
    scene.git(other, 'commit', '-q', '--allow-empty', '-m', 'instead');
    scene.git(other, 'push', '-q', '--force', 'origin', 'main');
    expect(await fetch.tip(MAIN)).toBe(scene.git(other, 'rev-parse', 'HEAD'));
    scene.git(other, 'push', '-q', 'origin', 'main:refs/heads/x/refs/heads/main');
    scene.git(join(scene.folder, 'origin.git'), 'update-ref', '-d', 'refs/heads/main');
    expect(await fetch.tip(MAIN)).toBeNull();
  });

  test('is asked for once by 16 at a time, and fetched only when it has moved', async () => {
    const upload = program('exec git-upload-pack "$@"');
    scene.git(scene.root, 'config', 'remote.origin.uploadpack', upload.path);
    const [fetch] = await open();
    const pushed = push();
    const tips = await Promise.all(Array.from({ length: 16 }, () => fetch.tip(MAIN)));
    expect(new Set(tips)).toEqual(new Set([pushed]));
    // One that lists, one that brings.
    expect(upload.calls()).toHaveLength(2);
    expect(await fetch.tip(MAIN)).toBe(pushed);
    expect(upload.calls()).toHaveLength(3);
  });
});

describe('a remote that cannot be asked', () => {
  const failure = async (fetch: UpstreamFetch): Promise<string> =>
    fetch.tip(MAIN).then(
      () => 'it answered',
      (error: unknown) => whyNot(error),
    );

  test('is given up when its time is over, and what was started for it is gone', async () => {
    const upload = program('exec sleep 1000');
    scene.git(scene.root, 'config', 'remote.origin.uploadpack', upload.path);
    const [fetch] = await open(1_000);
    expect(await failure(fetch)).toBe('no answer within 1 s');
    const [pid = ''] = upload.calls()[0]?.split(' ') ?? [];
    expect(isRunning(Number(pid))).toBe(false);
  });

  test('over ssh is asked without a terminal, and is ended with the server', async () => {
    const ssh = program('tty >> "$0.tty"; exec sleep 1000');
    scene.git(scene.root, 'config', 'remote.origin.url', 'ssh://git@example.invalid/x.git');
    process.env['GIT_SSH_COMMAND'] = `env ${ssh.path}`;
    try {
      const [fetch] = await open();
      const failing = failure(fetch);
      await expect.poll(() => existsSync(`${ssh.path}.tty`)).toBe(true);
      fetch.close();
      expect(await failing).toBe('it was called off');
      expect(readFileSync(`${ssh.path}.tty`, 'utf8')).toBe('not a tty\n');
    } finally {
      delete process.env['GIT_SSH_COMMAND'];
    }
  });

  test.each([
    ['ssh', true],
    ['not-openssh', false],
  ])('by the operator’s own program for ssh, %s: in its batch mode %s', async (name, isBatch) => {
    const ssh = program('exit 3', name);
    scene.git(scene.root, 'config', 'remote.origin.url', 'ssh://git@example.invalid/x.git');
    scene.git(scene.root, 'config', 'core.sshCommand', ssh.path);
    const [fetch] = await open();
    expect(await failure(fetch)).toMatch(/Could not read from remote repository/);
    expect(ssh.calls()[0]?.includes('-oBatchMode=yes')).toBe(isBatch);
  });

  test.each([
    ['a folder that is not there', '/nowhere/at/all.git', /does not appear to be a git repository/],
    ['a transport that is a command', 'ext::sh -c "touch /tmp/drover-was-here"', /transport 'ext' not allowed/],
  ])('%s', async (_name, url, words) => {
    scene.git(scene.root, 'config', 'remote.origin.url', url);
    const [fetch] = await open();
    expect(await failure(fetch)).toMatch(words);
  });

  test('is not asked by a configuration that was changed meanwhile; a secret in it is not told', async () => {
    const [fetch] = await open();
    await fetch.tip(MAIN);
    scene.git(scene.root, 'config', 'remote.fork.url', '/nowhere');
    scene.git(scene.root, 'config', 'branch.other.remote', 'fork');
    expect(await failure(fetch)).toBe('it answered');
    scene.git(scene.root, 'config', 'http.extraHeader', 'Authorization: secret');
    expect(await failure(fetch)).toMatch(/^git configuration http\.extraheader was changed/);
    expect(await failure(fetch)).not.toContain('secret');
    scene.git(scene.root, 'config', '--unset', 'http.extraHeader');
    expect(await failure(fetch)).toBe('it answered');
    scene.git(scene.root, 'remote', 'set-url', 'origin', other);
    expect(await failure(fetch)).toMatch(/^git configuration remote\.origin\.url was changed/);
  });
});
