// Real processes and real disks: kill -9 in the middle of commits, and a file system without room.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram } from './build.ts';
import { faultOf, openNumbers } from './numbers.ts';
import { launch } from './process.ts';

let build = '';
let folder = '';
beforeAll(() => {
  build = buildProgram('test/integration/store/child.ts');
});
afterAll(() => rmSync(build, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KILLS = 25;

/** Recovers a copy, so that the next process finds the store as the kill left it; returns the event it ends at. */
async function examine(home: string, acknowledged: number, what: string): Promise<number> {
  const copy = join(folder, 'copy');
  cpSync(home, copy, { recursive: true });
  const store = await openNumbers(copy);
  expect(faultOf(store, acknowledged), what).toBe('');
  await store.close();
  rmSync(copy, { recursive: true });
  return store.seq;
}

describe('kill -9', () => {
  it(`loses nothing acknowledged, ${KILLS} times in a row on the same store`, async () => {
    const home = join(folder, 'home');
    let acknowledged = 0;
    let total = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const child = launch({ build, args: ['write', home] });
      await child.until((line) => /^opened/.test(line));
      // Each kill comes after another number of acknowledgements, from none to several snapshots' worth.
      const target = acknowledged + round * 60;
      if (round > 0) await child.until((line) => Number(/^acknowledged (\d+)/.exec(line)?.[1] ?? 0) > target);
      await child.kill();
      for (const line of child.lines) {
        const [word, number] = line.split(' ');
        if (word === 'acknowledged') acknowledged = Math.max(acknowledged, Number(number));
        total += word === 'acknowledged' ? 1 : 0;
      }
      acknowledged = await examine(home, acknowledged, `kill ${round}`);
    }
    expect(total).toBeGreaterThan(KILLS * 60);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, 'state.json')).mode & 0o777).toBe(0o600);
  });
});

/** The reason why no file system can be mounted here; empty when it can. */
function whyNoMount(): string {
  if (process.platform !== 'linux') return 'mounting a small tmpfs takes Linux';
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', tmpdir()], { stdio: 'pipe' });
    return '';
  } catch (error) {
    return `this machine does not let us mount a tmpfs: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
}

describe('a full disk', () => {
  it('stops the store, which recovers without room and goes on with it', async (context) => {
    const reason = whyNoMount();
    if (reason !== '') context.skip(reason);
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    // The mount lives in a name space of the child's own and is gone with it.
    const script = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"';
    const child = launch({ build, args: ['fill', disk], under: ['unshare', '-m', 'sh', '-c', script, disk] });
    const report = JSON.parse(await child.until((line) => /^\{/.test(line))) as Record<string, number | string>;
    expect(await child.ended()).toBe(0);
    expect(report).toMatchObject({ reason: 'ENOSPC', fault: '' });
    expect(report['acknowledged']).toBeGreaterThan(100);
    expect(report['recovered']).toBeGreaterThanOrEqual(Number(report['acknowledged']));
    expect(report['again']).toBeGreaterThan(Number(report['recovered']));
    expect(report['final']).toBe(report['again']);
  });
});
