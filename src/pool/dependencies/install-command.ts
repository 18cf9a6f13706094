// Owns the running of a package manager or a setup command: its own process group, a time limit, its output in a log file.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { childBase } from '../../agent/environment.ts';
import { maskOthers } from '../../git/mask-descriptors.ts';
import { endGroup, watchGroup } from '../../git/process-group.ts';

export interface InstallCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunOptions {
  readonly cwd: string;
  /** Standard output and standard error are added to it as they come. */
  readonly log: string;
  /** ms */
  readonly timeout: number;
  /** The tag by which a later server finds what this one left running. */
  readonly sessionTag: string;
  readonly signal?: AbortSignal | undefined;
}

/** ms between SIGTERM and SIGKILL. */
const GRACE = 5_000;

/** Runs a command to its end. Gives why it failed, in words; null when it did not. */
export function runInstall(command: InstallCommand, options: RunOptions): Promise<string | null> {
  mkdirSync(dirname(options.log), { recursive: true, mode: 0o700 });
  const log = openSync(options.log, 'a', 0o600);
  writeSync(log, `$ ${command.argv.join(' ')}\n`);
  const [program, ...args] = command.argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...installEnvironment(options), ...command.env },
      detached: true,
      stdio: ['ignore', log, log, ...maskOthers()],
    });
    closeSync(log);
    lower(child.pid);
    const limit = options.timeout;
    const group = watchGroup(child.pid, { limit, tooLong: `took longer than ${limit / 1000} s`, grace: GRACE });
    const onAbort = () => group.stop('was called off');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
    const settle = (why: string | null) => {
      group.done();
      // What it left in the background would go on writing into the tree.
      endGroup(child.pid, 'SIGKILL');
      options.signal?.removeEventListener('abort', onAbort);
      resolve(why);
    };
    child.once('error', (error) => settle(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      if (group.reason !== '') settle(group.reason);
      else settle(code === 0 ? null : code === null ? `was ended by ${signal}` : `exit code ${code}`);
    });
  });
}

/** The operator's environment, in which nobody is asked anything, and nothing but the install is done. */
function installEnvironment({ cwd, sessionTag }: RunOptions): Record<string, string> {
  return {
    ...childBase(process.env),
    PWD: cwd,
    CI: '1',
    TERM: 'dumb',
    GIT_TERMINAL_PROMPT: '0',
    DROVER_SESSION: sessionTag,
    // Husky writes core.hooksPath into the configuration of the user's repository.
    HUSKY: '0',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_progress: 'false',
    npm_config_update_notifier: 'false',
    COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
  };
}

/** Agents go first. */
function lower(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, 10);
  } catch {
    // It has ended already.
  }
}

/** npm's own last word, which is not about the matter. */
const POINTLESS = /^npm (?:error|ERR!)\s*$|A complete log of this run/;

/** The last line of a log file that says something, for a sentence. */
export function lastLine(log: string): string {
  try {
    const lines = stripVTControlCharacters(readFileSync(log, 'utf8')).split('\n');
    return (
      lines
        .map((line) => line.trim())
        .findLast((line) => line !== '' && !line.startsWith('$ ') && !POINTLESS.test(line))
        ?.slice(0, 200) ?? ''
    );
  } catch {
    return '';
  }
}
