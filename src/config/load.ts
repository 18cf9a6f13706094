// Owns the configuration as it holds: the repository's file and the operator's own, merged over the defaults.
import { type ConfigTexts, type Environment, operatorConfigPath, readConfigTexts } from './config-files.ts';
import { parseConfigFile, refuseKey } from './file.ts';
import type { ConfigFile } from './file-schema.ts';
import type { SessionPaths } from './paths.ts';
import { type Config, DEFAULT_CONFIG } from './schema.ts';

/** The configuration of a session. Refuses with `bad-config`, naming file, line and key; a missing file says nothing. */
export function loadConfig(paths: Pick<SessionPaths, 'config'>, env: Environment): Config {
  return parseConfig(readConfigTexts(paths, env), paths, env);
}

/** The configuration that these texts of its files are. Refuses as loadConfig does. */
export function parseConfig(texts: ConfigTexts, paths: Pick<SessionPaths, 'config'>, env: Environment): Config {
  const repository = readConfigFile(texts.repository, paths.config, 'repository');
  const operator = readConfigFile(texts.operator, operatorConfigPath(env), 'operator');
  requirePoolBounds(operator, repository);
  return mergeConfig(repository.values, operator.values);
}

/** A file with what it says. */
interface ReadFile {
  readonly path: string;
  readonly text: string;
  readonly values: ConfigFile;
}

function readConfigFile(text: string | null, path: string, owner: 'repository' | 'operator'): ReadFile {
  return { path, text: text ?? '', values: text === null ? {} : parseConfigFile(text, path, owner) };
}

/** Nobody who says both a least and a most means that one of them is passed over. `files`: the one whose word holds first. */
function requirePoolBounds(...files: readonly ReadFile[]): void {
  const ofMin = files.find(({ values }) => values.pool?.min !== undefined);
  const ofSize = files.find(({ values }) => values.pool?.size !== undefined);
  const min = ofMin?.values.pool?.min ?? 0;
  const size = ofSize?.values.pool?.size ?? DEFAULT_CONFIG.pool.size;
  if (ofMin === undefined || min <= size) return;
  const where = ofSize === ofMin ? '' : ofSize === undefined ? ', the default' : `, in ${ofSize.path}`;
  refuseKey(
    ofMin,
    ['pool', 'min'],
    `pool.min is ${min}, and pool.size is ${size}${where}: the least of all worktrees cannot be more than the most; write pool: { size: ${min}, min: ${min} } or pool: { size: ${size}, min: ${size} }`,
  );
}

/**
 * Defaults, then both files. What the project is (baseBranch, test, times, retry, sync) the repository decides; how the operator
 * works (agent, workers, pool, claude, scrollback, layout, theme) the operator's file decides where both speak. Permissions: `claude.deny` is
 * the sum, and of each `policy` the stricter holds.
 */
export function mergeConfig(repository: ConfigFile, operator: ConfigFile): Config {
  const project = { ...operator, ...repository };
  const personal = { ...repository, ...operator };
  const base = DEFAULT_CONFIG;
  return {
    baseBranch: project.baseBranch ?? base.baseBranch,
    workers: personal.workers ?? base.workers,
    agent: personal.agent ?? base.agent,
    test: project.test ?? base.test,
    testTimeout: project.testTimeout ?? base.testTimeout,
    dependencies: dependenciesOf(project.dependencies, base.dependencies),
    setup: project.setup ?? base.setup,
    copy: project.copy ?? base.copy,
    taskTimeout: project.taskTimeout ?? base.taskTimeout,
    pauseGrace: project.pauseGrace ?? base.pauseGrace,
    pool: poolOf({ ...filled(repository.pool), ...filled(operator.pool) }, base.pool),
    retry: { ...base.retry, ...filled(operator.retry), ...filled(repository.retry) },
    apiRetry: { ...base.apiRetry, ...filled(repository.apiRetry), ...filled(operator.apiRetry) },
    subtasks: {
      ...base.subtasks,
      ...filled(operator.subtasks),
      ...filled(repository.subtasks),
      maxTokens: least(operator.subtasks?.maxTokens, repository.subtasks?.maxTokens),
      maxCost: least(operator.subtasks?.maxCost, repository.subtasks?.maxCost),
    },
    sync: { ...base.sync, ...filled(operator.sync), ...filled(repository.sync) },
    claude: {
      ...base.claude,
      ...filled(repository.claude),
      ...filled(operator.claude),
      deny: [...new Set([...(operator.claude?.deny ?? []), ...(repository.claude?.deny ?? [])])],
    },
    policy: {
      insideWorktree: isSet('insideWorktree', 'ask', repository, operator) ? 'ask' : 'allow',
      outsideWorktree: isSet('outsideWorktree', 'deny', repository, operator) ? 'deny' : 'ask',
    },
    command: { argv: operator.command?.argv ?? base.command.argv },
    keys: { ...base.keys, ...filled(operator.keys) },
    notify: operator.notify ?? base.notify,
    title: operator.title ?? base.title,
    scrollback: personal.scrollback ?? base.scrollback,
    copyMode: operator.copyMode ?? base.copyMode,
    copyCommand: operator.copyCommand ?? base.copyCommand,
    copyOnSelect: operator.copyOnSelect ?? base.copyOnSelect,
    layout: personal.layout ?? base.layout,
    theme: personal.theme ?? base.theme,
    motion: operator.motion ?? base.motion,
  };
}

/** What is spent is the operator's: a repository can only lower a cap. */
function least(...caps: (number | null | undefined)[]): number | null {
  const set = caps.filter((cap) => cap !== null && cap !== undefined);
  return set.length === 0 ? null : Math.min(...set);
}

/** A size that is below the least that is kept by default lowers that, too. */
function poolOf(said: Partial<Config['pool']>, base: Config['pool']): Config['pool'] {
  const pool = { ...base, ...said };
  return { ...pool, min: Math.min(pool.min, pool.size) };
}

function dependenciesOf(said: ConfigFile['dependencies'], base: Config['dependencies']): Config['dependencies'] {
  if (said === undefined || said === 'auto') return base;
  return said === 'none' ? { ...base, folders: [] } : { ...base, ...filled(said) };
}

function isSet(key: 'insideWorktree' | 'outsideWorktree', strict: 'ask' | 'deny', ...files: ConfigFile[]): boolean {
  return files.some((file) => file.policy?.[key] === strict);
}

/** Without the keys that are undefined, so that spreading it never empties a default. */
function filled<T extends object>(part: T | undefined): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(part ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
