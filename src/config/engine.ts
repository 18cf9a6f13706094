// Owns what is asked of V8 while the program runs. Not on a command line: Node's own modules, and the code that comes with the bundle, are compiled
// anew under any flag of V8, which took 17 to 20 ms of a start. So it is asked when what a role consists of has been loaded.
import { setFlagsFromString } from 'node:v8';

/** ms from its loading in which a process starts; longer than that takes on a slow machine. */
const START = 1500;

/**
 * Lets V8 optimise nothing until the start is over. What is hot for 100 ms is compiled on threads of V8's own, 110 ms of CPU in a workspace and 60 in
 * a server, which the two processes and the agents that are being started then lack: the first pane came 10 % later on two cores.
 */
export function optimizeAfterStart(): void {
  setFlagsFromString('--no-opt');
  setTimeout(() => setFlagsFromString('--opt'), START).unref();
}

/**
 * A server lives for days and is mostly at rest: without a growing young generation, where Node's own becomes 16 MiB, it held 28 MB less with
 * 8 full panes, and lost no throughput that could be told from noise.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
