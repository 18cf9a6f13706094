// Owns the stage of the dependency tests: a real npm project whose packages are tarballs of its own, so that no network is needed.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { endTagged } from '../../../src/agent/leftovers.ts';
import { DEFAULT_CONFIG, type SetupStep } from '../../../src/config/schema.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { addSlot } from '../../../src/git/worktree.ts';
import { DependencyCache, type DependencyCacheOptions } from '../../../src/pool/dependencies/dependency-cache.ts';
import { makeScene, type Scene } from '../git/scene.ts';
import { buildProgram } from '../store/build.ts';

/** A file of the npm project: what `npm pack` makes of such a package, without npm. */
export function tarball(
  into: string,
  description: { name: string; version: string },
  files: Record<string, string>,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'drover-pack-'));
  const all = { 'package.json': JSON.stringify({ main: 'index.js', ...description }), ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, 'package', name)), { recursive: true });
    writeFileSync(join(folder, 'package', name), text);
    if (text.startsWith('#!')) chmodSync(join(folder, 'package', name), 0o755);
  }
  mkdirSync(dirname(into), { recursive: true });
  execFileSync('tar', ['-czf', into, '-C', folder, 'package']);
  rmSync(folder, { recursive: true });
}

/** Writes a project with two packages, one of them with a program, and two workspaces, one of which uses the other. */
function writeProject(root: string): void {
  for (const version of ['1.0.0', '2.0.0']) {
    const files = { 'index.js': `module.exports = 'left ${version}';\n`, 'lib/deep.js': 'deep\n' };
    tarball(join(root, `vendor/left-${version}.tgz`), { name: 'left', version }, files);
  }
  const tool = { name: 'tool', version: '1.0.0', bin: 'cli.js' };
  tarball(join(root, 'vendor/tool-1.0.0.tgz'), tool, {
    'cli.js': "#!/usr/bin/env node\nconsole.log('tool');\n",
    'index.js': '\n',
  });
  const json = (path: string, value: object) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${JSON.stringify(value, null, 2)}\n`);
  };
  json('package.json', {
    name: 'project',
    version: '1.0.0',
    workspaces: ['packages/*'],
    dependencies: { left: 'file:vendor/left-1.0.0.tgz', tool: 'file:vendor/tool-1.0.0.tgz' },
  });
  json('packages/core/package.json', { name: '@x/core', version: '1.0.0', main: 'index.js' });
  writeFileSync(join(root, 'packages/core/index.js'), "module.exports = 'core';\n");
  json('packages/app/package.json', {
    name: '@x/app',
    version: '1.0.0',
    main: 'index.js',
    dependencies: { '@x/core': '1.0.0', left: 'file:../../vendor/left-2.0.0.tgz' },
  });
  writeFileSync(join(root, 'packages/app/index.js'), "module.exports = [require('@x/core'), require('left')];\n");
}

export function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd, stdio: 'pipe' });
}

let program: string | null = null;
/** argv of the role `__tree`. */
function treeCommand(): string[] {
  program ??= buildProgram('test/integration/dependencies/tree-child.ts');
  return [process.execPath, join(program, 'test/integration/dependencies/tree-child.js')];
}

/** argv of a cache in a process of its own, see cache-child.ts. */
export function cacheChild(request: {
  root: string;
  dataHome: string;
  sessionTag: string;
  setup: SetupStep[];
  slots: string[];
}): string[] {
  child ??= buildProgram('test/integration/dependencies/cache-child.ts');
  const file = join(child, 'test/integration/dependencies/cache-child.js');
  return [process.execPath, file, JSON.stringify({ ...request, treeCommand: treeCommand() })];
}

let child: string | null = null;
let project: string | null = null;
/** The files of the project with its lock, made once. */
function projectFolder(): string {
  if (project !== null) return project;
  project = mkdtempSync(join(tmpdir(), 'drover-npm-'));
  writeProject(project);
  npm(project, 'install', '--package-lock-only');
  return project;
}

export interface Stage {
  readonly scene: Scene;
  readonly repository: Repository;
  readonly cache: DependencyCache;
  readonly sessionTag: string;
  readonly damage: { worktrees: readonly string[]; words: string }[];
  /** A worktree at main. */
  slot(id: string): Promise<string>;
  /** Another cache over the same folder, as the next server opens it. */
  reopen(options?: Partial<DependencyCacheOptions['config']>): DependencyCache;
  /** Ends what a killed server left running, as the next server does before all else. */
  endTagged(): Promise<void>;
  close(): Promise<void>;
}

/** A repository with the npm project, and a cache. `ignore` is its .gitignore. */
export async function makeStage(
  options: {
    ignore?: string;
    files?: Record<string, string>;
    config?: Partial<DependencyCacheOptions['config']>;
    isPlain?: boolean;
  } = {},
): Promise<Stage> {
  const scene = makeScene({ '.gitignore': options.ignore ?? 'node_modules/\n' });
  if (!options.isPlain) cpSync(projectFolder(), scene.root, { recursive: true });
  scene.write(scene.root, options.files ?? {});
  scene.git(scene.root, 'add', '-A');
  scene.git(scene.root, 'commit', '-qm', 'project', '--allow-empty');
  const repository = await scene.open();
  const sessionTag = `test-${basename(scene.folder)}`;
  const damage: Stage['damage'] = [];
  const caches: DependencyCache[] = [];
  const { dependencies, setup, copy } = DEFAULT_CONFIG;
  const open = (config: Partial<DependencyCacheOptions['config']> = options.config ?? {}) => {
    const cache = DependencyCache.open({
      folder: join(scene.dataHome, 'cache'),
      logs: join(scene.dataHome, 'logs'),
      repository,
      config: { dependencies, setup, copy, ...config },
      sessionTag,
      treeCommand: treeCommand(),
      onDamage: (worktrees, words) => damage.push({ worktrees, words }),
    });
    caches.push(cache);
    return cache;
  };
  return {
    scene,
    repository,
    cache: open(),
    sessionTag,
    damage,
    slot: (id) => addSlot(repository, id, scene.git(scene.root, 'rev-parse', 'main')),
    reopen: open,
    endTagged: async () => {
      const { left } = await endTagged({ name: 'DROVER_SESSION', value: sessionTag }, { graceMs: 5000 });
      if (left.length > 0) throw new Error(`left running: ${left.join(' ')}`);
    },
    close: async () => {
      for (const cache of caches) await cache.close();
      scene.close();
    },
  };
}

/** Path -> contents or target of everything beneath a folder. */
export function snapshot(folder: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const item of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(item.parentPath, item.name);
    if (item.isFile()) all[path.slice(folder.length + 1)] = readFileSync(path, 'utf8');
  }
  return all;
}
