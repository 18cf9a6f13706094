// Owns the tests of the files that a task changes, as the server tells them: once, live to who watches, and one by one.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Client } from '../../../src/client/client.ts';
import type { FileChange, TaskFiles } from '../../../src/protocol/task-files.ts';
import { addTask, type Gate, Scene, type Watcher } from './scene.ts';

let scene: Scene;
let client: Watcher;
let go: Gate;
let worktree: string;
let task: string;
afterEach(() => scene.closeSoundly());

/** An agent that does the lines of shell in its worktree, and then waits until `go` passes. */
async function begin(lines: readonly string[], before: Readonly<Record<string, string>> = {}): Promise<void> {
  scene = new Scene();
  for (const [name, text] of Object.entries(before)) {
    mkdirSync(dirname(join(scene.repository, name)), { recursive: true });
    scene.write(name, text);
  }
  scene.git('add', '-A');
  scene.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '--allow-empty', '-qm', 'files');
  await scene.start();
  client = await scene.watch();
  const begun = scene.gate('begun');
  go = scene.gate('go');
  const program = join(scene.folder, 'program');
  writeFileSync(program, [...lines, `pwd > ${begun.path}; cat ${go.path}`].join('\n'));
  task = (await addTask(client, `. ${program}`)).id;
  await client.call('session.start', { untilDone: true });
  worktree = await begun.heard();
}

const put = (name: string, text: string): void => {
  mkdirSync(dirname(join(worktree, name)), { recursive: true });
  writeFileSync(join(worktree, name), text);
};
const git = (...words: string[]): string => execFileSync('git', words, { cwd: worktree, encoding: 'utf8' });
const filesNow = async (): Promise<TaskFiles> => (await client.call('task.files', { task })).files;
const brief = ({ path, change, from, added, removed }: FileChange) => [path, change, from, added, removed];
const patch = async (file: string, from?: string): Promise<string> =>
  (await client.call('task.diff', { task, file, ...(from === undefined ? {} : { from }) })).text;

/** Watches the files of a task; `until` resolves with the first list that fits. */
async function look(viewer: Client): Promise<(fits: (files: TaskFiles) => boolean) => Promise<TaskFiles>> {
  let last: TaskFiles;
  const waiting = new Set<() => void>();
  viewer.onNotice((notice) => {
    if (notice.notice !== 'files') return;
    last = notice.files;
    for (const check of [...waiting]) check();
  });
  const { files } = await viewer.call('task.watch-files', { task });
  if (files === null) throw new Error('nothing is watched');
  last = files;
  return (fits) =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!fits(last)) return;
        waiting.delete(check);
        resolve(last);
      };
      waiting.add(check);
      check();
    });
}

const has =
  (path: string, fields: Partial<FileChange> = {}) =>
  ({ files }: TaskFiles): boolean =>
    files.some(
      (file) => file.path === path && Object.entries(fields).every(([name, is]) => file[name as 'path'] === is),
    );

