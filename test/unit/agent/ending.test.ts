// Tells by which steps an agent is ended.
import { describe, expect, it } from 'vitest';
import { endAgent } from '../../../src/agent/ending.ts';

/** An agent that goes at a given step; gives how it was ended and the steps that were taken. */
async function end(goesAt: string, how: 'keys' | 'term' = 'keys') {
  const steps: string[] = [];
  let go = (): void => undefined;
  const exited = new Promise<void>((resolve) => {
    go = resolve;
  });
  const step = (name: string) => {
    steps.push(name);
    if (`${steps.length} ${name}` === goesAt || name === goesAt) go();
  };
  const agent = { write: step, exited, signal: step, killGroup: () => step('kill') };
  return { by: await endAgent(agent, how, { between: 1, afterAsking: 1, afterTerm: 1 }), steps };
}

describe('endAgent', () => {
  it.each([
    ['1 \x04', 'keys', 'asked', ['\x04']],
    ['2 \x04', 'keys', 'asked', ['\x04', '\x04']],
    ['SIGTERM', 'keys', 'term', ['\x04', '\x04', 'SIGTERM']],
    ['kill', 'keys', 'kill', ['\x04', '\x04', 'SIGTERM', 'kill']],
    ['SIGTERM', 'term', 'term', ['SIGTERM']],
  ] as const)('goes at %j (%s): %s', async (goesAt, how, by, steps) => {
    expect(await end(goesAt, how)).toEqual({ by, steps });
  });
});
