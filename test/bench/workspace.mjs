// Owns the benchmark of the workspace as a multiplexer: tmux beside it in the same run, round by round, and the bars. `node workspace.mjs echo` runs one part.
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MAIN, median } from './sandbox.mjs';
import { writeFeeds, writeRecordings } from './workspace-data.mjs';
import { ask, cpuOf, memoryOf, Outer, setBoth, setDrover, setTmux, tell } from './workspace-rig.mjs';

const ROUNDS = Number(process.env.DROVER_BENCH_ROUNDS ?? 5);
/** One of these is what a key looks like on the outer terminal; nothing that is fed holds them. */
const KEYS = ['~', '^', '`'];
const percentile = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

let isMet = true;

/** One row of the table. `bar` is [comparison, limit, unit]; a ratio is compared when the unit is `x`, our figure otherwise. */
function row(name, [drover, tmux, unit], [comparison, limit, barUnit]) {
  const ratio = tmux === null ? null : drover / tmux;
  const value = barUnit === 'x' ? ratio : drover;
  const isOk = comparison === '>=' ? value >= limit : value <= limit;
  isMet &&= isOk;
  const show = (number) =>
    number === null ? '-' : number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);
  const cells = [
    `${show(drover)} ${unit}`.padStart(13),
    `${show(tmux)}`.padStart(9),
    (ratio === null ? '-' : ratio.toFixed(2)).padStart(7),
  ];
  console.log(
    `  ${name.padEnd(44)}${cells.join('')}   ${comparison} ${limit}${barUnit === 'x' ? 'x' : ` ${barUnit}`}`.padEnd(
      92,
    ) + (isOk ? ' ok' : ' MISSED'),
  );
}

/** Each round in both orders by turns, so that nobody always has the warm machine. */
async function interleave(rounds, stages, act) {
  for (let round = 0; round < rounds; round += 1)
    for (const stage of round % 2 === 0 ? stages : [...stages].reverse()) await act(stage, round);
}

const both = () => ({ drover: [], tmux: [] });

async function throughput() {
  const results = {};
  const measure = async (stages, name, { bytes, times }) => {
    const rates = both();
    const cpus = both();
    const feeds = { drover: writeFeeds(stages[0].folder, bytes), tmux: writeFeeds(stages[1].folder, bytes) };
    await interleave(ROUNDS, stages, async (stage) => {
      const cpu = cpuOf(stage.pids());
      const start = performance.now();
      await Promise.all(stage.all.map((program) => ask(program, `feed ${feeds[stage.name][name]} ${times}`)));
      const total = bytes * times * stage.all.length;
      rates[stage.name].push(total / 1000 / (performance.now() - start));
      cpus[stage.name].push((cpuOf(stage.pids()) - cpu) / (total / 1e6));
    });
    results[`${name} x${stages[0].panes}`] = { rates, cpus };
  };
  await setBoth(1, async (...stages) => {
    for (const name of ['ascii', 'ansi', 'cjk', 'redraw']) await measure(stages, name, { bytes: 1e6, times: 10 });
  });
  await setBoth(8, async (...stages) => {
    for (const name of ['ansi', 'redraw']) await measure(stages, name, { bytes: 1e6, times: 2 });
  });
  const bars = { 'ascii x1': 1, 'ansi x1': 1.2, 'cjk x1': 2, 'redraw x1': 1.7, 'ansi x8': 1.2, 'redraw x8': 3 };
  for (const [name, bar] of Object.entries(bars)) {
    const { drover, tmux } = results[name].rates;
    row(`throughput ${name}`, [median(drover), median(tmux), 'MB/s'], ['>=', bar, 'x']);
  }
  const { drover, tmux } = results['redraw x8'].cpus;
  row('CPU redraw x8', [median(drover), median(tmux), 'ms/MB'], ['<=', 0.5, 'x']);
}

/** Types `count` keys, each after the last one's echo and a pause; the times from key to echo in ms. */
async function typeKeys(stage, count, pause = () => 10 + Math.random() * 20) {
  const times = [];
  for (let at = 0; at < count; at += 1) {
    const key = KEYS[at % KEYS.length];
    const seen = stage.outer.see(key);
    const start = performance.now();
    stage.outer.type(key);
    times.push((await seen) - start);
    await sleep(pause());
  }
  return times;
}

