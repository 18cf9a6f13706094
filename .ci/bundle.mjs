// Bundles the program into few files, which load in half the time of its 250 modules: `node .ci/bundle.mjs FOLDER` writes FOLDER/main.js and
// FOLDER/bundle/. Why it is so stands in src/decisions/the-program-is-bundled.md.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = process.argv[2] ?? 'dist';
/** Packages of many modules that a start waits for; every other one is loaded from node_modules when it is first used. */
const INSIDE = ['commander', 'lowdb', 'zod'];
/** ms: nothing that was started from a build as old as that still runs. */
const OLD = 30 * 24 * 3600 * 1000;

const bundle = await rolldown({
  input: join(root, 'src', 'main.ts'),
  platform: 'node',
  external: (name) => /^[^./]/.test(name) && !INSIDE.includes(name),
});
const { output } = await bundle.write({
  dir: folder,
  format: 'esm',
  sourcemap: true,
  entryFileNames: '[name].js',
  // By their contents: a program that was started from an earlier build may load one of its own yet.
  chunkFileNames: 'bundle/[name]-[hash].js',
});
await bundle.close();

const mine = new Set(output.map(({ fileName }) => fileName));
for (const name of readdirSync(join(folder, 'bundle'))) {
  const file = join(folder, 'bundle', name);
  if (!mine.has(`bundle/${name}`) && Date.now() - statSync(file).mtimeMs > OLD) rmSync(file);
}
