// Owns the benchmark of `drover status --oneline`, which a shell prompt waits for: against an empty node of the same run.
import { spawnSync } from 'node:child_process';
import { createSandbox, MAIN, median } from './sandbox.mjs';

const ROUNDS = 60;
const BAR = 1.6;

/** Prints the medians and the ratio; true when the bar is met. */
export async function run() {
  const { root, env, drover, stop } = createSandbox();
  try {
    drover('add', 'A task that waits');
    const time = (args) => {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env });
      if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
      return performance.now() - start;
    };
    const empty = [];
    const oneline = [];
    // Interleaved, so that the load of the machine falls on both.
    for (let round = 0; round < ROUNDS; round += 1) {
      empty.push(time(['-e', '0']));
      oneline.push(time([MAIN, 'status', '--oneline']));
    }
    const ratio = median(oneline) / median(empty);
    console.log(`  node -e 0                  ${median(empty).toFixed(1)} ms`);
    console.log(
      `  drover status --oneline    ${median(oneline).toFixed(1)} ms   ${ratio.toFixed(2)}x (at most ${BAR}x)`,
    );
    return ratio <= BAR;
  } finally {
    stop();
  }
}
