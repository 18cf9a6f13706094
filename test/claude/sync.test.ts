// The real Claude Code while its worktree is synced: it reads, its writes are held until the upstream's commits are there, or refused when they cannot be had.
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { inOrder, type ModelRequest, type Step } from './messages-stub.ts';
import { PaneView } from './pane-view.ts';
import { bash, type ClaudeStage, completes, setClaudeStage, worktreeOf } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

const AS = ['-c', 'user.email=b@x', '-c', 'user.name=B'];
const reads =
  (name: string) =>
  (request: ModelRequest): Step => ({ tool: 'Read', input: { file_path: join(worktreeOf(request), name) } });
const writes =
  (name: string) =>
  (request: ModelRequest): Step => ({
    tool: 'Write',
    input: { file_path: join(worktreeOf(request), name), content: `${name}\n` },
  });

/** A remote beside the repository, ahead of it by a commit, that answers only once `open` is called. */
function furnishRemote(): { open: () => void } {
  const origin = join(stage.folder, 'origin.git');
  const other = join(stage.folder, 'other');
  writeFileSync(join(stage.repository, 'seen.txt'), 'old words\n');
  stage.git('add', '-A');
  stage.git(...AS, 'commit', '-qm', 'Something to read');
  stage.git('clone', '-q', '--bare', stage.repository, origin);
  stage.git('clone', '-q', origin, other);
  stage.git('remote', 'add', 'origin', origin);
  stage.git('fetch', '-q');
  stage.git('branch', '-q', '--set-upstream-to=origin/main', 'main');
  writeFileSync(join(other, 'seen.txt'), 'new words\n');
  writeFileSync(join(other, 'theirs.txt'), 'theirs\n');
  stage.git('-C', other, 'add', '-A');
  stage.git('-C', other, ...AS, 'commit', '-qm', 'Theirs');
  stage.git('-C', other, 'push', '-q');
  const program = join(stage.folder, 'upload-pack');
  const gate = join(stage.folder, 'open');
  writeFileSync(program, `#!/bin/sh\nuntil test -e ${gate}; do sleep 0.1; done\nexec git-upload-pack "$@"\n`);
  chmodSync(program, 0o755);
  stage.git('config', 'remote.origin.uploadpack', program);
  return { open: () => writeFileSync(gate, '') };
}

test('a read passes, a write is held until the worktree is synced, and files that it has read are named', async () => {
  stage = await setClaudeStage(
    inOrder(
      reads('seen.txt'),
      bash('git status --short; ls'),
      writes('mine.txt'),
      reads('seen.txt'),
      writes('mine.txt'),
      completes('Wrote it.'),
      { say: 'Done.' },
    ),
  );
  const { open } = furnishRemote();
  await stage.json(['add', 'Write it']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  const isGated = (): boolean => [...watch.state.runs.values()].some(({ state }) => state === 'gated');
  await watch.until(isGated, 'it is gated');
  const [run] = watch.state.runs.values();
  expect(run).toMatchObject({ state: 'gated', stateDetail: 'sync', syncError: null });
  const worktree = watch.state.worktrees.get(run?.worktreeId ?? '')?.path ?? '';
  expect(stage.stub.requests[1]?.news).toContain('old words');
  expect(stage.stub.requests[2]?.news).toContain('seen.txt');
  expect(existsSync(join(worktree, 'mine.txt'))).toBe(false);
  open();
  const told = await stage.stub.request(({ news }) => news.includes('not run'), 'it is told');
  expect(told.news).toContain('These files that you have seen are different now');
  expect(told.news).toContain('> seen.txt');
  expect(told.news).not.toContain('theirs.txt');
  await watch.until(() => watch.task('Write it').status === 'completed', 'it lands');
  const again = await stage.stub.request(({ news }) => news.includes('new words'), 'it reads again');
  expect(again.news).not.toContain('old words');
  expect(stage.git('show', 'main:mine.txt')).toBe('mine.txt\n');
  expect(stage.git('show', 'main:theirs.txt')).toBe('theirs\n');
  expect(watch.task('Write it')).toMatchObject({ attempts: 1, landingReturns: 0 });
});

test('a person who interrupts a held write goes on in the pane, and it is not written', async () => {
  stage = await setClaudeStage(inOrder(writes('mine.txt'), completes('Left it.'), { say: 'Done.' }));
  const { open } = furnishRemote();
  await stage.json(['add', 'Leave it']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  const isAt = (wanted: string) => (): boolean => [...watch.state.runs.values()].some(({ state }) => state === wanted);
  await watch.until(isAt('gated'), 'it is gated');
  const [run] = watch.state.runs.values();
  const pane = await PaneView.open(watch.client, run?.worker ?? 0);
  pane.type('\x1b');
  await watch.until(isAt('interrupted'), 'it is interrupted');
  open();
  await watch.until(() => watch.seen.some(({ event }) => event.type === 'run.synced'), 'it is synced');
  pane.type('Leave it');
  await pane.until('Leave it');
  pane.type('\r');
  await watch.until(() => watch.task('Leave it').status === 'completed', 'it is done');
  expect(watch.task('Leave it').landedCommit).toBeNull();
});

test('a sync that fails refuses the writes with the reason, lets it read, and lets it say so', async () => {
  stage = await setClaudeStage(
    inOrder(
      writes('mine.txt'),
      bash('touch by-the-shell.txt'),
      reads('seen.txt'),
      completes('The worktree cannot be synced.', 'blocked'),
      { say: 'Done.' },
    ),
  );
  furnishRemote().open();
  stage.git('config', 'remote.origin.url', join(stage.folder, 'nowhere.git'));
  await stage.json(['add', 'Try it']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(() => watch.task('Try it').status === 'blocked', 'it is blocked');
  const [run] = watch.state.runs.values();
  expect(run?.syncError).toContain('nowhere.git');
  const worktree = watch.state.worktrees.get(run?.worktreeId ?? '')?.path ?? '';
  for (const index of [1, 2]) {
    expect(stage.stub.requests[index]?.news).toContain('this worktree could not be brought up to date');
    expect(stage.stub.requests[index]?.news).toContain('nowhere.git');
  }
  expect(stage.stub.requests[3]?.news).toContain('old words');
  for (const name of ['mine.txt', 'by-the-shell.txt']) expect(existsSync(join(worktree, name))).toBe(false);
});