async function echo() {
  await setBoth(8, async (...stages) => {
    const idle = both();
    const flooded = both();
    const bytes = both();
    await interleave(ROUNDS, stages, async (stage) => {
      const [focused, ...others] = stage.all;
      await ask(focused, 'echo');
      await sleep(300);
      idle[stage.name].push(...(await typeKeys(stage, 60)));
      const { redraw } = writeFeeds(stage.folder, 1e6);
      for (const other of others) tell(other, `flood ${redraw}`);
      await sleep(500);
      flooded[stage.name].push(...(await typeKeys(stage, 60)));
      await Promise.all([...others, focused].map((program) => ask(program, 'stop')));
      await ask(focused, 'type');
      await sleep(1500);
      const before = stage.outer.bytes;
      await typeKeys(stage, 36);
      bytes[stage.name].push((stage.outer.bytes - before) / 36);
      await ask(focused, 'stop');
    });
    const at = (times, part) => [percentile(times.drover, part), percentile(times.tmux, part), 'ms'];
    row('key to echo, 7 panes flooding, p50', at(flooded, 0.5), ['<=', 0.1, 'x']);
    row('key to echo, 7 panes flooding, p99', at(flooded, 0.99), ['<=', 0.5, 'x']);
    row('key to echo, idle, p50', at(idle, 0.5), ['<=', 3, 'x']);
    row('bytes to the outer terminal, per key', [median(bytes.drover), median(bytes.tmux), 'B'], ['<=', 12, 'B']);
  });
}

async function bytes() {
  const SECONDS = 3;
  const measure = async (panes, names) => {
    await setBoth(panes, async (...stages) => {
      for (const name of names) {
        const rates = both();
        await interleave(Math.min(ROUNDS, 3), stages, async (stage) => {
          const file = writeFeeds(stage.folder, 1e6)[name];
          for (const program of stage.all) tell(program, `flood ${file}`);
          await sleep(500);
          const before = stage.outer.bytes;
          const start = performance.now();
          await sleep(SECONDS * 1000);
          rates[stage.name].push((stage.outer.bytes - before) / (performance.now() - start));
          await Promise.all(stage.all.map((program) => ask(program, 'stop')));
        });
        row(
          `bytes to the outer terminal, flood ${name} x${panes}`,
          [median(rates.drover), median(rates.tmux), 'kB/s'],
          ['<=', panes === 1 ? 700 : 450, 'kB/s'],
        );
      }
    });
  };
  await measure(1, ['ansi', 'redraw']);
  await measure(8, ['ansi', 'redraw']);
}

/** CPU of server and client in percent of a core over some seconds. */
async function shareOf(stage, seconds) {
  const before = cpuOf(stage.pids());
  const start = performance.now();
  await sleep(seconds * 1000);
  return ((cpuOf(stage.pids()) - before) / (performance.now() - start)) * 100;
}

/**
 * ms of faster spinning before it is measured: spinners spin for hours, and in the first minutes of theirs a third of what a Node process takes is its
 * compiler's. At 50 Hz this is as many pictures as in five minutes.
 */
const WARM_UP = 60_000;

async function spinners() {
  await setBoth(8, async (...stages) => {
    const shares = both();
    for (const stage of stages) for (const program of stage.all) tell(program, 'spin 50');
    await sleep(WARM_UP);
    for (const stage of stages) await Promise.all(stage.all.map((program) => ask(program, 'stop')));
    await interleave(Math.min(ROUNDS, 4), stages, async (stage) => {
      for (const program of stage.all) tell(program, 'spin 10');
      await sleep(1000);
      shares[stage.name].push(await shareOf(stage, 5));
      await Promise.all(stage.all.map((program) => ask(program, 'stop')));
    });
    row('8 spinners at 10 Hz, CPU', [median(shares.drover), median(shares.tmux), '%'], ['<=', 3, 'x']);
  });
}

async function replay() {
  const stage = await setDrover(8);
  try {
    await stage.begin();
    const recordings = writeRecordings(stage.folder);
    for (const [at, program] of stage.all.entries()) {
      const { raw, times } = recordings[at % recordings.length];
      tell(program, `replay ${raw} ${times}`);
    }
    // A recording takes 30 s.
    const share = await shareOf(stage, 32);
    row('replay of Claude Code in 8 panes, CPU', [share, null, '%'], ['<=', 15, '%']);
  } finally {
    await stage.end();
  }
}

