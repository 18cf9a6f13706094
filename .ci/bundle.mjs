// Bundles the program into few files, which load in half the time of its 250 modules: `node .ci/bundle.mjs FOLDER` writes FOLDER/main.cjs and
// FOLDER/bundle/. Why it is so stands in src/decisions/the-program-is-bundled.md.
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { keepCode } from './keep-code.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = resolve(process.argv[2] ?? 'dist');
/** The one package that is not JavaScript alone. */
const OUTSIDE = 'node-pty';
/** ms: nothing that was started from a build as old as that still runs. */
const OLD = 30 * 24 * 3600 * 1000;

/** A package that is loaded at its first use is loaded by a `require` of the module's own, which in a bundle is the bundler's. */
const requires = (code) => code.replace('const require = createRequire(import.meta.url);', '');
/** blessed writes numbers and characters with octal digits, as strict code may not. */
const withoutOctal = (code) =>
  code
    .replace(/\\([0-3][0-7]{2})/g, (_, digits) => `\\x${Number.parseInt(digits, 8).toString(16).padStart(2, '0')}`)
    .replace(/(?<![\w.'[])0(?=[0-7]{3}\b)/g, '0o');

/** Characters beyond ASCII as escapes, which mean the same in names, strings, patterns and templates: V8 reads the file as it is, in a third of the time. */
const inAscii = (code) => {
  if (code.includes('String.raw')) throw new Error('String.raw tells an escape from its character');
  return code.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
};

const bundle = await rolldown({
  input: { drover: join(root, 'src', 'main.ts') },
  platform: 'node',
  external: (name) => isBuiltin(name) || name === OUTSIDE,
  plugins: [
    {
      name: 'strict',
      transform: (code, id) => {
        if (id.startsWith(join(root, 'src'))) return { code: requires(code), map: null };
        return id.includes('/node_modules/blessed/') ? { code: withoutOctal(code), map: null } : null;
      },
    },
  ],
});
const { output } = await bundle.write({
  dir: folder,
  format: 'cjs',
  strict: true,
  sourcemap: true,
  // By their contents: a program that was started from an earlier build may load one of its own yet.
  entryFileNames: 'bundle/[name]-[hash].cjs',
  chunkFileNames: 'bundle/[name]-[hash].cjs',
});
await bundle.close();

const chunks = output.filter(({ type }) => type === 'chunk');
// A file that comes with V8's code cannot import: V8 keeps nothing of who answers an import.
const importing = chunks.filter(({ dynamicImports }) => dynamicImports.some((name) => !name.startsWith('bundle/')));
if (importing.length > 0)
  throw new Error(`${importing.map(({ fileName }) => fileName).join(', ')}: an import() is left`);
for (const { fileName } of chunks) {
  const file = join(folder, fileName);
  writeFileSync(file, inAscii(readFileSync(file, 'utf8')));
}
const entry = chunks.find(({ isEntry }) => isEntry).fileName.replace('bundle/', '');
const loader = readFileSync(join(root, '.ci', 'main.cjs'), 'utf8');
writeFileSync(join(folder, 'main.cjs'), loader.replace("'ENTRY'", `'${entry}'`));
chmodSync(join(folder, 'main.cjs'), 0o755);
// One of the two is the program.
for (const name of ['main.js', 'main.js.map']) rmSync(join(folder, name), { force: true });

const mine = new Set(output.map(({ fileName }) => fileName));
for (const name of readdirSync(join(folder, 'bundle'))) {
  const file = join(folder, 'bundle', name);
  if (!mine.has(`bundle/${name.replace(/\.code$/, '')}`) && Date.now() - statSync(file).mtimeMs > OLD) rmSync(file);
}

try {
  await keepCode(
    folder,
    chunks.map(({ fileName }) => fileName),
  );
} catch (error) {
  console.error(`drover: built, but it will start more slowly, without V8's code: ${error.message}`);
}
