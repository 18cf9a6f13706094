// Owns what the tools do: reading, changing and writing files, and running shell commands.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ADDED, BAD, type Block, dim, FAINT, line, REMOVED } from './block.ts';
import { Interrupted } from './pace.ts';
import type { Change } from './script.ts';

export interface ToolResult {
  /** What a model would read. */
  readonly text: string;
  readonly isError: boolean;
  /** What a person sees below the call. */
  readonly shown: readonly Block[];
}

/** Lines of output and of a change that are shown; the rest is counted. */
const SHOWN_OUTPUT = 6;
const SHOWN_CHANGE = 14;
/** Characters of a command's output that are kept, from its end; Claude Code keeps as many. */
const MOST_OUTPUT = 30_000;
/** ms after a command's exit in which what it wrote is read to the end. */
const PIPE_PATIENCE = 300;

const result = (text: string, isError: boolean, shown: readonly Block[]): ToolResult => ({ text, isError, shown });

/** A line that hangs below a call. */
export function hanging(text: string, style = FAINT): Block {
  return { ...line(text, style), prefix: '  ⎿  ', prefixStyle: FAINT, isCode: true };
}

/** A failure, told to both. */
export function failure(text: string): ToolResult {
  return result(text, true, [hanging(`Error: ${text.split('\n')[0] ?? ''}`, BAD)]);
}

export function readTool(file: string, cwd: string): ToolResult {
  try {
    const text = readFileSync(resolve(cwd, file), 'utf8');
    const count = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    return result(text, false, [hanging(`Read ${plural(count, 'line')}`)]);
  } catch (error) {
    return failure(reasonOf(error));
  }
}

/** The file's text after a change. An append or a replacement that is there already is not made again: a step may be played twice. Throws when the text to find is not there. */
export function changeText(before: string | null, change: Change): string {
  if ('content' in change) return change.content;
  const text = before ?? '';
  if ('append' in change) {
    const glue = text === '' || text.endsWith('\n') ? '' : '\n';
    return text.endsWith(change.append) ? text : text + glue + change.append;
  }
  if (text.includes(change.find)) return text.replace(change.find, () => change.replace);
  if (before !== null && change.replace !== '' && text.includes(change.replace)) return text;
  throw new Error('the text to replace is not in the file');
}

export function editTool(file: string, change: Change, cwd: string): ToolResult {
  const path = resolve(cwd, file);
  try {
    const before = readIfThere(path);
    const after = changeText(before, change);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, after);
    return result(`The file ${file} has been updated.`, false, showChange(before, after));
  } catch (error) {
    return failure(reasonOf(error));
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** What changed between the common beginning and the common end, with line numbers and one line around. */
export function showChange(before: string | null, after: string): Block[] {
  const old = before === null || before === '' ? [] : before.replace(/\n$/, '').split('\n');
  const fresh = after.replace(/\n$/, '').split('\n');
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < fresh.length - start && old.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  const removed = old.slice(start, old.length - end);
  const added = fresh.slice(start, fresh.length - end);
  const head = before === null ? `Wrote ${plural(added.length, 'line')}` : summary(added.length, removed.length);
  const number = (index: number): string => `${String(index + 1).padStart(8)} `;
  const rows: Block[] = [
    ...fresh.slice(Math.max(0, start - 1), start).map((text) => dim(`${number(start - 1)}  ${text}`)),
    ...removed.map((text, index) => ({ ...line(`${number(start + index)}- ${text}`, REMOVED), isFilled: true })),
    ...added.map((text, index) => ({ ...line(`${number(start + index)}+ ${text}`, ADDED), isFilled: true })),
  ].map((block) => ({ ...block, isCode: true }));
  const rest = rows.length - SHOWN_CHANGE;
  return [
    hanging(head),
    ...rows.slice(0, SHOWN_CHANGE),
    ...(rest > 0 ? [dim(`         … +${plural(rest, 'line')}`)] : []),
  ];
}

function summary(added: number, removed: number): string {
  if (added === 0 && removed === 0) return 'No change: it is there already';
  return `Added ${plural(added, 'line')}, removed ${plural(removed, 'line')}`;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs a command by /bin/sh in a process group of its own; an interrupt kills the group. */
export function bashTool(command: string, cwd: string, signal: AbortSignal): Promise<ToolResult> {
  return new Promise((resolvePromise, reject) => {
    const child = spawn('/bin/sh', ['-c', command], { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-MOST_OUTPUT);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const kill = (): void => {
      killGroup(child.pid);
      reject(new Interrupted());
    };
    if (signal.aborted) kill();
    signal.addEventListener('abort', kill, { once: true });
    child.on('error', (error) => resolvePromise(failure(error.message)));
    child.on('exit', (code, killedBy) => {
      signal.removeEventListener('abort', kill);
      // A child that it left in the background may hold the pipe for ever.
      const patience = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, PIPE_PATIENCE);
      child.on('close', () => {
        clearTimeout(patience);
        resolvePromise(shellResult(output, code, killedBy));
      });
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself at the same moment.
  }
}

function shellResult(output: string, code: number | null, killedBy: string | null): ToolResult {
  const text = output.trimEnd();
  const how = code === null ? `Ended by ${killedBy}` : `Exit code ${code}`;
  const isError = code !== 0;
  const lines = text === '' ? [] : text.split('\n');
  const shown = isError ? lines.slice(-SHOWN_OUTPUT) : lines.slice(0, SHOWN_OUTPUT);
  const rest = lines.length - shown.length;
  const rows = [
    ...(isError ? [how] : []),
    ...shown,
    ...(rest > 0 ? [`… +${plural(rest, 'line')}`] : []),
    ...(lines.length === 0 && !isError ? ['(no output)'] : []),
  ];
  const blocks = rows.map((row, index) => {
    const style = isError && index === 0 ? BAD : FAINT;
    return index === 0 ? hanging(row, style) : { ...line(row, style), prefix: '     ', isCode: true };
  });
  return result(isError ? `${how}\n${text}` : text, isError, blocks);
}

/** Starts a command in a session of its own and leaves it running. */
export function leaveRunning(command: string, cwd: string): ToolResult {
  const child = spawn('/bin/sh', ['-c', command], { cwd, detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
  return result(`Running in the background as process ${child.pid}`, false, [
    hanging(`Running in the background (process ${child.pid})`),
  ]);
}
