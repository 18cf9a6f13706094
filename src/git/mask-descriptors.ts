// Owns keeping this process's open files from a program of others that it starts.
import { readdirSync } from 'node:fs';

/**
 * /dev/null over every other descriptor of this process. node-pty opens the masters of its ptys without FD_CLOEXEC, so a
 * test or an install, which runs others' code, could otherwise read the panes of other agents and type into them.
 */
export function maskOthers(): 'ignore'[] {
  const folder = process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd';
  const most = Math.max(2, ...readdirSync(folder).map(Number).filter(Number.isInteger));
  return Array.from({ length: most - 2 }, () => 'ignore');
}
