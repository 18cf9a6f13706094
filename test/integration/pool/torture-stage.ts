// Owns what the torture of the pool stands on: a repository with dependencies, the built program as its server, and programs on its PATH that kill at their n-th call.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Client, connectToServer } from '../../../src/client/client.ts';
import { adoptSubscription, replicate } from '../../../src/client/replica.ts';
import { type SessionPaths, sessionPaths } from '../../../src/config/paths.ts';
import type { Envelope } from '../../../src/domain/event.ts';
import { emptyState, type State } from '../../../src/domain/state.ts';

/** Which process dies, and when. */
export type Plan =
  /** The server, before its n-th change of the disk or start of a process. */
  | { readonly who: 'server'; readonly at: number }
  /** At the n-th call of a program: `alone` it dies in its midst, `both` the server dies with it, `before` and `after` only the server. */
  | { readonly who: 'git' | 'npm'; readonly at: number; readonly how: 'alone' | 'both' | 'before' | 'after' };

const CONFIG = `agent: command
workers: 2
pool: { size: 3, min: 3 }
retry: { maxAttempts: 4, baseDelay: 1ms, maxDelay: 2ms }
`;

/** Stands first on PATH. The real program is $real; `midst` is what it does while it is killed. */
const killer = (name: string, midst: string, whole: string) => `#!/bin/sh
here=$(dirname "$0")
server() { kill -9 "$(cat "$here/server.pid")"; }
exec 3<&0
echo >> "$here/${name}.calls"
at=0; how=none
[ -e "$here/${name}.plan" ] && read -r at how < "$here/${name}.plan"
if [ "$(wc -l < "$here/${name}.calls")" -eq "$at" ]; then
  echo "$how ${name} \${*##*i18n.commitEncoding=UTF-8}" > "$here/notes"
  case $how in
    before) server; kill -9 $$ ;;
    after) ${whole}; server; kill -9 $$ ;;
    alone) ${midst}; kill -9 $$ ;;
    both) ${midst}; server; kill -9 $$ ;;
  esac
fi
${whole}
`;

/** Killed in its first milliseconds, of which another one each time. */
const gitMidst = (real: string) => `"${real}" "$@" <&3 & sleep "0.00$((at % 10))"; kill -9 $!`;

const NPM_STEP = (from: number, to: number) =>
  `i=${from}; mkdir -p node_modules/a node_modules/.bin; while [ $i -lt ${to} ]; do echo "$i" > "node_modules/a/$i.js"; i=$((i + 1)); done`;

