// Owns the history of the command bar on disk: one file for all workspaces of an operator, in the operator's own state folder.
import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Lines that are kept. */
export const MOST_HISTORY = 500;
/** Lines beyond that before the file is written anew: a rewrite for each line would be waste. */
const SLACK = 100;
/** A longer line was pasted, and is not typed again. */
const LONGEST_LINE = 4096;

export interface HistoryFile {
  /** Oldest first, at most 500, none twice in a row. */
  readonly lines: readonly string[];
  /** Adds a line. A disk that takes none is no reason to stop: the line is then remembered in this workspace only. */
  add(line: string): void;
}

/** `$XDG_STATE_HOME/drover/history`, or below ~/.local/state; null where neither folder is known. */
export function historyPath(env: Readonly<Record<string, string | undefined>>): string | null {
  const { XDG_STATE_HOME: state, HOME: home } = env;
  if (!state && !home) return null;
  return join(state || join(home ?? '', '.local', 'state'), 'drover', 'history');
}

/** Reads the history. Controls that somebody wrote into the file are cut; what cannot be read is an empty history. Without a path nothing is kept. */
export function openHistory(path: string | null): HistoryFile {
  if (path === null) return { lines: [], add: () => undefined };
  const raw = read(path);
  const lines = tidy(raw);
  if (raw.length > MOST_HISTORY + SLACK) rewrite(path, lines);
  return { lines, add: (line) => append(path, line) };
}

/** A history with one more line: none twice in a row, the oldest ones gone. */
export function withLine(history: readonly string[], line: string): string[] {
  return (history.at(-1) === line ? [...history] : [...history, line]).slice(-MOST_HISTORY);
}

function read(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function tidy(raw: readonly string[]): string[] {
  let lines: string[] = [];
  for (const entry of raw) {
    const line = entry.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
    if (line !== '' && line.length <= LONGEST_LINE && lines.at(-1) !== line) lines.push(line);
  }
  lines = lines.slice(-MOST_HISTORY);
  return lines;
}

/** One write at the file's end, so that workspaces side by side lose no line of each other. */
function append(path: string, line: string): void {
  if (line.length > LONGEST_LINE) return;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, `${line}\n`, { mode: 0o600 });
    // One that another umask or another program made wider is narrowed: it may hold what was typed by mistake.
    chmodSync(path, 0o600);
  } catch {
    // See HistoryFile.add.
  }
}

function rewrite(path: string, lines: readonly string[]): void {
  try {
    const mine = `${path}.${process.pid}`;
    writeFileSync(mine, `${lines.join('\n')}\n`, { mode: 0o600 });
    renameSync(mine, path);
  } catch {
    // The long file does its work too.
  }
}
