// Owns the plan of a worktree's provisioning: which steps there are, in their order, and the key of each.
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DependencySettings, SetupStep } from '../../config/schema.ts';
import { ECOSYSTEMS, type Ecosystem } from './ecosystems.ts';
import type { InstallCommand } from './install-command.ts';
import { contentHash, hashKey, npmrcText } from './key.ts';
import type { Toolchain } from './toolchain.ts';

export interface Step {
  /** `npm`, `npm:web`, `setup-1` */
  readonly id: string;
  /** Beneath the worktree; '' is the worktree itself. */
  readonly folder: string;
  readonly key: string;
  /**
   * `generation`: built once, shared. `own`: installed in each worktree, kept while it is untouched. `always`: nothing that
   * could be kept is known of it, so it is run whenever a worktree is made ready.
   */
  readonly way: 'generation' | 'own' | 'always';
  /** Beneath the worktree; null finds them. */
  readonly outputs: readonly string[] | null;
  readonly commands: readonly InstallCommand[];
  readonly check: InstallCommand | null;
  /** ms */
  readonly timeout: number;
  /** True when a worktree without it is of no use: the configuration says that work needs it. */
  readonly isRequired: boolean;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** What was found but cannot be done, a sentence each. */
  readonly problems: readonly string[];
}

/** ms; an install of 467 MiB took 35 s on a loaded machine. */
const INSTALL_TIMEOUT = 20 * 60_000;

/** Looks at a worktree: the package managers of the root and of the configured folders, then the setup commands. */
export async function planSteps(
  root: string,
  settings: { dependencies: DependencySettings; setup: readonly SetupStep[] },
  toolchain: Toolchain,
): Promise<Plan> {
  const steps: Step[] = [];
  const problems: string[] = [];
  for (const folder of settings.dependencies.folders) {
    if (!isFolderWithin(root, folder)) {
      problems.push(`dependencies.folders: ${folder} is no folder of the repository`);
      continue;
    }
    for (const ecosystem of detect(root, folder, settings.dependencies.skip)) {
      const step = await planInstall(root, folder, ecosystem, settings.dependencies, toolchain);
      if (typeof step === 'string') problems.push(step);
      else if (step !== null) steps.push(step);
    }
  }
  steps.push(...settings.setup.map((setup, index) => planSetup(root, setup, index + 1)));
  return { steps, problems };
}

/** The package managers of a folder, at most one of each kind. */
export function detect(root: string, folder: string, skip: readonly string[]): Ecosystem[] {
  return ECOSYSTEMS.flatMap((group) => {
    const there = group.filter(
      ({ name, locks }) => !skip.includes(name) && locks.some((lock) => isFile(root, folder, lock)),
    );
    const named = there.find(({ name }) => name === packageManager(root, folder));
    return named ?? there[0] ?? [];
  });
}

/** `pnpm` of `"packageManager": "pnpm@9.1.0"`; it decides where the locks of two are there. */
function packageManager(root: string, folder: string): string {
  try {
    const value = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { packageManager?: unknown };
    return String(value.packageManager ?? '').split('@')[0] ?? '';
  } catch {
    return '';
  }
}

async function planInstall(
  root: string,
  folder: string,
  ecosystem: Ecosystem,
  settings: DependencySettings,
  toolchain: Toolchain,
): Promise<Step | string | null> {
  if (ecosystem.way === 'none') return null;
  const lock = ecosystem.locks.find((name) => isFile(root, folder, name)) ?? '';
  const versions = await Promise.all(ecosystem.asks.map((argv) => toolchain.ask(argv, root, folder)));
  const missing = ecosystem.asks.find((_argv, at) => versions[at] === null);
  if (missing !== undefined) return `${join(folder, lock)} needs ${missing[0]}, which does not answer here`;
  const isIsolated = settings.share === 'copy';
  const commands = ecosystem.commands(versions[0] ?? '', isIsolated);
  const lockText = readFileSync(join(root, folder, lock), 'utf8');
  const workspaces = (ecosystem.workspaces?.(lockText) ?? []).filter((path) =>
    isFolderWithin(root, join(folder, path)),
  );
  const files = [
    lock,
    ...ecosystem.inputs,
    ...workspaces.flatMap((path) => [`${path}/package.json`, `${path}/.npmrc`]),
  ].map((path) => join(folder, path));
  const parts: Record<string, string | null> = {
    ecosystem: ecosystem.name,
    folder,
    versions: JSON.stringify(versions),
    platform: `${process.platform} ${process.arch}`,
    commands: JSON.stringify(commands),
    environment: JSON.stringify(decidingVariables()),
  };
  for (const path of [...files, ...settings.keyFiles]) parts[`file ${path}`] = contentHash(root, path);
  const own = process.env['npm_config_userconfig'] || join(process.env['HOME'] || homedir(), '.npmrc');
  parts['user npmrc'] = npmrcText(own);
  return {
    id: folder === '' ? ecosystem.name : `${ecosystem.name}:${folder}`,
    folder,
    key: hashKey(parts),
    way: ecosystem.way,
    outputs: ecosystem.outputs === null ? null : ecosystem.outputs.map((path) => join(folder, path)),
    commands,
    check: null,
    timeout: INSTALL_TIMEOUT,
    isRequired: false,
  };
}

/** Variables that change what is installed. Those that say who one is are none of them. */
function decidingVariables(): [string, string][] {
  return Object.entries(process.env)
    .filter(([name]) => name === 'NODE_ENV' || /^(?:npm_config_|pnpm_config_|YARN_|BUN_CONFIG_|UV_|PIP_)/i.test(name))
    .filter(
      ([name]) => !/auth|token|password|cache|username|userconfig|progress|prefix|loglevel|user_agent/i.test(name),
    )
    .map(([name, value]): [string, string] => [name, value ?? ''])
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

function planSetup(root: string, setup: SetupStep, number: number): Step {
  const parts: Record<string, string | null> = {
    setup: setup.run,
    outputs: JSON.stringify(setup.outputs),
    platform: `${process.platform} ${process.arch}`,
  };
  for (const path of setup.keyFiles) parts[`file ${path}`] = contentHash(root, path);
  return {
    id: `setup-${number}`,
    folder: '',
    key: hashKey(parts),
    way: setup.outputs.length === 0 ? 'always' : 'generation',
    outputs: setup.outputs.length === 0 ? [] : setup.outputs,
    commands: [{ argv: ['/bin/sh', '-c', setup.run] }],
    check: setup.check === null ? null : { argv: ['/bin/sh', '-c', setup.check] },
    timeout: setup.timeout,
    isRequired: true,
  };
}

function isFile(root: string, folder: string, name: string): boolean {
  return lstatSync(join(root, folder, name), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** True when a path is a folder of the worktree, and no part of the way to it is a link, which could lead anywhere. */
export function isFolderWithin(root: string, path: string): boolean {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || path.startsWith('/')) return false;
  return (
    parts.every((_part, at) =>
      lstatSync(join(root, ...parts.slice(0, at + 1)), { throwIfNoEntry: false })?.isDirectory(),
    ) && existsSync(root)
  );
}
