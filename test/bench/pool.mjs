// Owns the benchmark of the pool: its parts, one after the other. `npm run bench -- pool claim` runs one; DROVER_BENCH_ROUNDS sets the rounds.
import { allHeld } from './pool-table.mjs';

/** In the order in which they are told; each prints its rows. */
const PARTS = {
  claim: async () => (await import('./pool-claim.mjs')).claim(),
  start: async () => (await import('./pool-claim.mjs')).start(),
  refill: async () => (await import('./pool-refill.mjs')).refill(),
  agents: async () => (await import('./pool-contention.mjs')).agents(),
  workers: async () => (await import('./pool-workers.mjs')).workers(),
};

export const parts = Object.keys(PARTS);

/** Runs these parts, all without any; true when every bar was held. */
export async function run(wanted = []) {
  for (const name of wanted.length > 0 ? wanted : parts) {
    console.log(`  -- ${name}`);
    await PARTS[name]();
  }
  return allHeld();
}