describe('the list', () => {
  test('has what is committed, what is not and what git does not track, with the lines of each', async () => {
    const text = `${Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n')}\n`;
    await begin(
      [
        'echo more >> base.txt; git mv old.txt moved.txt; git add -A; git commit -qm one',
        'rm gone.txt; mv plain.txt renamed.txt; echo end >> renamed.txt; echo two > "untracked file.txt"; printf "\\0\\1" > binary',
        'chmod +x tool; echo x > .ignored; mkdir -p node_modules/a; echo y > node_modules/a/b.js',
      ],
      {
        'old.txt': text,
        'plain.txt': `other\n${text}`,
        'gone.txt': 'gone\n',
        tool: 'tool\n',
        '.gitignore': '.ignored\nnode_modules\n',
      },
    );
    const found = await filesNow();
    expect(found).toMatchObject({ taskId: task, place: 'worktree', isCut: false, note: '' });
    expect(found.files.map(brief)).toEqual([
      ['base.txt', 'modified', null, 1, 0],
      ['binary', 'new', null, null, null],
      ['gone.txt', 'deleted', null, 0, 1],
      ['moved.txt', 'renamed', 'old.txt', 0, 0],
      ['renamed.txt', 'renamed', 'plain.txt', 1, 0],
      ['tool', 'modified', null, 0, 0],
      ['untracked file.txt', 'new', null, 1, 0],
    ]);
    expect(found.files.find(({ path }) => path === 'gone.txt')?.changedAt).toBeNull();
    expect(found.files.find(({ path }) => path === 'binary')?.changedAt).toBeGreaterThan(0);

    expect(await patch('base.txt')).toMatch(/^ base\n\+more$/m);
    expect(await patch('untracked file.txt')).toMatch(/^new file mode[\s\S]*^\+two$/m);
    expect(await patch('binary')).toMatch(/^Binary files .* differ$/m);
    expect(await patch('gone.txt')).toMatch(/^deleted file mode[\s\S]*^-gone$/m);
    expect(await patch('renamed.txt', 'plain.txt')).toMatch(
      /^rename from plain.txt\nrename to renamed.txt[\s\S]*^\+end$/m,
    );
    expect(await patch('moved.txt', 'old.txt')).toMatch(/^similarity index 100%$/m);
    expect(await patch('tool')).toMatch(/^old mode 100644\nnew mode 100755$/m);
    // What it was looked at with is not in the agent's way, nor in its index.
    expect(git('status', '--porcelain', '--', 'untracked file.txt')).toBe('?? "untracked file.txt"\n');
    const isUncommitted = async (file: string) => (await client.call('task.diff', { task, file })).hasUncommitted;
    expect([await isUncommitted('base.txt'), await isUncommitted('gone.txt')]).toEqual([false, true]);
    await go.pass();
    await client.until('session.stopped');
    const landed = await filesNow();
    expect(landed).toMatchObject({ place: 'commit', note: '' });
    expect(landed.files.map(({ path }) => path)).toEqual(found.files.map(({ path }) => path));
    expect(await patch('base.txt')).toMatch(/^ base\n\+more$/m);
  });

  test('hostile names are data: none is a pattern, an option or a path out of the worktree', async () => {
    await begin([
      'mkdir -p "a b" ./-x; echo 1 > "a b/new\nline"; echo 2 > "*"; echo 3 > "-x/--output=pwned"; echo 4 > ":(top)x"',
      'printf "5\\n" > "$(printf "esc\\033]0;t\\007")"; printf "6\\n" > "$(printf "bad\\377")"; ln -s /etc/passwd link',
      'git init -q nested',
    ]);
    const names = [':(top)x', '-x/--output=pwned', '*', 'a b/new\nline', 'bad\ufffd', 'esc\u001b]0;t\u0007', 'link'];
    expect((await filesNow()).files.map(({ path }) => path)).toEqual([...names].sort());
    for (const [name, text] of [
      ['*', '2'],
      [':(top)x', '4'],
      ['-x/--output=pwned', '3'],
      ['a b/new\nline', '1'],
      ['esc\u001b]0;t\u0007', '5'],
      ['link', '/etc/passwd'],
    ] as const) {
      const text1 = await patch(name);
      expect(text1.match(/^diff --git /gm), name).toHaveLength(1);
      expect(text1, name).toMatch(new RegExp(`^\\+${text}$`, 'm'));
    }
    for (const out of ['../base.txt', '/etc/passwd', 'a/../../x', 'base.txt', 'nowhere', 'bad\ufffd'])
      await expect(patch(out), out).rejects.toMatchObject({ name: 'RefusalError' });
    // Git cannot add it: nothing of the task would land.
    rmSync(join(worktree, 'nested'), { recursive: true });
    await go.pass();
    await client.until('session.stopped');
  });

  test('a task without work says so, and one whose attempt failed shows what was kept', async () => {
    scene = new Scene({ retry: { maxAttempts: 1, baseDelay: 1, maxDelay: 2 } });
    await scene.start();
    client = await scene.watch();
    task = (await addTask(client, 'echo half > half.txt; exit 3', { maxAttempts: 1 })).id;
    const nothing = { taskId: task, from: null, place: null, files: [], isCut: false, note: 'it was never begun' };
    expect(await filesNow()).toEqual(nothing);
    await client.call('session.start', { untilDone: true });
    await client.until('session.stopped');
    expect(await filesNow()).toMatchObject({ place: 'commit', files: [{ path: 'half.txt', change: 'new' }] });
  });

  test('an agent that has planted a filter is told of, and its program is not run', async () => {
    await begin(['git config filter.x.clean "touch ran; cat"; echo "* filter=x" > .gitattributes; echo z >> base.txt']);
    expect(await filesNow()).toMatchObject({ place: null, files: [], note: expect.stringContaining('filter.x.clean') });
    expect(git('ls-files', '--others', 'ran')).toBe('');
    git('config', '--unset', 'filter.x.clean');
    rmSync(join(worktree, '.gitattributes'));
    await go.pass();
    await client.until('session.stopped');
  });
});

