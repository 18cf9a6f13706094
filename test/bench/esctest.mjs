// Owns the conformance run: esctest2 in a pane, judged by the pane's cells, beside the same tests in a bare @xterm/headless.
//
//   node test/bench/esctest.mjs CHECKOUT [REGEX]
//
// CHECKOUT is a copy of https://github.com/ThomasDickey/esctest2 (GPL-2, therefore not part of this repository); python3 must be installed and
// Drover built. REGEX chooses tests by name. Prints how many pass; exits 1 when the pane fails a test that the bare emulator passes, or, without
// REGEX, passes fewer than 300. ESCTEST_LIST=1 lists the results that differ.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const dist = process.env.DROVER_MAIN ? dirname(process.env.DROVER_MAIN) : join(here, '../../dist');
const { FrameTables } = await import(join(dist, 'terminal/cells.js'));
const { Pane } = await import(join(dist, 'terminal/pane.js'));
const { ParseScheduler } = await import(join(dist, 'terminal/parse-scheduler.js'));
const { spawnPty } = await import(join(dist, 'terminal/pty.js'));
const { CELL_CODE_MASK, CELL_COMBINED, CELL_WORDS } = await import(join(dist, 'protocol/cells.js'));

/** Tests that must pass in a pane. */
const BAR = 300;
/** The size that esctest wants; it cannot resize a pane. */
const SIZE = { cols: 80, rows: 25 };

const [checkout, include = '.*'] = process.argv.slice(2);
if (!checkout) {
  console.error('usage: node test/bench/esctest.mjs CHECKOUT [REGEX]');
  process.exit(2);
}

/** A pane as the server has it; what is judged is what a client would be sent. */
function startPane(launch) {
  const pane = new Pane({ pane: 1, ...SIZE, scheduler: new ParseScheduler(), version: '0' });
  const { exited } = pane.run(launch);
  return {
    exited,
    codeAt(x, y) {
      const tables = new FrameTables();
      const { update } = pane.takeUpdate(0, tables);
      const content = update.lines[y]?.cells[x * CELL_WORDS] ?? 0;
      const code = content & CELL_CODE_MASK;
      return content & CELL_COMBINED ? tables.strings()[code].codePointAt(0) : code;
    },
    drained: () => pane.queuedBytes === 0,
    dispose: () => pane.dispose(),
  };
}

/** The emulator as it comes, behind the same pty. */
function startBare(launch) {
  const { Terminal } = require('@xterm/headless');
  const windowOptions = {
    getWinSizePixels: true,
    getCellSizePixels: true,
    getWinSizeChars: true,
    pushTitle: true,
    popTitle: true,
  };
  const terminal = new Terminal({ ...SIZE, scrollback: 1000, allowProposedApi: true, logLevel: 'off', windowOptions });
  const pty = spawnPty({ ...launch, ...SIZE });
  let waiting = 0;
  pty.onData((bytes) => {
    waiting += 1;
    terminal.write(bytes, () => {
      waiting -= 1;
    });
  });
  terminal.onData((text) => pty.write(text));
  return {
    exited: pty.exited,
    codeAt: (x, y) => {
      const { active } = terminal.buffer;
      return (
        active
          .getLine(active.baseY + y)
          ?.getCell(x)
          ?.getCode() ?? 0
      );
    },
    drained: () => waiting === 0,
    dispose: async () => {
      pty.kill('SIGKILL');
      await pty.exited;
    },
  };
}

/** Runs the tests in one terminal; resolves to a map of name to pass, fail or skip. */
async function runTests(start) {
  const folder = mkdtempSync(join(tmpdir(), 'drover-esctest-'));
  const path = join(folder, 'cells.sock');
  const results = new Map();
  let subject = null;
  let ended = () => {};
  const end = new Promise((done) => {
    ended = done;
  });
  const server = createServer((socket) => {
    const reply = (text) => socket.write(`${text}\n`);
    const whenDrained = () => (subject.drained() ? reply('ok') : setTimeout(whenDrained, 1));
    socket.on('close', ended);
    createInterface({ input: socket }).on('line', (line) => {
      const [what, a, b] = line.split(' ');
      if (what === 'cell') reply(subject.codeAt(Number(a) - 1, Number(b) - 1));
      else if (what === 'drain') setTimeout(whenDrained, 2);
      else {
        if (what === 'result') results.set(a, b);
        reply('ok');
      }
    });
  });
  await new Promise((listening) => server.listen(path, listening));
  subject = start({
    argv: ['python3', join(here, 'esctest.py'), resolve(checkout), path, include],
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, PYTHONDONTWRITEBYTECODE: '1' },
  });
  await Promise.race([end, subject.exited]);
  await subject.dispose();
  server.close();
  rmSync(folder, { recursive: true, force: true });
  return results;
}

function count(results, wanted) {
  return [...results.values()].filter((result) => result === wanted).length;
}

const [bare, ours] = await Promise.all([runTests(startBare), runTests(startPane)]);
for (const [name, results] of [
  ['bare @xterm/headless', bare],
  ['a pane', ours],
]) {
  const parts = ['pass', 'fail', 'skip'].map((kind) => `${count(results, kind)} ${kind}`);
  console.log(`${name.padEnd(22)} ${parts.join(', ')} of ${results.size}`);
}
const lost = [...bare].filter(([name, result]) => result === 'pass' && ours.get(name) !== 'pass').map(([name]) => name);
for (const name of lost) console.log(`lost: ${name}`);
if (process.env.ESCTEST_LIST) {
  for (const [name, result] of ours)
    if (result === 'fail' || result !== bare.get(name)) console.log(`${result} (bare ${bare.get(name)}): ${name}`);
}
const isShort = include === '.*' && count(ours, 'pass') < BAR;
process.exitCode = lost.length > 0 || ours.size === 0 || isShort ? 1 : 0;
