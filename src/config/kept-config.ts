// Owns the configuration as it was read last: while no file has changed, it is not parsed again, which costs an attach 130 ms.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment, operatorConfigPath, readConfigTexts } from './config-files.ts';
import { type SessionPaths, shortHash } from './paths.ts';
import type { Config } from './schema.ts';

/** What the configuration was made of, and what it was. */
interface Kept {
  readonly key: string;
  readonly config: Config;
}

/** As loadConfig. Neither the parsers nor the validators are loaded when both files are what they were. */
export async function loadKeptConfig(paths: Pick<SessionPaths, 'config'>, env: Environment): Promise<Config> {
  const texts = readConfigTexts(paths, env);
  const key = JSON.stringify([buildStamp(), paths.config, operatorConfigPath(env), texts]);
  const file = keptFile(paths.config, env);
  const kept = readKept(file);
  if (kept?.key === key) return kept.config;
  const config = (await import('./load.ts')).parseConfig(texts, paths, env);
  keep(file, { key, config });
  return config;
}

/**
 * In the operator's own cache folder, never in the repository or its git folder: agents and clones write there, and what is
 * kept decides which program is started and what is allowed.
 */
function keptFile(config: string, env: Environment): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'drover', `config-${shortHash(config)}.json`);
}

/** Another release, or another build of this one, may make another configuration out of the same texts: its files have another name or time. */
function buildStamp(): string {
  const file = fileURLToPath(import.meta.url);
  return `${file}:${statSync(file).mtimeMs}`;
}

function readKept(file: string): Kept | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch {
    return null;
  }
}

/** Only saves time: where it cannot be written, the next one parses again. */
function keep(file: string, kept: Kept): void {
  const mine = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(mine, JSON.stringify(kept), { mode: 0o600 });
    renameSync(mine, file);
  } catch {}
}
