// Owns mounting: what is mounted beneath a folder, an overlay put there, and taken away for certain.
import { existsSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';

interface Mount {
  readonly point: string;
  /** `overlay`, `ext4`… */
  readonly type: string;
  /** As they were given: relative names stay relative. */
  readonly options: readonly string[];
}

const TABLE = '/proc/self/mountinfo';

/** The mounts at or beneath a folder (an absolute path without symbolic links), oldest first; none where the system has no mount table. */
export function mountsBeneath(folder: string): Mount[] {
  if (!existsSync(TABLE)) return [];
  const mounts = readFileSync(TABLE, 'utf8').split('\n').flatMap(parseLine);
  return mounts.filter(({ point }) => point === folder || point.startsWith(folder + sep));
}

/** True when the newest mount at a point was made with an option. */
export function isMounted(point: string, option: string): boolean {
  const mount = mountsBeneath(point).findLast((each) => each.point === point);
  return mount?.options.includes(option) ?? false;
}

/** `id parent major:minor root POINT options [tags] - TYPE source OPTIONS`, proc_pid_mountinfo(5). */
function parseLine(line: string): Mount[] {
  const [front = '', back = ''] = line.split(' - ');
  const point = front.split(' ')[4];
  const [type, , options] = back.split(' ');
  if (point === undefined || type === undefined || options === undefined) return [];
  return [{ point: plain(point), type, options: plain(options).split(',') }];
}

/** Spaces and the like are written as `\040`. */
function plain(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return text.includes('\\') ? Buffer.from(bytes, 'latin1').toString('utf8') : text;
}

/** The parts of an overlay, relative to `home`, so that no character of a path can end an option. */
interface OverlayParts {
  readonly home: string;
  /** What is seen and never changed, the upper ones first, with `:` between. It must not change while it is mounted. */
  readonly lower: string;
  /** Where changes go. It and `work` are on one file system. */
  readonly upper: string;
  readonly work: string;
}

/**
 * Mounts an overlay. `redirect_dir` lets a folder of the lower tree be renamed, which is EXDEV without it. Throws with what
 * mount(8) says.
 */
export async function mountOverlay(point: string, { home, lower, upper, work }: OverlayParts): Promise<void> {
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},redirect_dir=on`;
  const { execa } = await import('execa');
  await execa('mount', ['-i', '-t', 'overlay', '-o', options, '--', 'drover', point], { cwd: home, stdin: 'ignore' });
}

/**
 * Takes away all that is mounted at or beneath a folder, the newest first. What somebody still works in (an editor, a
 * shell) goes out of sight at once and ends with its last user.
 */
export async function unmountBeneath(folder: string): Promise<void> {
  const { execa } = await import('execa');
  for (const { point } of mountsBeneath(folder).reverse()) {
    const { failed } = await execa('umount', ['-i', '--', point], { reject: false, stdio: 'ignore' });
    if (failed) await execa('umount', ['-i', '-l', '--', point], { stdin: 'ignore' });
  }
}
