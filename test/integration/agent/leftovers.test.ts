// Tells that processes that outlived their agent are found by their tag and ended, and no others.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endProcesses, endTagged, findProcesses, type Tag } from '../../../src/agent/leftovers.ts';

let tag: Tag;
let children: ChildProcess[];

/** A child in a session of its own (as setsid), that has said "ready". */
async function start(script: string, env: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout ?? process.stdin, 'data');
  return child.pid ?? 0;
}

const IDLE = 'setInterval(() => {}, 1e6); console.log("ready")';
const STUBBORN = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6); console.log("ready")';
/** Leaves a grandchild that nobody is the parent of, as the shell tool of a killed agent. */
const ORPHAN_MAKER = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6); console.log("ready")'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.once('data', () => { console.log(child.pid); process.exit(0); });
`;

beforeEach(() => {
  children = [];
  tag = { name: 'DROVER_SESSION', value: randomUUID() };
});

afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await endTagged(tag, { graceMs: 0 });
});

describe('leftovers', () => {
  it('finds exactly the tag', async () => {
    const own = await start(IDLE, { [tag.name]: tag.value });
    await start(IDLE, { [tag.name]: `${tag.value}0` });
    await start(IDLE, { [`X${tag.name}`]: tag.value, OTHER: `${tag.name}=${tag.value}` });
    expect(await findProcesses(tag)).toEqual([own]);
    expect(await findProcesses({ name: 'DROVER_RUN', value: tag.value })).toEqual([]);
  });

  it('finds and ends an orphan', async () => {
    const maker = spawn(process.execPath, ['-e', ORPHAN_MAKER], {
      env: { PATH: process.env['PATH'] ?? '', [tag.name]: tag.value },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(maker.stdout, 'data');
    if (maker.exitCode === null) await once(maker, 'exit');
    const orphan = Number(String(said));
    expect(await findProcesses(tag)).toEqual([orphan]);
    expect(await endTagged(tag, { graceMs: 5000 })).toEqual({ ended: 1, left: [] });
    expect(await findProcesses(tag)).toEqual([]);
  });

  it('kills what does not heed SIGTERM', async () => {
    const pid = await start(STUBBORN, { [tag.name]: tag.value });
    expect(await endProcesses([pid], { graceMs: 50 })).toEqual([]);
    const [child] = children;
    if (child && child.signalCode === null) await once(child, 'exit');
    expect(child?.signalCode).toBe('SIGKILL');
  });

  it('never ends itself, its parents or a process that is gone', async () => {
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    expect(await endProcesses([process.pid, process.ppid, 1, 0, -1, gone.pid ?? 0], { graceMs: 50 })).toEqual([]);
    expect(await endTagged(tag, { graceMs: 50 })).toEqual({ ended: 0, left: [] });
  });
});
