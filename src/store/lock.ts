// Owns the lock that keeps a second server off a store: flock where there is one, else files made by link().
import { spawn } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { link, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { refuse } from '../domain/refusal.ts';
import { errorCode } from './file-layer.ts';
import { isAlive, type ProcessIdentity, parseIdentity, startOf } from './process-identity.ts';

export interface StoreLock {
  /** Gives the lock up. The end of the process does the same. */
  release(): void;
}

/**
 * Takes the lock for the process `pid` (the caller's own). Refuses `store-locked`, naming the pid of the holder.
 * The lock file stays; it holds nothing but the last holder's identity.
 */
export async function lockStore(lockFile: string, pid: number): Promise<StoreLock> {
  mkdirSync(dirname(lockFile), { recursive: true, mode: 0o700 });
  const self: ProcessIdentity = { pid, started: startOf(pid) ?? '' };
  // A bare descriptor: a FileHandle that nobody holds would be closed by the garbage collector, and the lock with it.
  const fd = openSync(lockFile, 'a+', 0o600);
  try {
    const answer = await flock(fd);
    if (answer === 'taken') return await refuseLocked(lockFile);
    return answer === 'ours' ? await holdByFlock(lockFile, fd, self) : await holdByLink(lockFile, fd, self);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * flock(1) locks the open file that it inherits, and the lock belongs to the open file: it stays when flock ends, and
 * goes when this process does. Other children don't get the file (close-on-exec).
 */
function flock(fd: number): Promise<'ours' | 'taken' | 'missing'> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'pipe', fd] });
    let said = '';
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString('utf8').slice(0, 1000);
    });
    child.once('error', (error) => (errorCode(error) === 'ENOENT' ? resolve('missing') : reject(error)));
    child.once('close', (code) => {
      if (code === 0) resolve('ours');
      else if (code === 1) resolve('taken');
      else reject(new Error(`flock ended with ${code}: ${said.trim()}`));
    });
  });
}

/** A holder writes its identity just after it has the lock; so long, and longer on a loaded machine, it may be unnamed. */
const NAMELESS_MS = 2_000;
const POLL_MS = 20;

async function refuseLocked(lockFile: string): Promise<never> {
  for (let waited = 0; waited < NAMELESS_MS; waited += POLL_MS) {
    const holder = parseIdentity(await readFile(lockFile, 'utf8'));
    if (holder !== null && isAlive(holder)) refuseHeld(holder.pid);
    await delay(POLL_MS);
  }
  // Alive, because it holds the lock, but not to be seen from here, as from another container.
  const holder = parseIdentity(await readFile(lockFile, 'utf8'));
  return refuseHeld(holder?.pid ?? 0);
}

function refuseHeld(pid: number): never {
  const who = pid === 0 ? 'another server' : `the server with pid ${pid}`;
  return refuse('store-locked', `${who} is running on this store already`, 'drover server status');
}

/** The two ways see each other: each leaves its own sign first and looks for the other's then. */
async function holdByFlock(lockFile: string, fd: number, self: ProcessIdentity): Promise<StoreLock> {
  ftruncateSync(fd, 0);
  writeSync(fd, `${JSON.stringify(self)}\n`);
  const newest = (await generations(lockFile)).at(-1);
  const holder = newest === undefined ? null : await holderOf(lockFile, newest);
  if (holder !== null) {
    ftruncateSync(fd, 0);
    refuseHeld(holder.pid);
  }
  return lockReleasedBy(() => {
    // The name goes before the lock does: whoever takes it next writes its own.
    ftruncateSync(fd, 0);
    closeSync(fd);
  });
}

/** Releasing twice is once. */
function lockReleasedBy(release: () => void): StoreLock {
  let isHeld = true;
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      release();
    },
  };
}

const generationFile = (lockFile: string, generation: number): string => `${lockFile}.${generation}`;

/** The numbers of the lock files made by link(), rising. The highest one's owner has the lock. */
async function generations(lockFile: string): Promise<number[]> {
  const prefix = `${basename(lockFile)}.`;
  return (await readdir(dirname(lockFile)))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

async function holderOf(lockFile: string, generation: number): Promise<ProcessIdentity | null> {
  const text = await readFile(generationFile(lockFile, generation), 'utf8').catch(() => '');
  const holder = parseIdentity(text);
  return holder !== null && isAlive(holder) ? holder : null;
}

/**
 * Nobody ever removes the newest generation, so a dead holder is succeeded by making the next one, which only one can
 * (link() is exclusive). Whoever made one that is no longer the newest was late and has nothing.
 */
async function holdByLink(lockFile: string, fd: number, self: ProcessIdentity): Promise<StoreLock> {
  const mine = join(dirname(lockFile), `.${basename(lockFile)}-${self.pid}-${process.hrtime.bigint()}`);
  await writeFile(mine, `${JSON.stringify(self)}\n`, { mode: 0o600, flush: true });
  try {
    const generation = await claimGeneration(lockFile, mine);
    const flockHolder = parseIdentity(readFileSync(lockFile, 'utf8'));
    if (flockHolder !== null && isAlive(flockHolder)) {
      giveUp(lockFile, generation);
      refuseHeld(flockHolder.pid);
    }
    closeSync(fd);
    return lockReleasedBy(() => giveUp(lockFile, generation));
  } finally {
    await unlink(mine);
  }
}

async function claimGeneration(lockFile: string, mine: string): Promise<number> {
  for (;;) {
    const newest = (await generations(lockFile)).at(-1) ?? 0;
    const holder = newest === 0 ? null : await holderOf(lockFile, newest);
    if (holder !== null) refuseHeld(holder.pid);
    const next = newest + 1;
    try {
      await link(mine, generationFile(lockFile, next));
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      throw error;
    }
    const all = await generations(lockFile);
    if (all.at(-1) === next) {
      for (const older of all.slice(0, -1)) await unlink(generationFile(lockFile, older)).catch(() => undefined);
      return next;
    }
    // Whoever has the newest may have tidied it away already.
    await unlink(generationFile(lockFile, next)).catch(() => undefined);
  }
}

/** The file of the newest generation stays, with nobody's name in it. */
function giveUp(lockFile: string, generation: number): void {
  const empty = `${generationFile(lockFile, generation)}-released`;
  writeFileSync(empty, '', { mode: 0o600 });
  renameSync(empty, generationFile(lockFile, generation));
}
