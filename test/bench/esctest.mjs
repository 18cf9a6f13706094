// Owns the conformance run: esctest2 in a bare @xterm/headless, in a pane, and in a pane of a Drover inside tmux, each judged by the outer terminal.
//
//   node test/bench/esctest.mjs CHECKOUT [REGEX]
//
// CHECKOUT is a copy of https://github.com/ThomasDickey/esctest2 (GPL-2, therefore not part of this repository); python3 and tmux must be installed
// and Drover built. REGEX chooses tests by name. Prints how many pass, and what is lost: what a place fails that the bare emulator passes. Exits 1
// when anything is lost or, without REGEX, a pane passes fewer than 300. ESCTEST_LIST=1 lists what fails.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startBare, startInDrover } from './esctest-terminals.mjs';

/** Tests that must pass in a pane. */
const BAR = 300;

const [checkout, include = '.*'] = process.argv.slice(2);
if (!checkout) {
  console.error('usage: node test/bench/esctest.mjs CHECKOUT [REGEX]');
  process.exit(2);
}

/** Runs the tests in one terminal; resolves to a map of name to pass, fail or skip. */
async function runTests(start) {
  const folder = mkdtempSync(join(tmpdir(), 'drover-esctest-'));
  const path = join(folder, 'cells.sock');
  const script = join(dirname(fileURLToPath(import.meta.url)), 'esctest.py');
  const results = new Map();
  let terminal;
  let ended;
  const end = new Promise((done) => {
    ended = done;
  });
  const server = createServer((socket) => {
    const acts = {
      begin: () => terminal.begin?.(),
      fence: (shape) => terminal.fence(Number(shape)),
      cell: (x, y) => terminal.codeAt(Number(x) - 1, Number(y) - 1),
      result: (name, result) => void results.set(name, result),
      end: () => {},
    };
    socket.on('close', ended);
    socket.on('error', ended);
    createInterface({ input: socket }).on('line', async (line) => {
      const [what, ...words] = line.split(' ');
      try {
        socket.write(`${(await acts[what](...words)) ?? 'ok'}\n`);
      } catch (error) {
        console.error(`${terminal.name}: ${error.message}\n${terminal.text()}`);
        socket.destroy();
      }
    });
  });
  await new Promise((listening) => server.listen(path, listening));
  terminal = await start(['python3', script, resolve(checkout), path, include]);
  await Promise.race([end, terminal.exited]);
  await terminal.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
  return { name: terminal.name, results };
}

function count(results, wanted) {
  return [...results.values()].filter((result) => result === wanted).length;
}

const [bare, ...panes] = await Promise.all([
  runTests(startBare),
  runTests((argv) => startInDrover(argv)),
  runTests((argv) => startInDrover(argv, { isInTmux: true })),
]);
for (const { name, results } of [bare, ...panes]) {
  const parts = ['pass', 'fail', 'skip'].map((kind) => `${count(results, kind)} ${kind}`);
  console.log(`${name.padEnd(26)} ${parts.join(', ')} of ${results.size}`);
}
for (const { name, results } of panes) {
  const lost = [...bare.results].filter(([test, result]) => result === 'pass' && results.get(test) !== 'pass');
  for (const [test] of lost) console.log(`lost in ${name}: ${test}`);
  const isShort = results.size !== bare.results.size || (include === '.*' && count(results, 'pass') < BAR);
  if (lost.length > 0 || results.size === 0 || isShort) process.exitCode = 1;
  if (process.env.ESCTEST_LIST)
    for (const [test, result] of results)
      if (result === 'fail') console.log(`fails in ${name} (bare ${bare.results.get(test)}): ${test}`);
}
