// The built program without a server: set-up, refusals, usage, exit codes.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { builtProgram, createScene, type Scene } from './scene.ts';

let main = '';
let scene: Scene;
beforeAll(() => {
  main = builtProgram();
});
beforeEach(() => {
  scene = createScene(main);
});
afterEach(() => scene.dispose());

describe('exit codes', () => {
  test('a refusal is 1 and names the next command, a usage error 2, a missing server 3', async () => {
    const [refusal, usage, json] = await Promise.all([
      scene.drover(['list']),
      scene.drover(['lisst']),
      scene.drover(['--json', 'add']),
    ]);
    expect(refusal).toMatchObject({ code: 1, stdout: '' });
    expect(refusal.stderr).toMatch(/^drover: Drover has not been set up in .*\n {2}next: drover init\n$/);
    expect(usage).toMatchObject({
      code: 2,
      stderr: "drover: unknown command 'lisst'; did you mean list?\n  next: drover --help\n",
    });
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stderr)).toEqual({
      error: { code: 'usage', message: "missing required argument 'title'", next: 'drover add --help' },
    });
    await scene.drover(['init']);
    const [missing, outside] = await Promise.all([
      scene.drover(['server', 'status']),
      scene.drover(['list', '--json'], { cwd: scene.folder }),
    ]);
    expect(missing).toMatchObject({ code: 3, stdout: '' });
    expect(JSON.parse(outside.stderr)).toMatchObject({ error: { code: 'no-repository', next: 'git init' } });
  });

  test('a demonstration that cannot begin leaves nothing behind', async () => {
    const temporary = join(scene.folder, 'tmp');
    const state = join(scene.folder, 'state');
    mkdirSync(temporary);
    const env = { TMPDIR: temporary, XDG_STATE_HOME: state };
    const unsafe = await scene.drover(['demo', '--headless'], { env: { ...env, DROVER_SOCKET_DIR: 'here' } });
    expect(unsafe).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('no absolute path') });
    const own = join(scene.folder, 'home', '.config', 'drover');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'config.yaml'), 'workers: many\n');
    const refused = await scene.drover(['demo', '--headless'], { env });
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('config.yaml:1: workers') });
    scene.program('git', 'exit 3');
    const broken = await scene.drover(['demo', '--headless'], { env });
    expect(broken).toMatchObject({ code: 70, stdout: '' });
    expect(readdirSync(temporary).filter((name) => name.startsWith('drover-demo-'))).toEqual([]);
    expect(readdirSync(join(state, 'drover'))).toEqual([]);
  });

  test('every refusal of a value names the verb to read about, and changes nothing', async () => {
    await scene.drover(['init']);
    const mistyped = await Promise.all([
      scene.drover(['add', 'x', '--priority', '1.5']),
      scene.drover(['add', 'x', '--type', 'nonsense']),
      scene.drover(['add', 'x', '--attempts', 'many']),
      scene.drover(['add', ' ']),
      scene.drover(['run', '--workers', '0']),
      scene.drover(['run', '--pool-refresh', 'soon']),
      scene.drover(['run', '--agent', 'gpt']),
      scene.drover(['demo', '--workers', 'all']),
      scene.drover(['add', 'x', '--description-file', '-'], { input: 'x'.repeat(70_000) }),
      scene.drover(['add', 'x', '--description', 'x'.repeat(70_000)]),
      scene.drover(['panes', 'close', 'one']),
      scene.drover(['pool', 'warm', '65']),
      scene.drover(['search', 'x', '--limit', '0']),
      scene.drover(['lock', 'left']),
      scene.drover(['layout', 'nope']),
      scene.drover(['completions', 'tcsh']),
    ]);
    for (const { code, stdout, stderr } of mistyped) {
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/\n {2}next: drover /),
      });
    }
    const [title, help, script, folder] = await Promise.all([
      scene.drover(['epic', 'add', '']),
      scene.drover(['help', 'add', '--json']),
      scene.drover(['completions', 'fish', '--json']),
      scene.drover(['-C', join(scene.folder, 'nowhere'), 'list']),
    ]);
    expect(mistyped[0]?.stderr).toMatch(/\n {2}next: drover add --help\n$/);
    expect(title).toMatchObject({ code: 2, stderr: expect.stringMatching(/\n {2}next: drover epic add --help\n$/) });
    expect(JSON.parse(help.stdout)).toEqual({ help: expect.stringContaining('Add a task to the queue') });
    expect(JSON.parse(script.stdout)).toMatchObject({ shell: 'fish', script: expect.stringContaining('complete -c') });
    expect(folder).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no folder') });
    expect(await scene.drover(['server', 'status'])).toMatchObject({ code: 3 });
  });

  test.each(['list', 'status --oneline'])(
    '%s in a folder that was deleted under the shell is no fault',
    async (words) => {
      const gone = join(scene.folder, 'gone');
      mkdirSync(gone);
      const script = `cd "${gone}" && rmdir "${gone}" && "$0" "$1" ${words}`;
      const child = spawn('/bin/sh', ['-c', script, process.execPath, main], { env: scene.env, stdio: 'pipe' });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is not inside a git repository') });
    },
  );

  test('a home that cannot be written is a refusal, and leaves no configuration', async () => {
    // A file in its place: no user can make a folder there, root neither.
    const state = join(scene.folder, 'state');
    writeFileSync(state, '');
    const env = { XDG_STATE_HOME: state };
    const refused = {
      code: 1,
      stderr: expect.stringMatching(/cannot be written .*\n {2}next: export XDG_STATE_HOME=/),
    };
    expect(await scene.drover(['init'], { env })).toMatchObject(refused);
    expect(existsSync(join(scene.repository, '.drover'))).toBe(false);
    await scene.drover(['init']);
    expect(await scene.drover(['list'], { env })).toMatchObject(refused);
  });

  test('an output that cannot be written is said, and is no success', async () => {
    const child = spawn('/bin/sh', ['-c', '"$0" "$1" --help >/dev/full', process.execPath, main], {
      env: scene.env,
      stdio: 'pipe',
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/cannot be written: ENOSPC/) });
  });

  test('a reader that has gone is no fault', async () => {
    const child = spawn('/bin/sh', ['-c', `"$0" "$1" --help | true; "$0" "$1" --version`, process.execPath, main], {
      env: scene.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('a verb that needs a terminal refuses without one', async () => {
    await scene.drover(['init']);
    expect(await scene.drover(['attach'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('needs a terminal'),
    });
    // script(1) gives it a terminal; this one cannot be drawn on.
    const line = `"${process.execPath}" "${main}" attach`;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: scene.repository,
      env: { ...scene.env, TERM: 'dumb' },
      stdio: 'pipe',
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
    expect(shown).toContain('a TERM other than dumb');
    expect(await scene.drover(['demo'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('next: drover demo --headless'),
    });
  });
});

describe('init', () => {
  test('writes the configuration and the id, and refuses to do it twice', async () => {
    const first = await scene.drover(['init']);
    const file = join(scene.repository, '.drover', 'config.yaml');
    expect(first).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('drover add') });
    writeFileSync(file, '# mine\n');
    const second = await scene.drover(['init']);
    expect(second).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('has been set up') });
    expect(readFileSync(file, 'utf8')).toBe('# mine\n');
    expect(scene.git('status', '--porcelain')).toBe('?? .drover/\n');
  });

  test('keeps a configuration that a clone has brought, from a folder below the root', async () => {
    const below = join(scene.repository, 'a', 'b');
    mkdirSync(below, { recursive: true });
    mkdirSync(join(scene.repository, '.drover'));
    writeFileSync(join(scene.repository, '.drover', 'config.yaml'), 'workers: 2\n');
    const ran = await scene.drover(['init', '--json'], { cwd: below });
    const told = JSON.parse(ran.stdout) as { dataHome: string; id: string };
    expect(told).toMatchObject({ root: scene.repository, wroteConfig: false });
    expect(told.dataHome).toBe(join(scene.folder, 'home', '.local', 'state', 'drover', `repository-${told.id}`));
    expect(statSync(told.dataHome).mode & 0o777).toBe(0o700);
  });

  test('--local keeps all under .drover, of which git sees the configuration alone', async () => {
    const ran = await scene.drover(['-C', scene.repository, 'init', '--local', '--json'], { cwd: scene.folder });
    expect(JSON.parse(ran.stdout)).toMatchObject({ dataHome: join(scene.repository, '.drover') });
    writeFileSync(join(scene.repository, '.drover', 'state.json'), '{}');
    expect(scene.git('status', '--porcelain', '-uall')).toBe('?? .drover/.gitignore\n?? .drover/config.yaml\n');
    expect(existsSync(join(scene.folder, 'home', '.local'))).toBe(false);
  });
});

