// Owns the promise that provisioned folders in which little differs are put right without a process, to the very thing that was shared, and that what is more is left to one.
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readManifest, writeManifest } from '../../../src/pool/dependencies/manifest.ts';
import { mendTree } from '../../../src/pool/dependencies/mend-tree.ts';
import { sealTree } from '../../../src/pool/dependencies/seal.ts';
import { shareTree } from '../../../src/pool/dependencies/share-tree.ts';
import { readStamps, writeStamps } from '../../../src/pool/dependencies/stamp.ts';

const FILES = ['a/index.js', 'a/lib/x.js', 'a/lib/y.js', '@b/"c", d\n/index.js', 'e/index.js', '.package-lock.json'];
let folder: string;
let request: Parameters<typeof mendTree>[0];
const path = (...names: string[]) => join(request.worktree, 'node_modules', ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-mend-'));
  const at = (name: string) => join(folder, name);
  for (const name of FILES) {
    mkdirSync(dirname(join(at('tree'), 'node_modules', name)), { recursive: true });
    writeFileSync(join(at('tree'), 'node_modules', name), name);
  }
  mkdirSync(join(at('tree'), 'node_modules/.bin'));
  symlinkSync('../a/index.js', join(at('tree'), 'node_modules/.bin/a'));
  for (let many = 0; many < 30; many += 1)
    mkdirSync(join(at('tree'), `node_modules/many/${many}`), { recursive: true });
  const manifest = sealTree({ tree: at('tree'), roots: ['node_modules'], builtIn: at('built') });
  const { text, hash } = writeManifest(manifest);
  writeFileSync(at('manifest.json'), text);
  expect(readManifest(at('manifest.json'), hash)).toEqual(manifest);
  mkdirSync(at('worktree'));
  request = {
    manifest: { path: at('manifest.json'), hash },
    tree: at('tree'),
    worktree: at('worktree'),
    stamps: at('stamps'),
    trash: at('trash'),
  };
  const empty = { folders: {}, files: {} };
  writeStamps(at('stamps'), shareTree({ ...request, manifest, method: 'link', stamps: empty }).stamps);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that lies there: the inode of what is shared, the contents of what is not. */
function picture(): string[] {
  const all = readdirSync(path(), { recursive: true, encoding: 'utf8' }).sort();
  return all.map((name) => {
    const stat = lstatSync(path(name));
    const what = stat.isDirectory() ? 'folder' : name.startsWith('.') ? readFileSync(path(name), 'utf8') : stat.ino;
    return `${name} ${what} ${(stat.mode & 0o777).toString(8)}`;
  });
}

const CHANGES: Readonly<Record<string, () => void>> = {
  'a file and a folder are added': () => {
    writeFileSync(path('mine.js'), 'mine');
    mkdirSync(path('a/lib/deep/er'), { recursive: true });
  },
  'files are removed and replaced, a folder closed to others': () => {
    rmSync(path('a/lib/x.js'));
    rmSync(path('e/index.js'));
    writeFileSync(path('e/index.js'), 'e/index.JS');
    chmodSync(path('@b/"c", d\n'), 0o700);
  },
  'a file of its own is written in place, with the time that it had': () => {
    const { atime, mtime } = lstatSync(path('.package-lock.json'));
    appendFileSync(path('.package-lock.json'), 'more');
    utimesSync(path('.package-lock.json'), atime, mtime);
  },
  'links become files, and files links and folders': () => {
    rmSync(path('.bin/a'));
    writeFileSync(path('.bin/a'), 'a');
    rmSync(path('a/index.js'));
    symlinkSync('/etc/passwd', path('a/index.js'));
    rmSync(path('a/lib/y.js'));
    mkdirSync(path('a/lib/y.js'));
  },
  'nothing is changed': () => {},
};

test.each(Object.keys(CHANGES))('%s', async (name) => {
  const before = picture();
  CHANGES[name]?.();
  expect(await mendTree(request)).toBe(true);
  expect(picture()).toEqual(before);
  // It is known as it is now: the next look finds nothing to do, and needs no list.
  rmSync(request.manifest.path);
  expect(await mendTree(request)).toBe(true);
});

const REFUSED: Readonly<Record<string, () => void>> = {
  'a folder is gone': () => rmSync(path('a/lib'), { recursive: true }),
  'a link stands in place of a folder': () => {
    renameSync(path('a'), join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), path('a'));
  },
  'many folders differ': () => {
    for (let many = 0; many < 30; many += 1) writeFileSync(path('many', `${many}`, 'mine'), '');
  },
  'the list was changed': () => {
    writeFileSync(path('mine.js'), 'mine');
    appendFileSync(request.manifest.path, '\n');
  },
  'a folder is not in the list': () => {
    const stamps = readStamps(request.stamps);
    mkdirSync(join(request.worktree, 'other'));
    writeStamps(request.stamps, { folders: { ...stamps?.folders, other: [1, 1, 1] }, files: {} });
  },
  'no stamps are there': () => rmSync(request.stamps),
};

test.each(Object.keys(REFUSED))('nothing is touched when %s', async (name) => {
  REFUSED[name]?.();
  const before = picture();
  expect(await mendTree(request)).toBe(false);
  expect(picture()).toEqual(before);
});
