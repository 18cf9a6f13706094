// Owns how the benchmark of the pool drives the product: a server of its own on a clone, its events as they come, and peers that are started with nothing of ours around them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectToServer } from '../../dist/client/client.js';
import { adoptSubscription, replicate } from '../../dist/client/replica.js';
import { sessionPaths } from '../../dist/config/paths.js';
import { emptyState } from '../../dist/domain/state.js';

export const percentile = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * part) - 1)];

/** Runs a program and gives the ms that it took; throws when it fails. */
export async function timed(command, args, cwd) {
  const start = performance.now();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${text}`);
  return performance.now() - start;
}

/** The floor of a claim: one ref is written by git, one folder renamed. */
export async function floor({ root }, commit, round) {
  const name = (at) => join(root, `.floor-${at}`);
  mkdirSync(name(0), { recursive: true });
  const update = await timed('git', ['update-ref', `refs/heads/floor-${round}`, commit], root);
  const start = performance.now();
  renameSync(name(0), name(1));
  const rename = performance.now() - start;
  renameSync(name(1), name(0));
  return update + rename;
}

function isThere(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What the operator's own file says in every part: a task's title is the command that its agent runs. */
function writeOperatorConfig(stage) {
  const folder = join(stage.folder, 'config', 'drover');
  mkdirSync(folder, { recursive: true });
  const command = `command: { argv: [sh, -c, 'eval "$1"', sh, '{title}'] }\n`;
  writeFileSync(join(folder, 'config.yaml'), `${command}retry: { maxAttempts: 1 }\n`);
}

/** A server on the clone with this configuration (YAML; null leaves it as it is), and a copy of its state that follows it. */
export async function openSession(stage, clone, config) {
  writeOperatorConfig(stage);
  if (config !== null) {
    mkdirSync(join(clone.root, '.drover'), { recursive: true });
    writeFileSync(join(clone.root, '.drover', 'config.yaml'), config);
  }
  const paths = sessionPaths(clone.root, { create: true });
  const client = await connectToServer({ paths, kind: 'test', operator: 'bench@example.invalid', startServer: true });
  let state = emptyState();
  const early = [];
  const log = [];
  const waiting = new Set();
  const listeners = new Set();
  let isReady = false;
  const take = (envelope) => {
    if (replicate(state, envelope) !== 'applied') return;
    log.push(envelope);
    for (const look of [...waiting]) look();
    for (const listen of listeners) listen(state, envelope);
  };
  client.onNotice((notice) => {
    if (notice.notice !== 'event') return;
    if (isReady) take(notice.envelope);
    else early.push(notice.envelope);
  });
  state = adoptSubscription(state, await client.call('events.subscribe', {}));
  isReady = true;
  early.forEach(take);
  /** Resolves with what `find` gives as soon as it gives something. */
  const until = (find) =>
    new Promise((resolve) => {
      const look = () => {
        const found = find({ state, log });
        if (found === undefined || found === null || found === false) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  /** The first event of a type about a task, a worktree or a run, from now on or before. */
  const event = (type, fits = () => true, from = 0) =>
    until(() => log.slice(from).find((envelope) => envelope.event.type === type && fits(envelope.event)));
  const allWarm = (count) =>
    until(() => {
      const all = [...state.worktrees.values()];
      return all.length >= count && all.every((each) => each.state === 'warm');
    });
  const worktrees = () => [...state.worktrees.values()];
  const stop = async () => {
    const { pid } = await client.call('server.stop', {});
    while (isThere(pid)) await sleep(20);
  };
  return {
    ...clone,
    paths,
    call: client.call.bind(client),
    until,
    event,
    allWarm,
    worktrees,
    position: () => log.length,
    state: () => state,
    find: (type) => log.find(({ event: each }) => each.type === type),
    onEvent: (listen) => void listeners.add(listen),
    add: async (title, more = {}) => (await client.call('task.create', { title, ...more })).task.id,
    stop,
  };
}
