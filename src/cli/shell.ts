// Owns what a verb sees of the process it runs in: words in, text out, terminals, signals. Tests give another one.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Client } from '../client/client.ts';
import type { CommandRunner } from '../client/command-line.ts';
import type { Paint } from '../client/verb.ts';
import type { Operator } from '../config/operator.ts';
import type { SessionPaths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { shellQuote } from '../domain/quote.ts';
import { refuse } from '../domain/refusal.ts';
import type { TaskType } from '../domain/task.ts';
import { choosePaint } from './render.ts';

/** What the shell borrows from other parts of the program; main.ts brings them, loaded when they are used. */
export interface Roles {
  /** Makes a workspace, which takes a while; nothing of it is seen before it is shown. */
  prepareWorkspace(options: WorkspaceOptions): Promise<PreparedWorkspace>;
  /** The names of all layouts and themes, and the files with mistakes; the homes as in WorkspaceOptions. */
  looks(homes: readonly string[]): Promise<Looks>;
  /** What the workspace would complain of when it is opened: bindings, layouts, themes. `path` is the file to mend, null for the configuration. */
  settingsMistakes(config: Config, homes: readonly string[]): Promise<{ message: string; path: string | null }[]>;
  /** Makes the sample repository in an empty folder, and says which tasks to queue there. */
  createDemoRepository(folder: string): Promise<DemoRepository>;
  /** Serves an agent's tools on standard input and output; the exit code. */
  runMcpServer(): Promise<number>;
}

interface Looks {
  readonly layout: readonly string[];
  readonly theme: readonly string[];
  readonly mistakes: readonly { readonly path: string; readonly problem: string }[];
}

interface WorkspaceOptions {
  readonly config: Config;
  readonly operator: string;
  readonly readOnly: boolean;
  /** Folders with `layouts/` and `themes/` of one's own; the later one wins. */
  readonly homes?: readonly string[];
  /** Where the look of the operator's windows is kept; absent where nothing is. */
  readonly dataHome?: string;
  readonly commandRunner: CommandRunner;
  /** `isOrderly` when the server said good-bye: then it was stopped on purpose. */
  readonly reconnect: (lost: { isOrderly: boolean }) => Promise<Client>;
}

export interface PreparedWorkspace {
  /** Shows it, once, until the operator detaches; resolves with how it ended. `client` said hello for it. */
  show(client: Client): Promise<WorkspaceEnd>;
}

export interface WorkspaceEnd {
  readonly reason: 'detached' | 'server-closed' | 'hangup' | 'interrupted' | 'quit' | 'terminated';
  /** For a person; empty when there is nothing to say. */
  readonly message: string;
}

export interface DemoRepository {
  readonly root: string;
  readonly tasks: readonly DemoTask[];
}

export interface DemoTask {
  /** By which `blockedBy` of other tasks names it. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
  /** The title of its epic. */
  readonly epic: string;
  readonly blockedBy: readonly string[];
  readonly type?: TaskType;
  readonly priority?: number;
  readonly testCommand?: string;
  /** What its agent is told beside it. */
  readonly hint?: string;
}

export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** What a person types to call this program again: `drover` when it was called so, else node and the path of the program. */
  readonly program: string;
  /** Terminal columns; Infinity without a terminal: nothing is cut or broken in a pipe. */
  readonly width: number;
  readonly paint: Paint;
  readonly paintError: Paint;
  /** True when a person sits at both ends, at a terminal that can be drawn on. */
  readonly isInteractive: boolean;
  write(text: string): void;
  writeError(text: string): void;
  /** A text file, or standard input for `-`. */
  readText(path: string): Promise<string>;
  /** Standard input, line by line as they come. */
  readLines(): AsyncIterable<string>;
  /** Calls back on SIGINT and SIGTERM; the answer takes the listener away. */
  onInterrupt(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  readonly roles: Roles;
}

/** What every verb gets beside its input. */
export interface VerbScope {
  readonly shell: Shell;
  readonly session: ShellSession;
  readonly isJson: boolean;
  /** `--as`, for a session on another repository. */
  readonly as?: string;
  /** True in the command bar: there is no terminal to take. */
  readonly isBar: boolean;
  /** A runner for the workspace's command bar, acting as the same operator on the repository of that folder. */
  readonly commandRunner: (folder: string, options?: { isReadOnly: boolean }) => CommandRunner;
}

export interface ShellSession {
  /** The repository of this shell; refuses outside of one, and where Drover has not been set up. */
  paths(): SessionPaths;
  operator(): Promise<Operator>;
  config(): Promise<Config>;
  /** `startServer` is true unless told; `isReadOnly` is the session's own unless told; `ofAnyVersion`: to ask a server how it is and to stop it. */
  connect(
    kind: 'cli' | 'tui' | 'linear',
    options?: { startServer?: boolean; isReadOnly?: boolean; ofAnyVersion?: boolean },
  ): Promise<Client>;
}

/** Bytes; a description is at most 64 KiB, and the server says so in its own words. */
const LARGEST_TEXT = 1024 * 1024;

/** The working folder; where it was deleted, the place that it had, which names it in the refusal. */
function currentFolder(env: NodeJS.ProcessEnv): string {
  try {
    return process.cwd();
  } catch {
    return env['PWD'] || '/';
  }
}

/** `drover` where a link of that name led here; else it may not be on the PATH at all. */
function callOf(script = ''): string {
  if (basename(script) === 'drover') return 'drover';
  return `node ${/^[\w./-]+$/.test(script) ? script : shellQuote(script)}`;
}

/** The process's own shell. */
export function processShell(roles: Roles): Shell {
  const { stdin, stdout, stderr, env } = process;
  return {
    env,
    folder: currentFolder(env),
    program: callOf(process.argv[1]),
    // 0 where a terminal does not know its size.
    width: stdout.columns || Number.POSITIVE_INFINITY,
    paint: choosePaint(stdout, env),
    paintError: choosePaint(stderr, env),
    isInteractive: stdin.isTTY === true && stdout.isTTY === true && env['TERM'] !== 'dumb',
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    readText: (path) => (path === '-' ? readStandardInput() : readTextFile(path)),
    readLines: () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY, terminal: false }),
    onInterrupt: (listener) => {
      process.on('SIGINT', listener).on('SIGTERM', listener);
      return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
    },
    roles,
  };
}

async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return refuse('bad-params', `${path} cannot be read (${code})`);
  }
}

async function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY)
    refuse('bad-params', 'standard input is a terminal; pipe the description into it, or use --description');
  const chunks: Buffer[] = [];
  let size = 0;
  process.stdin.on('data', (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size > LARGEST_TEXT) process.stdin.destroy();
  });
  await once(process.stdin, 'close');
  if (size > LARGEST_TEXT) refuse('too-large', `standard input has more than ${LARGEST_TEXT} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}
