// Installs the packages when they are missing or older than the lock file, and builds when a source is newer than the build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `drover: Node ${process.versions.node} is too old; install Node 20.19 or newer and run the command again.`,
  );
  process.exit(1);
}

function run(command, args, env = {}) {
  console.error(`> ${command} ${args.join(' ')}`);
  const result = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

// node-gyp compiles against Node's headers and would fetch them from nodejs.org; those that are installed beside
// this Node are used instead, so that no network but the registry is needed. A choice of the user's own wins.
function headers() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const version = join(prefix, 'include', 'node', 'node_version.h');
  if (process.env.npm_config_nodedir !== undefined || !existsSync(version)) return {};
  const text = readFileSync(version, 'utf8');
  const number = (name) => text.match(new RegExp(`define NODE_${name}_VERSION (\\d+)`))?.[1];
  const found = ['MAJOR', 'MINOR', 'PATCH'].map(number).join('.');
  return found === process.versions.node
    ? { npm_config_nodedir: prefix, npm_package_config_node_gyp_nodedir: prefix }
    : {};
}

const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const stamp = join('node_modules', '.drover-lock');
const wanted = `${digest('package-lock.json')} ${process.versions.modules}`;
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  // Not `npm ci`: it refuses a lock file that leaves out a package of another platform which a registry does not carry.
  // Versions are those of the lock file, which stays as it is.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], headers());
  mkdirSync('node_modules', { recursive: true });
  writeFileSync(stamp, wanted);
}

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return time;
}

const built = join('dist', '.built');
const sources = Math.max(
  ...['src', '.ci'].map(newest),
  ...['tsconfig.json', 'package-lock.json'].map((file) => statSync(file).mtimeMs),
);
// The code that comes with the bundle is of the Node that built it.
const isBuilt = existsSync(built) && readFileSync(built, 'utf8') === process.version;
if (!isBuilt || statSync(built).mtimeMs < sources) {
  // Built aside and swapped in, so that a program that runs from dist/ never sees half of it.
  const aside = `dist.${process.pid}`;
  run(process.execPath, ['node_modules/typescript/bin/tsc', '--outDir', aside]);
  // What runs from the present build may load one of its bundles yet.
  if (existsSync(join('dist', 'bundle')))
    cpSync(join('dist', 'bundle'), join(aside, 'bundle'), { recursive: true, preserveTimestamps: true });
  run(process.execPath, ['.ci/bundle.mjs', aside]);
  writeFileSync(join(aside, '.built'), process.version);
  if (existsSync('dist')) renameSync('dist', `${aside}.old`);
  renameSync(aside, 'dist');
  rmSync(`${aside}.old`, { recursive: true, force: true });
}
