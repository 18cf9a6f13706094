// Owns the polite end of an agent in a pty: asked to leave first, told to, and only then cut off.
import { setTimeout as sleep } from 'node:timers/promises';

/** What ending needs of a pty. */
export interface Endable {
  write(bytes: string): void;
  /** Settles when the process has gone. */
  readonly exited: Promise<unknown>;
  /** To the process. */
  signal(signal: 'SIGTERM'): void;
  /** SIGKILL to the whole process group. */
  killGroup(): void;
}

/** ms each. */
export interface EndingTimes {
  /** Between the two Ctrl-D; the agent shows "press again to exit" in between. */
  readonly between: number;
  readonly afterAsking: number;
  readonly afterTerm: number;
}

/** 200 ms between the keys is what was measured to work; an agent that has to run its last hooks takes about a second. */
const ENDING_TIMES: EndingTimes = { between: 200, afterAsking: 3000, afterTerm: 3000 };

export type EndedBy = 'asked' | 'term' | 'kill';

const CTRL_D = '\x04';

/**
 * Ends an agent and tells what it took. `how: 'term'` leaves out the keys: for agents without a prompt of their own, where
 * Ctrl-D is input, and for one that shows a dialog, which takes no notice of Ctrl-D. A tool that runs is ended by the keys,
 * and the agent may still report the end of that turn: the caller stops listening first. After 'kill' it waits for the exit as well. Tools of the agent may live on: endTagged follows.
 */
export async function endAgent(
  agent: Endable,
  how: 'keys' | 'term',
  times: EndingTimes = ENDING_TIMES,
): Promise<EndedBy> {
  if (how === 'keys') {
    agent.write(CTRL_D);
    if (await isGone(agent, times.between)) return 'asked';
    agent.write(CTRL_D);
    if (await isGone(agent, times.afterAsking)) return 'asked';
  }
  agent.signal('SIGTERM');
  if (await isGone(agent, times.afterTerm)) return 'term';
  agent.killGroup();
  await agent.exited;
  return 'kill';
}

async function isGone(agent: Endable, ms: number): Promise<boolean> {
  const stop = new AbortController();
  const waited = sleep(ms, false, { signal: stop.signal }).catch(() => false);
  const gone = await Promise.race([agent.exited.then(() => true), waited]);
  stop.abort();
  return gone;
}
