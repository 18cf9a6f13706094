// Owns what an end-to-end test stands on: a repository, a home, a socket folder of its own, the built program, and the end of all that it started.
import { readdirSync, readFileSync } from 'node:fs';
import { builtProgram, createScene, type Scene } from '../integration/cli/scene.ts';
import { PersonTerminal, type Size } from './terminal.ts';
import { Watch } from './watch.ts';

export interface Stage extends Scene {
  /** The program as words for a shell. */
  readonly command: string;
  /** Opens the program in a terminal. */
  open(words: readonly string[], size: Size, env?: Record<string, string>): PersonTerminal;
  /** Opens any other program in a terminal, with the same environment. */
  openProgram(argv: readonly [string, ...string[]], size: Size, env?: Record<string, string>): PersonTerminal;
  /** Runs the program and gives its result as JSON; fails on another exit code than 0. */
  json<T>(words: readonly string[]): Promise<T>;
  serverPid(): Promise<number>;
  /** Follows the session's state from now on; starts the server when none runs. */
  watch(): Promise<Watch>;
  /** Stops the server and fails when any process of this stage is left. */
  strike(): Promise<void>;
}

interface StageOptions {
  readonly furnish?: (scene: Scene) => Record<string, string>;
}

/** A rehearsal without its pauses. */
const SPEED = '200';

/** Sets a stage: the repository is initialised for Drover. `furnish` puts more into it beforehand and gives further environment. */
export async function setStage({ furnish = () => ({}) }: StageOptions = {}): Promise<Stage> {
  const main = builtProgram();
  const scene = createScene(main);
  const env: Record<string, string> = {
    ...scene.env,
    DROVER_REHEARSAL_SPEED: SPEED,
    DROVER_OPERATOR: 'Ann <ann@example.com>',
    ...furnish(scene),
  };
  const terminals: PersonTerminal[] = [];
  const watches: Watch[] = [];
  const drover: Scene['drover'] = (words, options = {}) =>
    scene.drover(words, { ...options, env: { ...env, ...options.env } });
  const openProgram: Stage['openProgram'] = (argv, size, extra = {}) => {
    const terminal = new PersonTerminal(argv, { ...size, cwd: scene.repository, env: { ...env, ...extra } });
    terminals.push(terminal);
    return terminal;
  };
  const stage: Stage = {
    ...scene,
    env,
    drover,
    command: `'${process.execPath}' '${main}'`,
    openProgram,
    open: (words, size, extra = {}) => openProgram([process.execPath, main, ...words], size, extra),
    json: async (words) => {
      const { code, stdout, stderr } = await drover([...words, '--json']);
      if (code !== 0) throw new Error(`drover ${words.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    serverPid: async () => (await stage.json<{ pid: number }>(['server', 'status'])).pid,
    watch: async () => {
      // A verb that starts the server when none runs.
      const { server } = await stage.json<{ server: { socket: string; repository: string; log: string } }>(['status']);
      const watch = await Watch.begin({ socket: server.socket, root: server.repository, log: server.log });
      watches.push(watch);
      return watch;
    },
    strike: async () => {
      for (const watch of watches) watch.close();
      for (const terminal of terminals) if (terminal.exitCode === null) terminal.kill('SIGKILL');
      await Promise.all(terminals.map((terminal) => terminal.exited));
      await drover(['server', 'stop']);
      const left = processesOf(scene.folder);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      scene.dispose();
      if (left.length > 0) throw new Error(`processes were left behind: ${left.join(' ')}`);
    },
  };
  const set = await drover(['init']);
  if (set.code !== 0) throw new Error(`drover init: ${set.stderr}`);
  scene.git('add', '.');
  scene.git('-c', 'user.email=a@x', '-c', 'user.name=A', 'commit', '-qm', 'Set up Drover');
  return stage;
}

/** Processes whose environment (as it was at their start) holds the text: a stage's folder, or the tag of a run. */
export function processesOf(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}