export class TortureStage {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'drover-torture-')));
  readonly root = join(this.folder, 'repository');
  readonly bin = join(this.folder, 'bin');
  readonly env: Record<string, string>;
  readonly paths: SessionPaths;
  state: State = emptyState();
  #main: string;
  #server: ChildProcess | null = null;
  #client: Client | null = null;
  readonly #before = { ...process.env };
  readonly #waiting = new Set<() => void>();

  constructor(main: string) {
    this.#main = main;
    for (const name of [this.root, this.bin, join(this.folder, 'home')]) mkdirSync(name);
    mkdirSync(join(this.folder, 's'), { mode: 0o700 });
    const path = process.env['PATH'] ?? '';
    const real =
      path
        .split(delimiter)
        .map((each) => join(each, 'git'))
        .find((each) => existsSync(each)) ?? 'git';
    this.env = {
      PATH: `${this.bin}:${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: join(this.folder, 'home'),
      XDG_STATE_HOME: join(this.folder, 'state'),
      XDG_CONFIG_HOME: join(this.folder, 'config'),
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      DROVER_SOCKET_DIR: join(this.folder, 's'),
      GIT_CONFIG_NOSYSTEM: '1',
      LANG: 'C.UTF-8',
    };
    // What this process looks at is what the server works on.
    for (const [name, value] of Object.entries(this.env)) if (name !== 'PATH') process.env[name] = value;
    mkdirSync(join(this.folder, 'config', 'drover'), { recursive: true });
    writeFileSync(
      join(this.folder, 'config', 'drover', 'config.yaml'),
      `command: { argv: [sh, -c, 'eval "$1"', sh, '{title}'] }\n`,
    );
    this.#program('git', killer('git', gitMidst(real), `"${real}" "$@" <&3`));
    const version = 'case "$1" in -v|--version) echo 11.0.0; exit ;; esac';
    const install = `${NPM_STEP(0, 20)}; echo '{}' > node_modules/.package-lock.json`;
    const npm = killer('npm', NPM_STEP(0, 10), install).replace('#!/bin/sh\n', `#!/bin/sh\n${version}\n`);
    this.#program('npm', npm);
    this.git('init', '-q', '-b', 'main');
    this.git('config', 'user.name', 'Ann');
    this.git('config', 'user.email', 'ann@example.invalid');
    this.write({ '.gitignore': 'node_modules/\n.drover/\n', '.drover/config.yaml': CONFIG, 'base.txt': 'base\n' });
    for (let at = 0; at < 40; at += 1) this.write({ [`files/${at % 4}/${at}.txt`]: `${at}\n`.repeat(20) });
    this.relock(0);
    this.paths = sessionPaths(this.root, { create: true });
  }

  #program(name: string, text: string): void {
    writeFileSync(join(this.bin, name), text);
    chmodSync(join(this.bin, name), 0o755);
  }

  /** Git as the operator runs it; it kills nobody. */
  git(...words: string[]): string {
    const env = { ...this.env, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    return execFileSync('git', words, { cwd: this.root, env, encoding: 'utf8', stdio: 'pipe' }).replace(/\n$/, '');
  }

  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, name)), { recursive: true });
      writeFileSync(join(this.root, name), text);
    }
  }

  /** The base branch moves on, and with another lock file a new generation is wanted. */
  relock(round: number): void {
    const name = 'application';
    const packages = { '': { name, dependencies: { a: '1.0.0' } }, 'node_modules/a': { version: `1.0.${round}` } };
    this.write({
      'package.json': JSON.stringify({ name, dependencies: { a: '1.0.0' } }),
      'package-lock.json': JSON.stringify({ name, lockfileVersion: 3, packages }),
      'base.txt': `base ${round}\n`,
    });
    this.git('add', '-A');
    this.git('commit', '-qm', `lock ${round}`);
  }

  /** How often a program was called so far. */
  calls(name: 'git' | 'npm'): number {
    const file = join(this.bin, `${name}.calls`);
    return existsSync(file) ? readFileSync(file, 'utf8').length : 0;
  }

  /** Where it died, in words; empty when nobody died. */
  notes(): string {
    const file = join(this.bin, 'notes');
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  }

  /** Starts the server; false when it died before it listened. */
  async start(plan: Plan | null): Promise<boolean> {
    for (const name of ['notes', 'git.plan', 'npm.plan']) rmSync(join(this.bin, name), { force: true });
    if (plan !== null && plan.who !== 'server') {
      writeFileSync(join(this.bin, `${plan.who}.plan`), `${this.calls(plan.who) + plan.at} ${plan.how}\n`);
    }
    const hook = join(import.meta.dirname, 'kill-at.mjs');
    const server = spawn(process.execPath, ['--import', hook, this.#main, '__server', this.root], {
      cwd: '/',
      env: {
        ...this.env,
        TORTURE_KILL_AT: plan?.who === 'server' ? `${plan.at}` : '0',
        TORTURE_NOTES: join(this.bin, 'notes'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#server = server;
    writeFileSync(join(this.bin, 'server.pid'), `${server.pid}`);
    const lines = createInterface({ input: server.stdout });
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => `${text}`),
      once(server, 'exit').then(() => ''),
    ]);
    if (line === '') return false;
    if (!JSON.parse(line).ready) {
      // It says so when a program died that it needs to begin, and ends.
      if (this.notes() === '') throw new Error(`the server does not start: ${line}`);
      if (server.exitCode === null) await once(server, 'exit');
      return false;
    }
    return this.#connect().catch((error: unknown) => {
      if (server.signalCode !== null || server.exitCode !== null) return false;
      throw error;
    });
  }

  async #connect(): Promise<boolean> {
    const client = await connectToServer({
      paths: this.paths,
      kind: 'test',
      operator: 'ann@example.invalid',
      startServer: false,
    });
    this.#client = client;
    const early: Envelope[] = [];
    let isReady = false;
    client.onNotice((notice) => {
      if (notice.notice !== 'event') return;
      if (!isReady) return void early.push(notice.envelope);
      replicate(this.state, notice.envelope);
      for (const look of [...this.#waiting]) look();
    });
    this.state = adoptSubscription(emptyState(), await client.call('events.subscribe', {}));
    for (const envelope of early) replicate(this.state, envelope);
    isReady = true;
    return true;
  }

  call: Client['call'] = (method, params) => {
    if (this.#client === null) throw new Error('no server');
    return this.#client.call(method, params);
  };

  /** Resolves with true when the state is so, with false when the server has died. */
  async until(isSo: (state: State) => boolean): Promise<boolean> {
    const server = this.#server;
    if (server === null || server.exitCode !== null || server.signalCode !== null) return false;
    return new Promise((resolve) => {
      const end = (answer: boolean) => {
        this.#waiting.delete(look);
        resolve(answer);
      };
      const look = () => {
        if (isSo(this.state)) end(true);
      };
      this.#waiting.add(look);
      server.once('exit', () => end(false));
      look();
    });
  }

  /** kill -9, if it lives. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    if (server.exitCode === null && server.signalCode === null) {
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
    }
    this.#client?.close();
    this.#client = null;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    const gone = once(server, 'exit');
    await this.call('server.stop', {});
    await gone;
    await this.kill();
  }

  async close(): Promise<void> {
    await this.kill();
    for (const name of Object.keys(process.env)) if (!(name in this.#before)) delete process.env[name];
    Object.assign(process.env, this.#before);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
