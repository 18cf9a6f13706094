// Owns what the benchmark of the pool stands on: three repositories with history and an npm application's lock file in each, made once and kept in .cache/bench.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../../.cache/bench/pool');
/** Raised when what is generated changes: the cache of an older form is not used. */
const FORM = 1;

/** Files, and commits of history. */
export const SIZES = { small: [200, 300], medium: [10_000, 1500], large: [60_000, 1500] };
/** Commits from `main` to `ahead`; each of them changes so many files. */
const AHEAD = 100;
const CHANGED = 5;

/** Installed it has more than 300 MB. */
const APPLICATION = {
  name: 'application',
  version: '1.0.0',
  private: true,
  type: 'module',
  dependencies: {
    '@emotion/react': '^11',
    '@emotion/styled': '^11',
    '@mui/icons-material': '^7',
    '@mui/material': '^7',
    react: '^19',
    'react-dom': '^19',
  },
  devDependencies: {
    '@storybook/react-vite': '^9',
    '@vitejs/plugin-react': '^5',
    eslint: '^9',
    jest: '^30',
    storybook: '^9',
    typescript: '^5',
    vite: '^7',
    vitest: '^3',
  },
};

const npm = (folder, ...words) =>
  execFileSync('npm', [...words, '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });

/** Packages of other platforms that a registry does not carry: `npm ci` refuses a lock file that names them and does not have them. */
function dropMissing(file) {
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const isThere = (from, name) => {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]?.version) return true;
      if (!at.includes('/node_modules/')) return Boolean(lock.packages[`node_modules/${name}`]?.version);
    }
  };
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path !== '' && !entry.version && !entry.link) delete lock.packages[path];
  }
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const name of Object.keys(entry.optionalDependencies ?? {}))
      if (!isThere(path, name)) delete entry.optionalDependencies[name];
  }
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

/** package.json and package-lock.json of the application, and of the same with one package more. */
function application() {
  const folder = join(CACHE, `application-${FORM}`);
  if (!existsSync(folder)) {
    console.log('  asking npm for the lock file of an application (once)');
    const half = `${folder}.half`;
    rmSync(half, { recursive: true, force: true });
    mkdirSync(join(half, 'more'), { recursive: true });
    writeFileSync(join(half, 'package.json'), `${JSON.stringify(APPLICATION, null, 2)}\n`);
    npm(half, 'install', '--package-lock-only');
    dropMissing(join(half, 'package-lock.json'));
    for (const name of ['package.json', 'package-lock.json']) cpSync(join(half, name), join(half, 'more', name));
    npm(join(half, 'more'), 'install', '--package-lock-only', 'left-pad@1.3.0');
    dropMissing(join(half, 'more', 'package-lock.json'));
    renameSync(half, folder);
  }
  const read = (name) => readFileSync(join(folder, name));
  const files = ['package.json', 'package-lock.json'];
  return { now: files.map((name) => [name, read(name)]), later: files.map((name) => [name, read(`more/${name}`)]) };
}

