import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadKeptConfig } from '../../../src/config/kept-config.ts';
import { loadConfig } from '../../../src/config/load.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-kept-'));
  mkdirSync(join(folder, 'cache', 'drover'), { recursive: true });
  mkdirSync(join(folder, 'home', 'drover'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const paths = () => ({ config: join(folder, 'config.yaml') });
const env = () => ({ XDG_CONFIG_HOME: join(folder, 'home'), XDG_CACHE_HOME: join(folder, 'cache') });
const own = (text: string) => writeFileSync(join(folder, 'home', 'drover', 'config.yaml'), text);
const kept = () => {
  const [name = 'config-none.json'] = readdirSync(join(folder, 'cache', 'drover'));
  return join(folder, 'cache', 'drover', name);
};

test('the second reading gives what was kept, and a changed file is parsed again', async () => {
  writeFileSync(paths().config, 'workers: 3\n');
  own('keys:\n  prefix: C-t\n');
  const first = await loadKeptConfig(paths(), env());
  expect(first).toEqual(loadConfig(paths(), env()));
  // What is in the file is what comes back: nothing was parsed.
  const { key, config } = JSON.parse(readFileSync(kept(), 'utf8'));
  writeFileSync(kept(), JSON.stringify({ key, config: { ...config, workers: 7 } }));
  expect((await loadKeptConfig(paths(), env())).workers).toBe(7);
  own('workers: 5\n');
  expect(await loadKeptConfig(paths(), env())).toEqual(loadConfig(paths(), env()));
  rmSync(join(folder, 'home', 'drover', 'config.yaml'));
  expect((await loadKeptConfig(paths(), env())).workers).toBe(3);
});

test('a mistake is told every time, also when the file was right before', async () => {
  writeFileSync(paths().config, 'workers: 3\n');
  await loadKeptConfig(paths(), env());
  writeFileSync(paths().config, 'wrkers: 3\n');
  for (let round = 0; round < 2; round += 1) {
    await expect(loadKeptConfig(paths(), env())).rejects.toThrow(/wrkers/);
  }
});

test.each(['', 'not JSON', '{}', '[]', 'null'])('a broken copy (%j) is replaced', async (text) => {
  await loadKeptConfig(paths(), env());
  writeFileSync(kept(), text);
  expect(await loadKeptConfig(paths(), env())).toEqual(loadConfig(paths(), env()));
  expect(JSON.parse(readFileSync(kept(), 'utf8'))).toHaveProperty('config.workers');
});

test('where nothing can be kept it is read all the same', async () => {
  rmSync(join(folder, 'cache'), { recursive: true });
  writeFileSync(join(folder, 'cache'), '');
  expect(await loadKeptConfig(paths(), env())).toEqual(loadConfig(paths(), env()));
});

test('nothing that an agent or a clone can write to is believed', async () => {
  writeFileSync(paths().config, 'workers: 3\n');
  await loadKeptConfig(paths(), env());
  const inside = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  expect(inside).toEqual([expect.stringMatching(/^cache\/drover\/config-[0-9a-f]{16}\.json$/)]);
});
