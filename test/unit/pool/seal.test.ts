// Owns the test of what a sealed tree shares with one of an earlier lock file.
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDamage } from '../../../src/pool/dependencies/check-tree.ts';
import { sealTree } from '../../../src/pool/dependencies/seal.ts';

const ROOT = 'node_modules';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-seal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A tree with these files, and what its sealing takes. */
function tree(name: string, files: Record<string, string>) {
  const base = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, ROOT, path)), { recursive: true });
    writeFileSync(join(base, ROOT, path), text);
  }
  return { tree: base, roots: [ROOT], builtIn: join(folder, 'worktree') };
}

test('a file with the same contents at the same place is one file in both; what differs, was written to or is not for sharing is not', () => {
  const files = { 'a/same.js': 'same', 'a/other.js': 'one', 'a/run.sh': 'run', 'a/touched.js': 'kept', '.lock': 'own' };
  const first = tree('first', files);
  chmodSync(join(first.tree, ROOT, 'a/run.sh'), 0o755);
  const earlier = { tree: first.tree, manifest: sealTree(first) };
  const written = join(first.tree, ROOT, 'a/touched.js');
  chmodSync(written, 0o644);
  appendFileSync(written, 'by an agent');
  const second = tree('second', { ...files, 'a/other.js': 'two', 'a/new.js': 'same' });
  const manifest = sealTree(second, [earlier]);
  const shared = ['a/same.js', 'a/other.js', 'a/run.sh', 'a/touched.js', 'a/new.js', '.lock'].filter(
    (path) => statSync(join(second.tree, ROOT, path)).nlink > 1,
  );
  expect(shared).toEqual(['a/same.js']);
  expect(findDamage(second.tree, manifest, true)).toEqual([]);
  const ino = statSync(join(first.tree, ROOT, 'a/same.js')).ino;
  expect(manifest.folders[`${ROOT}/a`]?.find(({ name }) => name === 'same.js')).toMatchObject({ ino });
});