describe('doctor', () => {
  const CLAUDE = (loggedIn: boolean) =>
    `case "$1" in --version) echo "2.1.197 (Claude Code)";; auth) echo '{"loggedIn":${loggedIn},"authMethod":"api_key"}'; exit ${loggedIn ? 0 : 1};; esac`;
  type Rows = { id: string; status: string; message: string; fix: string }[];
  const rowsOf = async (): Promise<{ code: number | null; rows: Map<string, Rows[number]> }> => {
    const { code, stdout } = await scene.drover(['doctor', '--json']);
    return { code, rows: new Map((JSON.parse(stdout) as Rows).map((row) => [row.id, row])) };
  };

  test('passes where all is there, and says who claude trusts', async () => {
    await scene.drover(['init']);
    scene.git('config', 'user.email', 'alice@example.org');
    scene.program('claude', CLAUDE(true));
    const settings = { projects: { [scene.folder]: { hasTrustDialogAccepted: true } } };
    writeFileSync(join(scene.folder, 'home', '.claude.json'), JSON.stringify(settings));
    const { code, rows } = await rowsOf();
    expect([...rows.values()].filter((row) => row.status === 'fail')).toEqual([]);
    expect(code).toBe(0);
    expect(rows.get('claude')?.message).toBe('Claude Code 2.1.197');
    expect(rows.get('login')).toMatchObject({ status: 'ok' });
    expect(rows.get('trust')).toMatchObject({ status: 'ok', message: `Claude Code trusts ${scene.folder}` });
    expect(rows.get('operator')?.message).toBe('alice <alice@example.org>');
  });

  test('fails with what to do: not logged in, not trusted, a broken configuration', async () => {
    await scene.drover(['init']);
    scene.program('claude', CLAUDE(false));
    const { code, rows } = await rowsOf();
    expect(code).toBe(1);
    expect(rows.get('login')).toMatchObject({ status: 'fail', fix: 'claude auth login' });
    expect(rows.get('trust')).toMatchObject({ status: 'warn' });
    writeFileSync(join(scene.repository, '.drover', 'config.yaml'), '\nworkerz: 1\n');
    const broken = await rowsOf();
    expect(broken.rows.get('config')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('config.yaml:2: there is no key workerz; the nearest is workers'),
      fix: `\${EDITOR:-vi} +2 '${join(scene.repository, '.drover', 'config.yaml')}'`,
    });
    expect(broken.rows.has('claude')).toBe(false);
  });

  test('says what to do about a configuration that is no readable file, too', async () => {
    await scene.drover(['init']);
    const config = join(scene.repository, '.drover', 'config.yaml');
    writeFileSync(config, '#'.repeat(300_000));
    const large = await scene.drover(['doctor']);
    expect(large.stdout).toContain(`\n\nWhat to do:\n  config: \${EDITOR:-vi} '${config}'\n`);
    rmSync(config);
    mkdirSync(config);
    const folder = await scene.drover(['doctor']);
    expect(folder.stdout).toContain(`\n\nWhat to do:\n  config: mv '${config}' '${config}.old'\n`);
    expect((await scene.drover(['list'])).stderr).toContain(`next: mv '${config}' '${config}.old'\n`);
  });

  test('tells what the workspace would say of bindings, layouts and themes', async () => {
    await scene.drover(['init']);
    const own = join(scene.folder, 'home', '.config', 'drover');
    mkdirSync(join(own, 'themes'), { recursive: true });
    const config = join(own, 'config.yaml');
    const theme = join(own, 'themes', 'dusk.json');
    writeFileSync(config, 'layout: gird\nkeys:\n  bindings:\n    "prefix x": zom\n    "prfix y": zoom\n');
    writeFileSync(theme, '{ "styles": { "dim": { "fg": "gray" } } }');
    const { stdout } = await scene.drover(['doctor', '--json']);
    const settings = (JSON.parse(stdout) as Rows).filter(({ id }) => id === 'settings');
    expect(settings).toEqual(
      [
        ['keys.bindings "prefix x": there is no command "zom"; the nearest is "zoom"', config],
        ['keys.bindings "prfix y": there is no key table "prfix"; the nearest is "prefix"', config],
        [expect.stringContaining(`${theme}: styles.dim.fg is "gray"; it must be a number`), theme],
        [
          'layout: there is no layout "gird", "grid" is used; there are grid, dashboard, focus, main-left, main-top, stack',
          config,
        ],
      ].map(([message, path]) => ({ id: 'settings', status: 'warn', message, fix: `\${EDITOR:-vi} '${path}'` })),
    );
    const said = (await scene.drover(['doctor'])).stdout;
    expect(said.split(`  settings: \${EDITOR:-vi} '${config}'\n`)).toHaveLength(2);
    const chosen = await scene.drover(['theme', 'dusk']);
    expect(chosen).toMatchObject({ code: 1, stderr: expect.stringContaining(`${theme}: styles.dim.fg is "gray"`) });
  });

  test('names a first commit that can be made, without a working tree too', async () => {
    for (const [name, ...options] of [['bare', '--bare'], ['new']] as const) {
      const cwd = join(scene.folder, name);
      scene.git('init', '-q', ...options, cwd);
      await scene.drover(['init'], { cwd });
      const commits = async () => {
        const { stdout } = await scene.drover(['doctor', '--json'], { cwd });
        return (JSON.parse(stdout) as Rows).find(({ id }) => id === 'commits');
      };
      const missing = await commits();
      expect(missing).toMatchObject({ status: 'fail' });
      const who = {
        GIT_AUTHOR_NAME: 'A',
        GIT_AUTHOR_EMAIL: 'a@x',
        GIT_COMMITTER_NAME: 'A',
        GIT_COMMITTER_EMAIL: 'a@x',
      };
      execFileSync('sh', ['-c', missing?.fix ?? 'false'], { cwd, env: { ...scene.env, ...who } });
      expect(await commits()).toMatchObject({ status: 'ok' });
    }
  });

  test('runs no program that only the repository names', async () => {
    await scene.drover(['init']);
    const mark = join(scene.folder, 'ran');
    writeFileSync(
      join(scene.repository, '.drover', 'config.yaml'),
      `test: touch ${mark}\nclaude:\n  command: ${join(scene.repository, 'evil')}\n`,
    );
    writeFileSync(join(scene.repository, 'evil'), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
    const { rows } = await rowsOf();
    expect(rows.get('config')?.message).toContain('config.yaml:3: a repository may not set claude.command');
    expect(existsSync(mark)).toBe(false);
  });
});

describe('completions', () => {
  test.each(['bash', 'zsh', 'fish'])('%s gets its script', async (shell) => {
    const { code, stdout } = await scene.drover(['completions', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('drover __complete');
  });

  test('bash itself takes the script and completes with it', async () => {
    const { stdout: script } = await scene.drover(['completions', 'bash']);
    scene.program('drover', `exec "${process.execPath}" "${main}" "$@"`);
    const child = spawn(
      'bash',
      ['-c', `${script}\nCOMP_WORDS=(drover epic a); COMP_CWORD=2; _drover; printf '%s\\n' "\${COMPREPLY[@]}"`],
      {
        env: scene.env,
        cwd: scene.repository,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    expect(output).toBe('add\n');
  });

  test('an unknown shell is a usage error; a Tab outside of a repository is quiet', async () => {
    expect(await scene.drover(['completions', 'fisch'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('next: drover completions fish'),
    });
    expect(await scene.drover(['__complete', 'show', ''], { cwd: scene.folder })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});
