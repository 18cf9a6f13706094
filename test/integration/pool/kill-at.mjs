// Owns dying at a chosen step: loaded before a server, it counts whatever changes the disk or starts a process, and kills the server with SIGKILL at one of them.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The step before which it dies; 0 never. */
const AT = Number(process.env.TORTURE_KILL_AT ?? 0);
/** Takes the number of steps so far, and the name of the last one. */
const NOTES = process.env.TORTURE_NOTES ?? '';

const write = fs.writeFileSync;
let steps = 0;

function step(name, args) {
  steps += 1;
  if (steps !== AT) return;
  const words = args
    .filter((each) => typeof each === 'string' || typeof each === 'number')
    .map((each) => `${each}`.slice(0, 120));
  write(NOTES, `${steps} ${name} ${words.join(' ')}\n`);
  process.kill(process.pid, 'SIGKILL');
}

function wrap(holder, label, names) {
  for (const name of names) {
    const original = holder[name];
    holder[name] = function counted(...args) {
      step(`${label}.${name}`, args);
      return original.apply(this, args);
    };
  }
}

const CHANGES = [
  'rename',
  'mkdir',
  'rm',
  'unlink',
  'link',
  'symlink',
  'writeFile',
  'appendFile',
  'copyFile',
  'truncate',
];
wrap(fs, 'fs', [
  ...CHANGES.map((name) => `${name}Sync`),
  'mkdtempSync',
  'writeSync',
  'fdatasyncSync',
  'fsyncSync',
  'rename',
  'write',
  'writev',
  'fdatasync',
  'fsync',
]);
wrap(fs.promises, 'promises', CHANGES);
wrap(childProcess, 'process', ['spawn', 'execFile']);
syncBuiltinESMExports();

// Not where it was to be killed: the round has been taken down.
process.on('exit', () => AT === 0 && write(NOTES, `${steps} in all\n`));
