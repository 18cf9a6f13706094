// Owns the store's benchmark: durable commits a second, against the raw append + fdatasync floor and SQLite, round by round.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median } from './sandbox.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache', 'bench');
/** 12.11 is the last line for Node 20. A peer of the benchmark only; it is no dependency. */
const PEER = 'better-sqlite3@12.11.1';
const CLIENTS = [1, 8, 64, 512];
const ROUNDS = 15;
/** Long enough for hundreds of syncs, short enough for many interleaved rounds. */
const SLICE_MS = 250;
const TASKS = 1000;

async function loadSqlite() {
  // The file that is made last: a build that was interrupted is begun again.
  if (!existsSync(join(CACHE, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'))) {
    console.log(`  installing ${PEER} into .cache/bench (once; where it has to be built, that takes minutes)`);
    mkdirSync(CACHE, { recursive: true });
    execFileSync('npm', ['install', '--prefix', CACHE, '--no-save', '--no-audit', '--no-fund', PEER], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return createRequire(join(CACHE, 'node_modules', 'x.js'))('better-sqlite3');
}

const task = (index, revision) => ({
  id: `task-${index}`,
  title: `Task ${index}`,
  status: 'in_progress',
  revision,
  at: Date.now(),
});

/** How often `act` completes in a second when `clients` call it one call after another each. */
async function rateOf(clients, act) {
  const start = performance.now();
  const end = start + SLICE_MS;
  let done = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < end) {
        await act();
        done += 1;
      }
    }),
  );
  return (done * 1000) / (performance.now() - start);
}

const LINE = Buffer.from(`${'x'.repeat(199)}\n`);

/** The floor: 200 bytes appended and synced, one after another. Blocking calls are the fastest there is. */
function floorBlocking(folder) {
  const fd = openSync(join(folder, 'floor'), 'a');
  const start = performance.now();
  let done = 0;
  while (performance.now() < start + SLICE_MS) {
    writeSync(fd, LINE);
    fdatasyncSync(fd);
    done += 1;
  }
  const rate = (done * 1000) / (performance.now() - start);
  closeSync(fd);
  return rate;
}

/** The same without blocking the event loop while the disk works, as a server has to. */
async function floorServer(folder) {
  const fd = openSync(join(folder, 'floor'), 'a');
  const rate = await rateOf(1, () => {
    writeSync(fd, LINE);
    return new Promise((done, fail) => fdatasync(fd, (error) => (error ? fail(error) : done())));
  });
  closeSync(fd);
  return rate;
}

async function drover(folder, openStore) {
  const store = await openStore({
    directory: join(folder, 'drover'),
    now: Date.now,
    version: 1,
    migrations: {},
    initial: () => new Map(),
    apply: (state, { event }) => state.set(event.id, event),
    toRecord: (state) => ({ tasks: [...state.values()] }),
    fromRecord: ({ tasks }) => new Map(tasks.map((each) => [each.id, each])),
  });
  await store.commit(
    Array.from({ length: TASKS }, (_, index) => task(index, 0)),
    'bench',
  );
  let count = 0;
  return {
    commit: () => {
      count += 1;
      return store.commit([task(count % TASKS, count)], 'bench');
    },
    close: () => store.close(),
  };
}

function openSqlite(file, Sqlite) {
  const db = new Sqlite(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(
    'CREATE TABLE task (id TEXT PRIMARY KEY, body TEXT); CREATE TABLE event (seq INTEGER PRIMARY KEY, body TEXT)',
  );
  const save = db.prepare('INSERT INTO task VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body');
  const append = db.prepare('INSERT INTO event (body) VALUES (?)');
  const write = (each) => {
    const body = JSON.stringify(each);
    save.run(each.id, body);
    append.run(body);
  };
  db.transaction(() => {
    for (let index = 0; index < TASKS; index += 1) write(task(index, 0));
  })();
  return { db, write };
}

function sqliteSingle(folder, Sqlite) {
  const { db, write } = openSqlite(join(folder, 'single.db'), Sqlite);
  const one = db.transaction(write);
  let count = 0;
  return {
    commit: async () => {
      count += 1;
      one(task(count % TASKS, count));
      // Other clients get their turn, as they would in a server.
      await new Promise(setImmediate);
    },
    close: () => db.close(),
  };
}

/** Everything that waits at the end of a turn of the event loop shares one transaction. */
function sqliteGrouped(folder, Sqlite) {
  const { db, write } = openSqlite(join(folder, 'grouped.db'), Sqlite);
  const many = db.transaction((tasks) => {
    for (const each of tasks) write(each);
  });
  let waiting = [];
  let count = 0;
  const flush = () => {
    const batch = waiting;
    waiting = [];
    many(batch.map(({ each }) => each));
    for (const { done } of batch) done();
  };
  return {
    commit: () =>
      new Promise((done) => {
        count += 1;
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ each: task(count % TASKS, count), done });
      }),
    close: () => db.close(),
  };
}

