// Owns the benchmark of a server at rest: four panes whose programs are silent, and the share of a core that it takes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSandbox } from './sandbox.mjs';

const SECONDS = 20;
/** Percent of one core. */
const BAR = 1;

/** Prints the share; true when the bar is met. */
export async function run() {
  const { env, drover, stop } = createSandbox();
  try {
    const config = join(env.HOME, '.config', 'drover');
    mkdirSync(config, { recursive: true });
    writeFileSync(
      join(config, 'config.yaml'),
      'agent: command\ncommand:\n  argv: ["sh", "-c", "echo at rest; sleep 600"]\n',
    );
    for (let at = 1; at <= 4; at += 1) drover('add', `Rest ${at}`);
    drover('run', '--workers', '4', '--json');
    const status = JSON.parse(drover('server', 'status', '--json'));
    // All four have started when their panes are alive; then the clock begins.
    while (JSON.parse(drover('status', '--json')).running.filter(({ run: agent }) => agent?.pid).length < 4)
      await sleep(200);
    await sleep(2000);
    const tick = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
    const before = cpuTicks(status.pid);
    await sleep(SECONDS * 1000);
    const share = ((cpuTicks(status.pid) - before) / tick / SECONDS) * 100;
    console.log(`  server with 4 idle panes   ${share.toFixed(2)} % of a core over ${SECONDS} s (under ${BAR} %)`);
    return share < BAR;
  } finally {
    stop();
  }
}

/** User and system time of a process, in clock ticks. */
function cpuTicks(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