describe('who watches', () => {
  test('hears of files that come, change, move and go, in folders that were not there too; node_modules and ignored folders are not watched', async () => {
    await begin([], { '.gitignore': 'dist\nnode_modules\n', 'src/a.ts': 'a\n' });
    const viewer = await scene.connect({ isReadOnly: true });
    const until = await look(viewer);
    await until(({ files, place }) => place === 'worktree' && files.length === 0);
    put('src/a.ts', 'a\nb\n');
    await until(has('src/a.ts', { change: 'modified', added: 1 }));
    put('deep/er/new.ts', 'new\n');
    await until(has('deep/er/new.ts', { change: 'new', added: 1 }));
    appendFileSync(join(worktree, 'deep/er/new.ts'), 'more\n');
    await until(has('deep/er/new.ts', { added: 2 }));
    renameSync(join(worktree, 'deep/er'), join(worktree, 'deep/est'));
    await until(has('deep/est/new.ts'));
    put('deep/est/again.ts', 'x\n');
    await until(has('deep/est/again.ts'));
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@x', 'commit', '-qm', 'all');
    rmSync(join(worktree, 'deep'), { recursive: true });
    await until(({ files }) => files.length === 1);
    put('dist/out.js', 'x\n');
    put('node_modules/a/index.js', 'x\n');
    put('src/b.ts', 'b\n');
    const last = await until(has('src/b.ts'));
    expect(last.files.map(({ path }) => path)).toEqual(['src/a.ts', 'src/b.ts']);
    await go.pass();
    // It has landed: what it changed is read from there.
    await until(({ place }) => place === 'commit');
    await client.until('session.stopped');
  });

  test('an agent that commits all the time never meets a lock of the one who looks', async () => {
    const commit = 'echo $i >> base.txt; git add -A && git commit -qm $i || exit 9';
    scene = new Scene();
    await scene.start();
    client = await scene.watch();
    task = (await addTask(client, `i=0; while [ $i -lt 60 ]; do i=$((i+1)); ${commit}; done`)).id;
    await client.call('session.start', { untilDone: true });
    await client.until('run.started');
    const until = await look(await scene.connect());
    await until(has('base.txt'));
    for (;;) {
      const { place, files } = await filesNow();
      if (place === 'commit') break;
      expect(files.length).toBeLessThanOrEqual(1);
    }
    await client.until('session.stopped');
    expect(client.events.filter(({ event }) => event.type === 'task.attempt-failed')).toEqual([]);
  });

  test('is left alone once it looks elsewhere or is gone, and nothing is looked at any more', async () => {
    await begin([], { 'src/a.ts': 'a\n' });
    const viewer = await scene.connect();
    await look(viewer);
    const other = await scene.connect();
    const untilOther = await look(other);
    const heard: string[] = [];
    viewer.onNotice(({ notice }) => heard.push(notice));
    expect(await viewer.call('task.watch-files', { task: null })).toEqual({ files: null });
    put('src/a.ts', 'b\n');
    await untilOther(has('src/a.ts'));
    expect(heard.filter((notice) => notice === 'files')).toEqual([]);
    other.close();
    // A new viewer begins with what is there now.
    put('src/c.ts', 'c\n');
    expect((await (await look(viewer))(() => true)).files.map(({ path }) => path)).toEqual(['src/a.ts', 'src/c.ts']);
    await go.pass();
    await client.until('session.stopped');
  });
});
