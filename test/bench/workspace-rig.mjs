// Owns what the workspace's benchmark stands on: the same programs in the panes of Drover and of tmux, each with a terminal around it that is read by nobody but us.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node-pty';
import { createSandbox, MAIN } from './sandbox.mjs';

const PROGRAM = fileURLToPath(new URL('pane-program.pl', import.meta.url));
const SIZE = { cols: 200, rows: 60 };
/** What never came by now never comes, in ms. */
const PATIENCE = 60_000;
/** What a terminal answers to DA1 and to the question for synchronized output. */
const ANSWERS = [
  ['\x1b[c', '\x1b[?62;22c'],
  ['\x1b[?2026$p', '\x1b[?2026;2$y'],
];

export function withPatience(promise, what) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The outer terminal: a pty whose bytes are counted and dropped, at `rate` bytes a second. */
export class Outer {
  bytes = 0;
  #pty;
  #waits = new Set();
  #exited;

  constructor(argv, { cwd, env, rate = Number.POSITIVE_INFINITY }) {
    const [file, ...args] = argv;
    const look = { ...env, TERM: 'xterm-256color', COLORTERM: 'truecolor' };
    this.#pty = spawn(file, args, { ...SIZE, cwd, env: look, encoding: null });
    const start = performance.now();
    this.#pty.onData((chunk) => {
      this.bytes += chunk.length;

      for (const wait of this.#waits) wait(chunk);
      if (this.bytes < 100_000)
        for (const [question, answer] of ANSWERS) if (chunk.includes(question)) this.#pty.write(answer);
      const ahead = (this.bytes / rate) * 1000 - (performance.now() - start);
      if (ahead <= 1) return;
      this.#pty.pause();
      setTimeout(() => this.#pty.resume(), ahead);
    });
    this.#exited = new Promise((resolve) => this.#pty.onExit(resolve));
  }

  get pid() {
    return this.#pty.pid;
  }

  type(keys) {
    this.#pty.write(keys);
  }

  /** Resolves with the time (performance.now) at which all these texts have come. */
  see(...texts) {
    const missing = new Set(texts);
    let tail = '';
    return withPatience(
      new Promise((resolve) => {
        const wait = (chunk) => {
          const text = tail + chunk.toString('latin1');
          for (const each of missing) if (text.includes(each)) missing.delete(each);
          tail = text.slice(-64);
          if (missing.size > 0) return;
          this.#waits.delete(wait);
          resolve(performance.now());
        };
        this.#waits.add(wait);
      }),
      `${[...missing].join(', ')} on the outer terminal`,
    );
  }

