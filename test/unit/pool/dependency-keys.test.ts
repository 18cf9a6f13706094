// Owns what decides an install: which package manager is found, and what changes the key of a generation.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG, type SetupStep } from '../../../src/config/schema.ts';
import { npmrcText } from '../../../src/pool/dependencies/key.ts';
import { isOwnFile } from '../../../src/pool/dependencies/own-files.ts';
import { detect, planSteps } from '../../../src/pool/dependencies/steps.ts';
import { Toolchain } from '../../../src/pool/dependencies/toolchain.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drover-keys-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

describe('a package manager is recognised by its lock', () => {
  test.each([
    [['package-lock.json'], ['npm']],
    [['npm-shrinkwrap.json'], ['npm']],
    [['package.json'], []],
    [['pnpm-lock.yaml', 'package.json'], ['pnpm']],
    [['yarn.lock'], ['yarn']],
    [['bun.lockb'], ['bun']],
    [['uv.lock', 'requirements.txt'], ['uv']],
    [['requirements.txt'], ['venv']],
    [
      ['package-lock.json', 'requirements.txt', 'go.mod', 'Cargo.toml', 'pom.xml', 'build.gradle.kts'],
      ['npm', 'venv', 'go', 'cargo', 'maven', 'gradle'],
    ],
  ])('%j', (files, names) => {
    write(Object.fromEntries(files.map((file) => [file, ''])));
    expect(detect(root, '', []).map(({ name }) => name)).toEqual(names);
  });

  test('of two locks the one that package.json names counts; what is left out does not', () => {
    write({ 'package-lock.json': '', 'pnpm-lock.yaml': '', 'package.json': '{"packageManager":"npm@11.0.0"}' });
    expect(detect(root, '', []).map(({ name }) => name)).toEqual(['npm']);
    write({ 'package.json': '{}' });
    expect(detect(root, '', []).map(({ name }) => name)).toEqual(['pnpm']);
    expect(detect(root, '', ['pnpm', 'npm'])).toEqual([]);
  });

  test('in a folder, but not through a link', () => {
    write({ 'web/yarn.lock': '' });
    symlinkSync('web', join(root, 'other'));
    symlinkSync('yarn.lock', join(root, 'web/package-lock.json'));
    expect(detect(root, 'web', []).map(({ name }) => name)).toEqual(['yarn']);
  });
});

describe('the key', () => {
  const lock = JSON.stringify({ packages: { '': {}, 'packages/a': {}, 'node_modules/x': {}, '../outside': {} } });
  const answers = { npm: '11.0.0', node: '["v20.0.0","115"]' };
  class Tools extends Toolchain {
    override ask([program]: readonly [string, ...string[]]): Promise<string | null> {
      return Promise.resolve((answers as Record<string, string>)[program] ?? null);
    }
  }
  const keys = async (setup: SetupStep[] = [], keyFiles: string[] = []) => {
    const dependencies = { ...DEFAULT_CONFIG.dependencies, keyFiles };
    const plan = await planSteps(root, { dependencies, setup }, new Tools());
    expect(plan.problems).toEqual([]);
    return plan.steps.map(({ key }) => key);
  };
  beforeEach(() =>
    write({ 'package.json': '{}', 'package-lock.json': lock, 'packages/a/package.json': '{}', 'src/x.js': '' }),
  );

  test.each([
    ['the lock', { 'package-lock.json': `${lock} ` }],
    ['package.json', { 'package.json': '{ }' }],
    ['that of a workspace', { 'packages/a/package.json': '{ }' }],
    ['.npmrc', { '.npmrc': 'omit=dev\n' }],
    ['a patch', { 'patches/x+1.0.0.patch': '' }],
    ['a file that the configuration names', { 'prisma/schema.prisma': '' }],
  ])('changes with %s', async (_name, files: Record<string, string>) => {
    const before = await keys([], ['prisma']);
    write(files);
    expect(await keys([], ['prisma'])).not.toEqual(before);
  });

  test('changes with the versions of the tools and with NODE_ENV, and with nothing else', async () => {
    const before = await keys();
    write({ 'src/x.js': 'changed', 'packages/b/package.json': '{}' });
    expect(await keys()).toEqual(before);
    answers.npm = '11.0.1';
    expect(await keys()).not.toEqual(before);
    answers.npm = '11.0.0';
    const mode = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    expect(await keys()).not.toEqual(before);
    process.env['NODE_ENV'] = mode;
    expect(await keys()).toEqual(before);
  });

  test('of a setup command is its text, its outputs and its files', async () => {
    const step: SetupStep = { run: 'make', keyFiles: ['tools'], outputs: ['out'], check: null, timeout: 1 };
    const all = [[step], [{ ...step, run: 'make x' }], [{ ...step, outputs: ['in'] }]];
    const made = [];
    for (const setup of all) made.push((await keys(setup))[1]);
    write({ 'tools/list': 'one' });
    made.push((await keys([step]))[1]);
    expect(new Set(made).size).toBe(4);
  });

  test('a tool that does not answer is a problem, and the lock is left alone', async () => {
    write({ 'yarn.lock': '', 'package.json': '{"packageManager":"yarn@4.0.0"}' });
    const plan = await planSteps(root, DEFAULT_CONFIG, new Tools());
    expect(plan).toEqual({ steps: [], problems: ['yarn.lock needs yarn, which does not answer here'] });
  });
});

test('a token that is renewed is not part of what an npmrc says about an install', () => {
  write({
    '.npmrc':
      '; mine\n//registry.example/:_authToken=old\nregistry=https://registry.example/\nemail = a@b\n\n_password=x',
  });
  expect(npmrcText(join(root, '.npmrc'))).toBe('registry=https://registry.example/');
  expect(npmrcText(join(root, 'none'))).toBeNull();
});

test.each([
  ['node_modules', 'left/index.js', false],
  ['packages/a/node_modules', 'left/.eslintrc', false],
  ['node_modules', '.bin/tool', false],
  ['node_modules', '.package-lock.json', true],
  ['node_modules', '.prisma/client/index.js', true],
  ['dist', 'index.js', true],
])('%s/%s is written in place: %s', (folder, file, isOwn) => {
  expect(isOwnFile(folder, file)).toBe(isOwn);
});
