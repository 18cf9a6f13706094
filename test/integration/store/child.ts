// Owns the programs that the store's tests run as processes of their own: child.ts <role> <folder> [count]
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { lockStore, type StoreLock } from '../../../src/store/lock.ts';
import { commitFrom, openNumbers } from './numbers.ts';

/** One line to whoever started this process; written at once, so that a kill takes none back. */
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const forever = (): void => {
  setInterval(() => undefined, 1 << 30);
};

async function tryLock(lockFile: string): Promise<StoreLock | null> {
  try {
    return await lockStore(lockFile, process.pid);
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    say(`${error.refusal.code} ${/pid (\d+)/.exec(error.refusal.message)?.[1]} next: ${error.refusal.next}`);
    return null;
  }
}

/** Commits without end, 32 at a time, and says which event is acknowledged. */
async function write(folder: string): Promise<void> {
  if ((await tryLock(join(folder, 'server.lock'))) === null) return;
  const store = await openNumbers(folder);
  say(`opened ${store.seq}`);
  const client = async (): Promise<void> => {
    for (;;) {
      const envelopes = await store.commit(commitFrom(store.seq + 1), 'child');
      say(`acknowledged ${envelopes.at(-1)?.seq}`);
    }
  };
  await Promise.all(Array.from({ length: 32 }, client));
}

/** Holds the lock until it is killed, with a child of its own that outlives it. */
async function hold(folder: string): Promise<void> {
  if ((await tryLock(join(folder, 'server.lock'))) === null) return;
  const sleeper = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1 << 30)'], {
    stdio: 'ignore',
    detached: true,
  });
  sleeper.once('spawn', () => say(`held ${sleeper.pid}`));
  forever();
}

/** Takes and releases the lock `count` times against others, and looks for a second owner each time. */
async function contend(folder: string, count: number): Promise<void> {
  const owner = join(folder, 'owner');
  for (let taken = 0; taken < count; ) {
    const lock = await lockStore(join(folder, 'server.lock'), process.pid).catch((error: unknown) => {
      if (error instanceof RefusalError) return null;
      throw error;
    });
    if (lock === null) continue;
    taken += 1;
    closeSync(openSync(owner, 'wx'));
    await new Promise(setImmediate);
    rmSync(owner);
    lock.release();
  }
  say('done');
}

/** On a small file system: commits until it is full, recovers there, and goes on when there is room. */
async function fill(folder: string): Promise<void> {
  const home = join(folder, 'home');
  const filler = join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc(1 << 20));
  // No history is ever removed: the room really runs out.
  const store = await openNumbers(home, Number.POSITIVE_INFINITY);
  let acknowledged = 0;
  let reason = '';
  while (reason === '') {
    const batch = Array.from({ length: 8 }, () => store.commit(commitFrom(store.seq + 1), 'child'));
    for (const result of await Promise.allSettled(batch)) {
      if (result.status === 'fulfilled') acknowledged = result.value.at(-1)?.seq ?? 0;
      else reason = String((result.reason.cause as NodeJS.ErrnoException).code);
    }
  }
  await store.close().catch(() => undefined);
  const recovered = await openNumbers(home);
  const { seq } = recovered;
  await recovered.close().catch(() => undefined);
  rmSync(filler);
  const again = await openNumbers(home);
  await again.commit(commitFrom(again.seq + 1), 'child');
  const last = again.seq;
  await again.close();
  const final = await openNumbers(home);
  say(
    JSON.stringify({ reason, acknowledged, recovered: seq, again: last, final: final.seq, fault: final.state.fault }),
  );
  await final.close();
}

const [role, folder = '', count = '0'] = process.argv.slice(2);
if (role === 'write') await write(folder);
else if (role === 'hold') await hold(folder);
else if (role === 'contend') await contend(folder, Number(count));
else if (role === 'fill') await fill(folder);
else throw new Error(`unknown role ${role}`);
