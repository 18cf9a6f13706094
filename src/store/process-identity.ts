// Owns telling one process from a later one with the same pid.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, written down for others to find. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own words; empty when the system doesn't say. */
  readonly started: string;
}

/** When the process started; null when there is none. Linux: boot id and clock ticks; elsewhere what ps prints. */
export function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything; the start time is field 22, the 20th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie holds nothing any more.
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${fields[19] ?? ''}`;
  } catch {
    return process.platform === 'linux' ? null : startByPs(pid);
  }
}

function startByPs(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

/** The identity in a file's text; null when there is none, as in one that a power cut left empty. */
export function parseIdentity(text: string): ProcessIdentity | null {
  try {
    const { pid, started } = JSON.parse(text) as Record<string, unknown>;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : null;
  } catch {
    return null;
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return startOf(identity.pid) === identity.started;
}