  async close() {
    try {
      process.kill(this.#pty.pid, 'SIGTERM');
    } catch {}
    await withPatience(this.#exited, 'the end of the client');
  }
}

/** The benchmark's ends of the programs in the panes. */
class Programs {
  #server;
  #known = new Map();
  #onHello = () => {};
  path;

  constructor(path) {
    this.path = path;
    this.#server = createServer((socket) => {
      const program = { socket, said: [], waiting: [], onTyped: () => {} };
      let rest = '';
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        const lines = (rest + bytes).split('\n');
        rest = lines.pop();
        for (const line of lines) this.#hear(program, line);
      });
    }).listen(path);
  }

  #hear(program, line) {
    if (line.startsWith('hello ')) {
      this.#known.set(line.slice(6), program);
      this.#onHello();
    } else if (line === 'typed') program.onTyped();
    else program.waiting.shift()?.(line);
  }

  /** Waits until so many programs are there. */
  async gather(count) {
    const all = new Promise((resolve) => {
      this.#onHello = () => this.#known.size >= count && resolve();
      this.#onHello();
    });
    await withPatience(all, `${count} programs in panes`);
    return [...this.#known.values()];
  }

  forget() {
    this.#known.clear();
  }

  close() {
    for (const { socket } of this.#known.values()) socket.destroy();
    this.#server.close();
  }
}

/** Tells a program what to do, without waiting. */
export function tell(program, words) {
  program.socket.write(`${words}\n`);
}

/** Tells it, and resolves with its next word. */
export function ask(program, words) {
  const answer = new Promise((resolve) => program.waiting.push(resolve));
  tell(program, words);
  return withPatience(answer, `the answer of a pane to "${words}"`);
}

/** Drover with so many panes, each with the benchmark's program, and an attached client. */
export async function setDrover(panes, { rate } = {}) {
  const sandbox = createSandbox();
  const { root, env, drover } = sandbox;
  const programs = new Programs(join(sandbox.folder, 'p'));
  const config = join(env.HOME, '.config', 'drover');
  mkdirSync(config, { recursive: true });
  writeFileSync(
    join(config, 'config.yaml'),
    `agent: command\ncommand:\n  argv: ["perl", "${PROGRAM}", "${programs.path}", "{title}"]\n`,
  );
  for (let at = 1; at <= panes; at += 1) drover('add', String(at));
  const attach = () => new Outer([process.execPath, MAIN, 'attach'], { cwd: root, env, rate });
  const stage = { name: 'drover', folder: sandbox.folder, panes, programs, drover, attach, root, env, outer: null };
  stage.begin = async () => {
    drover('run', '--workers', String(panes), '--json');
    stage.all = await programs.gather(panes);
    stage.server = JSON.parse(drover('server', 'status', '--json')).pid;
    await open(stage);
  };
  stage.pids = () => [stage.server, stage.outer.pid];
  stage.end = async () => {
    await stage.outer?.close();
    programs.close();
    sandbox.stop();
  };
  return stage;
}

/** tmux 3.3a or later with so many panes, tiled, each with the benchmark's program, and an attached client. */
export async function setTmux(panes, { rate } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-'));
  const programs = new Programs(join(folder, 'p'));
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder, LANG: 'C.UTF-8', SHELL: '/bin/sh' };
  const socket = join(folder, 't');
  const conf = join(folder, 'conf');
  // As a person with many agents would set it: the same history, no wait after Escape, true colour.
  writeFileSync(conf, 'set -g history-limit 10000\nset -sg escape-time 0\nset -ga terminal-overrides ",*:RGB"\n');
  const words = (...rest) => ['-S', socket, '-f', conf, ...rest];
  const tmux = (...rest) =>
    execFileSync('tmux', words(...rest), { env, encoding: 'utf8', cwd: folder, stdio: 'pipe' }).trim();
  const attach = () => new Outer(['tmux', ...words('attach')], { cwd: folder, env, rate });
  const stage = { name: 'tmux', folder, panes, programs, tmux, words, attach, root: folder, env, outer: null };
  stage.begin = async () => {
    tmux('new-session', '-d', '-x', '200', '-y', '60', 'perl', PROGRAM, programs.path, '1');
    for (let at = 2; at <= panes; at += 1) {
      tmux('split-window', 'perl', PROGRAM, programs.path, String(at));
      tmux('select-layout', 'tiled');
    }
    stage.all = await programs.gather(panes);
    stage.server = Number(tmux('display-message', '-p', '#{pid}'));
    await open(stage);
  };
  stage.pids = () => [stage.server, stage.outer.pid];
  stage.program = (name) => ['perl', PROGRAM, programs.path, name];
  stage.end = async () => {
    await stage.outer?.close();
    try {
      tmux('kill-server');
    } catch {
      // Its last pane has ended, and it with it.
    }
    programs.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return stage;
}

/** Attaches, and finds which program has the keyboard: it stands first in `all`. */
async function open(stage) {
  stage.outer = stage.attach();
  await stage.outer.see('ready-');
  await Promise.all(stage.all.map((program) => ask(program, 'echo')));
  const focused = withPatience(
    new Promise((resolve) => {
      for (const program of stage.all) program.onTyped = () => resolve(program);
    }),
    'a key in a pane',
  );
  stage.outer.type('~');
  const first = await focused;
  await Promise.all(stage.all.map((program) => ask(program, 'stop')));
  for (const program of stage.all) program.onTyped = () => {};
  stage.all = [first, ...stage.all.filter((program) => program !== first)];
}

/** Both, with so many panes. */
export async function setBoth(panes, act) {
  const stages = [await setDrover(panes), await setTmux(panes)];
  try {
    for (const stage of stages) await stage.begin();
    return await act(...stages);
  } finally {
    for (const stage of stages) await stage.end();
  }
}

/** User and system time of processes in ms, to the nanosecond where the kernel counts so. */
export function cpuOf(pids) {
  let total = 0;
  for (const pid of pids)
    for (const task of readdirSync(`/proc/${pid}/task`))
      total += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  return total;
}

/** Proportional set size of processes in MB. */
export function memoryOf(pids) {
  let kilobytes = 0;
  for (const pid of pids)
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
  return kilobytes / 1024;
}
