// Owns the configuration as it was read last: while no file has changed, it is not parsed again, which costs an attach 130 ms.
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment, operatorConfigPath, readConfigTexts } from './config-files.ts';
import type { SessionPaths } from './paths.ts';
import type { Config } from './schema.ts';

/** What the configuration was made of, and what it was. */
interface Kept {
  readonly key: string;
  readonly config: Config;
}

/** The modules that make a configuration out of texts: when one of them is another, so may the configuration be. */
const MAKERS = ['load', 'file', 'file-schema', 'schema', 'duration'];

/** As loadConfig. Neither the parsers nor the validators are loaded when both files are what they were. */
export async function loadKeptConfig(
  paths: Pick<SessionPaths, 'config' | 'gitDir'>,
  env: Environment,
): Promise<Config> {
  const texts = readConfigTexts(paths, env);
  const key = JSON.stringify([makersStamp(), paths.config, operatorConfigPath(env), texts]);
  // In the git folder: a local data home lies in the working tree, where a repository could bring a file of its own.
  const file = join(paths.gitDir, 'drover', 'config.kept.json');
  const kept = readKept(file);
  if (kept?.key === key) return kept.config;
  const config = (await import('./load.ts')).parseConfig(texts, paths, env);
  keep(file, { key, config });
  return config;
}

/** Another release, or another build of this one, has files of another time or size. */
function makersStamp(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return MAKERS.map((name) => {
    const { mtimeMs, size } = statSync(fileURLToPath(new URL(`${name}.${extension}`, import.meta.url)));
    return `${mtimeMs}:${size}`;
  }).join(' ');
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
    writeFileSync(mine, JSON.stringify(kept), { mode: 0o600 });
    renameSync(mine, file);
  } catch {}
}
