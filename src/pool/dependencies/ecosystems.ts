// Owns what Drover knows of package managers: by which file each is recognised, what decides its install, how it installs, and whether the result can be shared.
import type { InstallCommand } from './install-command.ts';

export interface Ecosystem {
  readonly name: string;
  /** It is this one when one of these files is there. */
  readonly locks: readonly string[];
  /** Files and folders beside the lock that decide the install too. */
  readonly inputs: readonly string[];
  /** The folders of a workspace, as the lock names them. */
  readonly workspaces?: (lock: string) => string[];
  /** Commands whose output (versions, ABI) decides the install too; the first one's is given to `commands`. */
  readonly asks: readonly (readonly [string, ...string[]])[];
  /**
   * `generation`: built once for each key and shared. `own`: installed in each worktree, out of the package manager's own
   * store. `none`: nothing to install, the tool's own cache is shared by design.
   */
  readonly way: 'generation' | 'own' | 'none';
  /** What it makes, beneath its folder; null finds it, and `node_modules` is among it. */
  readonly outputs: readonly string[] | null;
  /** Tried in turn until one succeeds. `isIsolated`: what lies in the manager's store must not be linked into the worktree. */
  readonly commands: (version: string, isIsolated: boolean) => InstallCommand[];
}

/** Of a node: version, ABI, platform, C library. */
const NODE_FACTS =
  'process.report.excludeNetwork = true; JSON.stringify([process.version, process.versions.modules, process.platform, process.arch, process.report.getReport().header.glibcVersionRuntime ?? "other"])';
const NODE = ['node', '-p', NODE_FACTS] as const;

const NODE_INPUTS = ['package.json', '.npmrc', 'patches'];

const npm: Ecosystem = {
  name: 'npm',
  locks: ['package-lock.json', 'npm-shrinkwrap.json'],
  inputs: NODE_INPUTS,
  workspaces: (lock) => keysOf(lock, 'packages').filter((key) => key !== '' && !/(?:^|\/)node_modules\//.test(key)),
  asks: [['npm', '--version'], NODE],
  way: 'generation',
  outputs: null,
  // `npm ci` refuses a lock that leaves out a package of another platform, as npm writes it where a registry has none of it.
  // What the second installs are the versions of the lock, which stays as it is.
  commands: () => [
    { argv: ['npm', 'ci', '--prefer-offline'] },
    { argv: ['npm', 'install', '--no-save', '--prefer-offline'] },
  ],
};

const pnpm: Ecosystem = {
  name: 'pnpm',
  locks: ['pnpm-lock.yaml'],
  inputs: [...NODE_INPUTS, 'pnpm-workspace.yaml', '.pnpmfile.cjs'],
  workspaces: (lock) => importersOf(lock),
  asks: [['pnpm', '--version'], NODE],
  way: 'own',
  outputs: null,
  commands: (_version, isIsolated) => {
    const env = isIsolated ? { npm_config_package_import_method: 'clone-or-copy' } : {};
    return ['--offline', '--prefer-offline'].map((how) => ({
      argv: ['pnpm', 'install', '--frozen-lockfile', how],
      env,
    }));
  },
};

const yarn: Ecosystem = {
  name: 'yarn',
  locks: ['yarn.lock'],
  inputs: [...NODE_INPUTS, '.yarnrc', '.yarnrc.yml', '.yarn/patches', '.yarn/plugins'],
  workspaces: (lock) =>
    [...lock.matchAll(/@workspace:([^",\s]+)/g)].map(([, path = '']) => path).filter((path) => path !== '.'),
  asks: [['yarn', '--version'], NODE],
  way: 'own',
  outputs: null,
  commands: (version, isIsolated) => {
    if (version.startsWith('1.')) {
      const install = ['yarn', 'install', '--frozen-lockfile', '--non-interactive'] as const;
      return [{ argv: [...install, '--offline'] }, { argv: install }];
    }
    const env: Record<string, string> = { YARN_ENABLE_TELEMETRY: '0' };
    if (!isIsolated) env['YARN_NM_MODE'] = 'hardlinks-global';
    const argv = ['yarn', 'install', '--immutable'] as const;
    return [
      { argv, env: { ...env, YARN_ENABLE_NETWORK: '0' } },
      { argv, env },
    ];
  },
};

const bun: Ecosystem = {
  name: 'bun',
  locks: ['bun.lock', 'bun.lockb'],
  inputs: [...NODE_INPUTS, 'bunfig.toml'],
  asks: [['bun', '--version']],
  way: 'own',
  outputs: null,
  commands: (_version, isIsolated) => [
    { argv: ['bun', 'install', '--frozen-lockfile', ...(isIsolated ? ['--backend=copyfile'] : [])] },
  ],
};

const uv: Ecosystem = {
  name: 'uv',
  locks: ['uv.lock'],
  inputs: ['pyproject.toml', 'uv.toml', '.python-version'],
  asks: [['uv', '--version']],
  way: 'own',
  outputs: ['.venv'],
  commands: (_version, isIsolated) => {
    const env = isIsolated ? { UV_LINK_MODE: 'copy' } : {};
    return [
      { argv: ['uv', 'sync', '--frozen', '--offline'], env },
      { argv: ['uv', 'sync', '--frozen'], env },
    ];
  },
};

/** A venv is built in its place: the programs of a copied one would change the original. */
const venv: Ecosystem = {
  name: 'venv',
  locks: ['requirements.txt'],
  inputs: ['pip.conf', 'constraints.txt', '.python-version'],
  asks: [['python3', '-c', 'import sys, sysconfig; print(sys.version, sysconfig.get_platform())']],
  way: 'own',
  outputs: ['.venv'],
  commands: () => [
    {
      argv: [
        'sh',
        '-c',
        'python3 -m venv .venv && .venv/bin/python -m pip install --disable-pip-version-check --no-input -r requirements.txt',
      ],
    },
  ],
};

const nothing = (name: string, locks: readonly string[]): Ecosystem => ({
  name,
  locks,
  inputs: [],
  asks: [],
  way: 'none',
  outputs: [],
  commands: () => [],
});

/** Of each group one is taken in a folder: the first that is there. */
export const ECOSYSTEMS: readonly (readonly Ecosystem[])[] = [
  [pnpm, yarn, bun, npm],
  [uv, venv],
  // GOMODCACHE and GOCACHE are shared by design; so are ~/.m2 and GRADLE_USER_HOME.
  [nothing('go', ['go.mod'])],
  // CARGO_HOME is shared; `target` is each worktree's own, a shared one would make builds wait for each other.
  [nothing('cargo', ['Cargo.toml'])],
  [nothing('maven', ['pom.xml'])],
  [nothing('gradle', ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'])],
];

/** Names of the files that decide an install. */
export const DECISIVE_FILES: ReadonlySet<string> = new Set(
  ECOSYSTEMS.flat().flatMap(({ locks, inputs }) => [...locks, ...inputs]),
);

function keysOf(json: string, field: string): string[] {
  try {
    const value = (JSON.parse(json) as Record<string, unknown>)[field];
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

/** `importers:` of a pnpm lock: its keys stand two blanks in. */
function importersOf(lock: string): string[] {
  const [, block = ''] = /^importers:\n((?: .*\n|\n)*)/m.exec(lock) ?? [];
  return [...block.matchAll(/^ {2}['"]?([^\s'":][^'":]*)['"]?:/gm)]
    .map(([, path = '']) => path)
    .filter((path) => path !== '.');
}
