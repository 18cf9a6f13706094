// Owns the finding and ending of processes that outlived their agent: a shell tool has its own session and survives it.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A variable that childEnvironment gave to every process of a session or of a run. */
export interface Tag {
  readonly name: 'DROVER_SESSION' | 'DROVER_RUN';
  readonly value: string;
}

/** ms between two looks at whether a process has gone. */
const POLL = 20;

/**
 * The processes whose environment (as it was at their start) holds exactly the tag, without this process. On Linux from
 * /proc, elsewhere as well as `ps` shows it. Processes of other users are not seen.
 */
export async function findProcesses(tag: Tag): Promise<number[]> {
  const found = process.platform === 'linux' ? scanProc(tag) : await scanPs(tag);
  return found.filter((pid) => pid !== process.pid);
}

function scanProc(tag: Tag): number[] {
  const entry = Buffer.from(`\0${tag.name}=${tag.value}\0`);
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const environ = readFileSync(`/proc/${pid}/environ`);
      return Buffer.concat([Buffer.from('\0'), environ, Buffer.from('\0')]).includes(entry);
    } catch {
      // Gone meanwhile, or another user's.
      return false;
    }
  });
}

/** `ps eww` prints the environment behind the command, separated by blanks: a value with blanks cannot be told apart, ours have none. */
async function scanPs(tag: Tag): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['eww', '-ax', '-o', 'pid=,command='], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const entry = ` ${tag.name}=${tag.value} `;
  return stdout
    .split('\n')
    .filter((line) => `${line} `.includes(entry))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid > 0);
}

interface Stat {
  readonly parent: number;
  readonly isZombie: boolean;
  /** Tells a process from a later one of the same number; empty when it is not known. */
  readonly startedAt: string;
}

/** From /proc/<pid>/stat; the command in brackets may hold anything, so fields are counted from its last bracket. Null when there is none. */
function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { isZombie: fields[0] === 'Z' || fields[0] === 'X', parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return null;
  }
}

/** This process and all above it. */
function ownLine(): Set<number> {
  const line = new Set([process.pid, process.ppid, 1]);
  for (let at = statOf(process.ppid)?.parent; at !== undefined && at > 1 && !line.has(at); at = statOf(at)?.parent) {
    line.add(at);
  }
  return line;
}

function isAlive(pid: number, startedAt: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and is not ours.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  if (process.platform !== 'linux') return true;
  const stat = statOf(pid);
  // A zombie does nothing more; in a container nobody may ever collect it.
  return stat !== null && !stat.isZombie && stat.startedAt === startedAt;
}

function signalAll(targets: ReadonlyMap<number, string>, signal: NodeJS.Signals): void {
  for (const [pid, startedAt] of targets) {
    if (!isAlive(pid, startedAt)) continue;
    try {
      process.kill(pid, signal);
    } catch {
      // It went by itself, or is not ours to end: the wait that follows shows which.
    }
  }
}

async function waitGone(targets: ReadonlyMap<number, string>, ms: number): Promise<number[]> {
  const end = performance.now() + ms;
  for (;;) {
    const alive = [...targets].filter(([pid, startedAt]) => isAlive(pid, startedAt)).map(([pid]) => pid);
    if (alive.length === 0 || performance.now() >= end) return alive;
    await sleep(POLL);
  }
}

/** ms after SIGKILL; only a process that hangs in the kernel takes longer. */
const KILL_WAIT = 5000;

/**
 * Ends processes: SIGTERM, after `graceMs` SIGKILL, and waits until they are gone. Never this process or one above it,
 * never another that took the number meanwhile. Gives those that are still there.
 */
export async function endProcesses(pids: readonly number[], options: { graceMs: number }): Promise<number[]> {
  const own = ownLine();
  const targets = new Map<number, string>();
  for (const pid of pids) {
    if (pid > 1 && !own.has(pid)) targets.set(pid, statOf(pid)?.startedAt ?? '');
  }
  signalAll(targets, 'SIGTERM');
  const patient = await waitGone(targets, options.graceMs);
  if (patient.length === 0) return [];
  signalAll(targets, 'SIGKILL');
  return waitGone(targets, KILL_WAIT);
}

/** Rounds; a process may fork while the others end. */
const ROUNDS = 5;

/** Finds and ends everything with a tag until nothing is found any more. Gives how many were ended and what is still there. */
export async function endTagged(tag: Tag, options: { graceMs: number }): Promise<{ ended: number; left: number[] }> {
  let ended = 0;
  let left: number[] = [];
  const own = ownLine();
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = (await findProcesses(tag)).filter((pid) => !own.has(pid));
    if (found.length === 0) return { ended, left: [] };
    left = await endProcesses(found, options);
    ended += found.length - left.length;
    if (left.length > 0) break;
  }
  return { ended, left };
}
