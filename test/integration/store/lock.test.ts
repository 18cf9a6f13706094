// The lock with real processes: by flock(1), by link() where that is missing, and one against the other.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram } from './build.ts';
import { type Child, launch } from './process.ts';

let build = '';
let folder = '';
const started: Child[] = [];
beforeAll(() => {
  build = buildProgram('test/integration/store/child.ts');
});
afterAll(() => rmSync(build, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-lock-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    await child.kill();
    const sleeper = Number(/^held (\d+)/.exec(child.lines[0] ?? '')?.[1] ?? 0);
    if (sleeper > 0) process.kill(sleeper, 'SIGKILL');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** An empty PATH is a machine without flock(1). */
const without = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: join(folder, 'nothing') });
const ways = [
  ['flock', () => process.env],
  ['link()', without],
] as const;

function start(role: string, env: NodeJS.ProcessEnv, count = 0): Child {
  const child = launch({ build, args: [role, folder, String(count)], env });
  started.push(child);
  return child;
}

for (const [way, env] of ways) {
  describe(`a lock by ${way}`, () => {
    it('refuses a second server and names the first', async () => {
      const first = start('hold', env());
      await first.until((line) => /^held/.test(line));
      const second = start('hold', env());
      expect(await second.until((line) => line !== '')).toBe(`store-locked ${first.pid} next: drover server status`);
    });

    it('is free after kill -9 of its holder, also while a child of the holder lives on', async () => {
      const first = start('hold', env());
      await first.until((line) => /^held/.test(line));
      await first.kill();
      await start('hold', env()).until((line) => /^held/.test(line));
    });

    it('never has two owners', async () => {
      const children = Array.from({ length: 4 }, () => start('contend', env(), way === 'flock' ? 8 : 40));
      for (const child of children) expect(await child.until((line) => line !== '')).toBe('done');
    });
  });
}

describe('two ways at a time', () => {
  for (const [mine, theirs] of [
    [ways[0], ways[1]],
    [ways[1], ways[0]],
  ] as const) {
    it(`refuse each other: ${mine[0]} holds, ${theirs[0]} asks`, async () => {
      const first = start('hold', mine[1]());
      await first.until((line) => /^held/.test(line));
      expect(await start('hold', theirs[1]()).until((line) => line !== '')).toContain(`store-locked ${first.pid} `);
    });
  }
});

describe('a lock file left behind', () => {
  const lockFile = (): string => join(folder, 'server.lock');

  it('does not count when its process is another one by now, or when it is empty', async () => {
    writeFileSync(`${lockFile()}.6`, JSON.stringify({ pid: process.pid, started: 'long ago' }));
    await start('hold', without()).until((line) => /^held/.test(line));
    expect(readdirSync(folder).sort()).toEqual(['server.lock', 'server.lock.7']);
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'server.lock.1'), '');
    const other = launch({ build, args: ['hold', join(folder, 'other')], env: without() });
    started.push(other);
    await other.until((line) => /^held/.test(line));
    expect(JSON.parse(readFileSync(join(folder, 'other', 'server.lock.2'), 'utf8'))).toMatchObject({ pid: other.pid });
  });
});