/** Each round in another order, forwards and backwards, so that nobody always follows the same one. */
function orderOf(names, round) {
  const first = round % names.length;
  const order = [...names.slice(first), ...names.slice(0, first)];
  return round % 2 === 0 ? order : order.reverse();
}

/** Name -> commits a second, one for each round. */
async function measure(clients, openers) {
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-'));
  const peers = {};
  for (const [name, open] of Object.entries(openers)) peers[name] = await open(folder);
  const runs = {
    blocking: () => floorBlocking(folder),
    server: () => floorServer(folder),
    ...Object.fromEntries(Object.entries(peers).map(([name, { commit }]) => [name, () => rateOf(clients, commit)])),
  };
  const names = Object.keys(runs);
  const rates = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const name of orderOf(names, round + 1)) {
      const rate = await runs[name]();
      // The first round warms up.
      if (round >= 0) rates[name].push(rate);
    }
  }
  for (const peer of Object.values(peers)) await peer.close();
  rmSync(folder, { recursive: true });
  return rates;
}

const NAMES = {
  blocking: 'floor, blocking',
  server: 'floor, not blocking',
  drover: 'drover',
  single: 'sqlite, 1 txn each',
  grouped: 'sqlite, grouped',
};

/** The store against a peer, each at least as fast. A server can't block its event loop for a disk, so neither does the floor. */
const BARS = [
  { clients: 1, peer: 'server' },
  { clients: 64, peer: 'grouped' },
  { clients: 512, peer: 'grouped' },
];

/** The median over the rounds of how many times as fast as `peer` something was in the same round. */
const ratioOf = (rates, name, peer) => median(rates[name].map((rate, round) => rate / rates[peer][round]));

function cell(rates, name) {
  return `${Math.round(median(rates[name])).toLocaleString('en')} (${ratioOf(rates, name, 'server').toFixed(2)})`;
}

/** Prints the medians and the ratios; true when every bar is met. */
export async function run() {
  const { openStore } = await import(join(ROOT, 'dist', 'store', 'store.js'));
  const Sqlite = await loadSqlite();
  const openers = {
    drover: (folder) => drover(folder, openStore),
    single: (folder) => sqliteSingle(folder, Sqlite),
    grouped: (folder) => sqliteGrouped(folder, Sqlite),
  };
  const columns = {};
  for (const clients of CLIENTS) columns[clients] = await measure(clients, openers);
  console.log(
    `  durable commits/s (ratio to the floor that doesn't block), medians of ${ROUNDS} interleaved rounds of ${SLICE_MS} ms`,
  );
  console.log(`  ${''.padEnd(22)}${CLIENTS.map((clients) => `${clients} clients`.padStart(20)).join('')}`);
  for (const [name, title] of Object.entries(NAMES)) {
    console.log(`  ${title.padEnd(22)}${CLIENTS.map((clients) => cell(columns[clients], name).padStart(20)).join('')}`);
  }
  let isMet = true;
  for (const { clients, peer } of BARS) {
    const ratio = ratioOf(columns[clients], 'drover', peer);
    console.log(`  ${clients} clients, drover against "${NAMES[peer]}": ${ratio.toFixed(2)}x (at least 1x)`);
    isMet &&= ratio >= 1;
  }
  return isMet;
}
