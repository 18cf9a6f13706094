// Owns where the files of the configuration are, and their texts. Loads no parser, because an attach waits for it.
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { shellQuote } from '../domain/quote.ts';
import { refuse } from '../domain/refusal.ts';
import type { SessionPaths } from './paths.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `${XDG_CONFIG_HOME:-~/.config}/drover/config.yaml` */
export function operatorConfigPath(env: Environment): string {
  return join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'drover', 'config.yaml');
}

/** True when somebody has run `drover init` here, or cloned a repository where it was run. */
export function hasConfig(paths: Pick<SessionPaths, 'config'>): boolean {
  return existsSync(paths.config) && statSync(paths.config).isFile();
}

/** What to type to mend a file, at a line if one is known: vi, emacs, nano and most others take `+line`. */
export function editCommand(path: string, line?: number): string {
  return `\${EDITOR:-vi} ${line === undefined ? '' : `+${line} `}${shellQuote(path)}`;
}

/** Bytes; a file of ours has a few thousand. */
const LARGEST = 256 * 1024;

/** The text of a regular file of at most 256 KiB; null when there is none. A link to a device or a pipe would hang the reader: refused. */
export function readSmallFile(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    return refuse('bad-config', `${path} cannot be read (${String(code)})`, `ls -ld ${shellQuote(path)}`);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile())
      refuse('bad-config', `${path} is not a file`, `mv ${shellQuote(path)} ${shellQuote(`${path}.old`)}`);
    if (stat.size > LARGEST)
      refuse('bad-config', `${path} has ${stat.size} bytes; at most ${LARGEST} are read`, editCommand(path));
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** The texts of both files; null for one that does not exist, which says nothing. */
export interface ConfigTexts {
  readonly repository: string | null;
  readonly operator: string | null;
}

/** Both texts as they are now. Refuses as readSmallFile does. */
export function readConfigTexts(paths: Pick<SessionPaths, 'config'>, env: Environment): ConfigTexts {
  return { repository: readSmallFile(paths.config), operator: readSmallFile(operatorConfigPath(env)) };
}

/** The paths of the files that say something else than `before`; one that cannot be read any more does too. */
export function changedConfigFiles(
  before: ConfigTexts,
  paths: Pick<SessionPaths, 'config'>,
  env: Environment,
): string[] {
  const files = [
    [paths.config, before.repository],
    [operatorConfigPath(env), before.operator],
  ] as const;
  return files.flatMap(([path, text]) => (hasText(path, text) ? [] : [path]));
}

function hasText(path: string, text: string | null): boolean {
  try {
    return readSmallFile(path) === text;
  } catch {
    return false;
  }
}