async function memory() {
  await setBoth(8, async (...stages) => {
    const used = {};
    for (const stage of stages) {
      await Promise.all(stage.all.map((program, at) => ask(program, `fill 10100 full-${at}`)));
      await sleep(3000);
      used[stage.name] = memoryOf(stage.pids());
    }
    console.log(
      `    of it ours: server ${memoryOf([stages[0].server]).toFixed(0)} MB, client ${memoryOf([stages[0].outer.pid]).toFixed(0)} MB`,
    );
    row('memory, 8 panes of 10,000 full lines', [used.drover, used.tmux, 'MB'], ['<=', 110, 'MB']);
  });
}

/** From nothing to the first pane's text: no server, one program. */
async function coldStart() {
  const [ours, theirs] = [await setDrover(0), await setTmux(0)];
  const times = both();
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.programs.forget();
      const { task } = JSON.parse(ours.drover('add', `c${round}`, '--json'));
      ours.drover('server', 'stop');
      let start = performance.now();
      ours.outer = new Outer([process.execPath, MAIN, 'run', '--workers', '1'], { cwd: ours.root, env: ours.env });
      times.drover.push((await ours.outer.see(`ready-c${round}`)) - start);
      await ours.outer.close();
      ours.drover('cancel', task.id);
      ours.drover('stop');
      start = performance.now();
      theirs.outer = new Outer(['tmux', ...theirs.words('new-session'), ...theirs.program(`c${round}`)], {
        cwd: theirs.root,
        env: theirs.env,
      });
      times.tmux.push((await theirs.outer.see(`ready-c${round}`)) - start);
      theirs.tmux('kill-server');
      await theirs.outer.close();
    }
  } finally {
    for (const stage of [ours, theirs]) stage.outer = null;
    await ours.end();
    await theirs.end();
  }
  row('start to the first pane, no server yet', [median(times.drover), median(times.tmux), 'ms'], ['<=', 250, 'ms']);
}

async function start() {
  await coldStart();
  for (const panes of [1, 8]) {
    await setBoth(panes, async (...stages) => {
      const times = both();
      for (const stage of stages)
        await Promise.all(stage.all.map((program, at) => ask(program, `fill ${panes === 1 ? 1 : 10100} full-${at}.`)));
      for (const stage of stages) await stage.outer.close();
      await interleave(ROUNDS * 2, stages, async (stage) => {
        const begin = performance.now();
        stage.outer = stage.attach();
        times[stage.name].push((await stage.outer.see(...stage.all.map((_, at) => `full-${at}.`))) - begin);
        await stage.outer.close();
      });
      for (const stage of stages) stage.outer = null;
      const name = panes === 1 ? 'attach to one pane' : 'attach to 8 full panes';
      row(name, [median(times.drover), median(times.tmux), 'ms'], ['<=', panes === 1 ? 250 : 200, 'ms']);
    });
  }
}

async function link() {
  const stage = await setDrover(8, { rate: 500_000 });
  try {
    await stage.begin();
    const { redraw, ansi } = writeFeeds(stage.folder, 1e6);
    const [focused, ...others] = stage.all;
    tell(focused, `floodecho ${redraw}`);
    for (const other of others) tell(other, `flood ${ansi}`);
    await sleep(1000);
    const times = await typeKeys(stage, 1000, () => 5);
    console.log(
      `    of 1,000 keys p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms`,
    );
    row('500 kB/s link, all panes flooding, slowest key', [Math.max(...times), null, 'ms'], ['<=', 2000, 'ms']);
    await Promise.all(stage.all.map((program) => ask(program, 'stop')));
  } finally {
    await stage.end();
  }
}

const PARTS = { throughput, echo, bytes, spinners, memory, start, link, replay };

export const parts = Object.keys(PARTS);

/** Prints the table, or the parts of it named; true when every bar is met. */
export async function run(names = []) {
  isMet = true;
  const tmux = execFileSync('tmux', ['-V'], { encoding: 'utf8' }).trim();
  console.log(
    `  200x60, medians of ${ROUNDS} interleaved rounds, ${tmux} beside; load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  console.log(`  ${''.padEnd(44)}${'drover'.padStart(13)}${'tmux'.padStart(9)}${'ratio'.padStart(7)}   bar`);
  for (const name of names.length > 0 ? names : parts) await PARTS[name]();
  return isMet;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !parts.includes(name));
  if (unknown.length > 0) {
    console.error(`no part ${unknown.join(', ')}; there are: ${parts.join(', ')}`);
    process.exitCode = 2;
  } else if (!(await run(names))) process.exitCode = 1;
}
