// Owns the subvolumes of btrfs: made, snapshot and removed by any user, on the folders that are theirs.
async function btrfs(...args: string[]): Promise<void> {
  const { execa } = await import('execa');
  await execa('btrfs', args, { stdin: 'ignore' });
}

/** Makes an empty subvolume at a path where nothing is. */
export async function createSubvolume(path: string): Promise<void> {
  await btrfs('subvolume', 'create', '--', path);
}

/** Makes a writable subvolume with all that `from` holds; inode numbers and times are the same. */
export async function snapshot(from: string, to: string): Promise<void> {
  await btrfs('subvolume', 'snapshot', '--', from, to);
}

/** Drops a subvolume in one step, which takes root as a rule; whatever is left can be removed as a folder is (Linux 4.18). */
export async function dropSubvolume(path: string): Promise<void> {
  await btrfs('subvolume', 'delete', '--', path).catch(() => undefined);
}
