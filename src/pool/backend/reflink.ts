// Owns the copy of a tree whose files share their blocks with the original, and the index that fits the copy.
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

/** Copies a folder to a path where nothing is; every file shares its blocks. Throws with what cp(1) says where that isn't to be had. */
export async function cloneTree(from: string, to: string): Promise<void> {
  const { execa } = await import('execa');
  await execa('cp', ['-a', '--reflink=always', '-T', '--', from, to], { stdin: 'ignore' });
}

/** Files between two turns of the event loop. */
const AT_ONCE = 250;

/** Bytes of an entry before its name, without the object id: gitformat-index(5). */
const [CTIME, DEVICE, MODE, SIZE, ID] = [0, 16, 24, 36, 40];

/**
 * Writes the index of `from` to `to`, made to fit a copy of its tree at `tree`: a copy has other inode numbers and change
 * times, and by them git would read every file again (10 s for 60,000). Only an entry whose file has the size, the time
 * and the mode of the original is made to fit; git looks at the others. False for an index that isn't of version 2 or 3.
 */
export async function fitIndex(from: string, to: string, tree: string, idBytes: number): Promise<boolean> {
  const bytes = readFileSync(from);
  if (bytes.toString('latin1', 0, 4) !== 'DIRC' || ![2, 3].includes(bytes.readUInt32BE(4))) return false;
  const count = bytes.readUInt32BE(8);
  let at = 12;
  for (let number = 0; number < count; number += 1) {
    if (number % AT_ONCE === AT_ONCE - 1) await turn();
    const isExtended = (bytes.readUInt16BE(at + ID + idBytes) & 0x4000) !== 0;
    const nameAt = at + ID + idBytes + (isExtended ? 4 : 2);
    const end = bytes.indexOf(0, nameAt);
    fitEntry(bytes, at, Buffer.concat([Buffer.from(`${tree}/`), bytes.subarray(nameAt, end)]));
    // One to eight NULs, up to a multiple of eight.
    at += (((end - at) >> 3) + 1) * 8;
  }
  const body = bytes.subarray(0, bytes.length - idBytes);
  const sum = createHash(idBytes === 32 ? 'sha256' : 'sha1')
    .update(body)
    .digest();
  writeFileSync(to, Buffer.concat([body, sum]));
  return true;
}

function fitEntry(bytes: Buffer, at: number, path: Buffer): void {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  if (stat === undefined) return;
  const low = (value: bigint) => Number(BigInt.asUintN(32, value));
  const second = 1_000_000_000n;
  const isSame =
    bytes.readUInt32BE(at + CTIME + 8) === low(stat.mtimeNs / second) &&
    bytes.readUInt32BE(at + CTIME + 12) === low(stat.mtimeNs % second) &&
    bytes.readUInt32BE(at + SIZE) === low(stat.size) &&
    bytes.readUInt32BE(at + MODE) === gitMode(Number(stat.mode));
  if (!isSame) return;
  bytes.writeUInt32BE(low(stat.ctimeNs / second), at + CTIME);
  bytes.writeUInt32BE(low(stat.ctimeNs % second), at + CTIME + 4);
  bytes.writeUInt32BE(low(stat.dev), at + DEVICE);
  bytes.writeUInt32BE(low(stat.ino), at + DEVICE + 4);
}

/** As git writes it down: 100644, 100755 or 120000, octal. */
function gitMode(mode: number): number {
  if ((mode & 0o170000) === 0o120000) return 0o120000;
  return (mode & 0o100) === 0 ? 0o100644 : 0o100755;
}