/** A generator of numbers that is the same in every run. */
function seeded(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** 4 MB that compress as source text does; a file is a piece of it. */
function makeText(random) {
  const words = Array.from({ length: 4096 }, () =>
    Array.from({ length: 2 + random(9) }, () => 'abcdefghijklmnopqrstuvwxyz_'[random(27)]).join(''),
  );
  const lines = [];
  for (let size = 0; size < 4e6; ) {
    const line = Array.from({ length: 3 + random(9) }, () => words[random(4096)]).join(' ');
    lines.push(line);
    size += line.length + 1;
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

const pathOf = (at) => `source/part-${Math.floor(at / 144)}/module-${Math.floor(at / 12) % 12}/file-${at}.ts`;

/** The fast-import stream of a repository, in pieces. */
function* history(files, commits) {
  const random = seeded(files);
  const text = makeText(random);
  const { now, later } = application();
  const blob = (path) => {
    const size = 2000 + random(32_000);
    const from = random(text.length - size);
    return Buffer.concat([Buffer.from(`// ${path} ${random(1e9)}\n`), text.subarray(from, from + size)]);
  };
  const file = (path, content) => [
    Buffer.from(`M 100644 inline ${path}\ndata ${content.length}\n`),
    content,
    Buffer.from('\n'),
  ];
  let at = 1_700_000_000;
  const commit = (ref, message, from) =>
    Buffer.from(
      `commit refs/heads/${ref}\ncommitter Ann <ann@example.invalid> ${at++} +0000\ndata ${message.length}\n${message}\n${from ? `from ${from}\n` : ''}`,
    );
  yield commit('main', 'first');
  yield* file('.gitignore', Buffer.from('node_modules/\n.env\n'));
  for (const [path, content] of now) yield* file(path, content);
  for (let each = 0; each < files; each += 1) yield* file(pathOf(each), blob(pathOf(each)));
  function* changes(ref, count, from) {
    for (let turn = 0; turn < count; turn += 1) {
      yield commit(ref, `change ${turn}`, turn === 0 ? from : undefined);
      for (let each = 0; each < CHANGED; each += 1) {
        const path = pathOf(random(files));
        yield* file(path, blob(path));
      }
    }
  }
  yield* changes('main', commits);
  yield* changes('ahead', AHEAD, 'refs/heads/main');
  yield commit('relocked', 'a package more', 'refs/heads/ahead');
  for (const [path, content] of later) yield* file(path, content);
}

/** The bare repository of a size, made when it is not there. */
async function original(name) {
  const folder = join(CACHE, `${name}-${FORM}.git`);
  if (existsSync(folder)) return folder;
  const [files, commits] = SIZES[name];
  console.log(`  generating a repository of ${files} files (once)`);
  const half = `${folder}.half`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', half]);
  const child = spawn('git', ['-c', 'core.compression=1', 'fast-import', '--quiet', '--depth=0'], {
    cwd: half,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const closed = once(child, 'close');
  for (const piece of history(files, commits)) if (!child.stdin.write(piece)) await once(child.stdin, 'drain');
  child.stdin.end();
  const [code] = await closed;
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  execFileSync('git', ['pack-refs', '--all'], { cwd: half });
  renameSync(half, folder);
  return folder;
}

/** The environment that git and the product run in here: the operator's own settings must not count. */
function isolate(folder) {
  const names = ['home', 'state', 'config', 'cache', 's'];
  for (const name of names) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  const npmCache = execFileSync('npm', ['config', 'get', 'cache'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  const registry = execFileSync('npm', ['config', 'get', 'registry'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  const before = { ...process.env };
  Object.assign(process.env, {
    HOME: join(folder, 'home'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    DROVER_SOCKET_DIR: join(folder, 's'),
    DROVER_OPERATOR: 'Bench <bench@example.invalid>',
    GIT_CONFIG_NOSYSTEM: '1',
    // npm as it is set up here, with what it has downloaded: a peer that downloads would be slower, and says nothing.
    npm_config_cache: npmCache,
    npm_config_registry: registry,
  });
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
}

/** A folder of its own for one part of the benchmark; `close` removes it. On the file system of DROVER_BENCH_FOLDER. */
export function openStage() {
  const folder = realpathSync(mkdtempSync(join(process.env.DROVER_BENCH_FOLDER ?? tmpdir(), 'drover-bench-pool-')));
  const restore = isolate(folder);
  return {
    folder,
    close: () => {
      restore();
      spawnSync('chmod', ['-R', 'u+rwX', '--', folder], { stdio: 'ignore' });
      spawnSync('rm', ['-rf', '--', folder], { stdio: 'inherit' });
    },
  };
}

/** A clone of a size whose objects are shared with the cache, with nothing checked out. `git` runs in it. */
export async function cloneOf(name, stage) {
  const root = join(stage.folder, name);
  const from = await original(name);
  execFileSync('git', ['clone', '-q', '--shared', '--no-checkout', from, root]);
  const git = (...words) =>
    execFileSync('git', words, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 2 ** 28,
    }).trim();
  git('config', 'gc.auto', '0');
  git('remote', 'remove', 'origin');
  for (const branch of ['ahead', 'relocked'])
    git(
      'update-ref',
      `refs/heads/${branch}`,
      execFileSync('git', ['rev-parse', branch], { cwd: from, encoding: 'utf8' }).trim(),
    );
  return { name, root, git, gitDir: join(root, '.git'), commit: (ref) => git('rev-parse', ref) };
}
