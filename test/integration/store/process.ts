// Owns starting a child program of the store's tests and waiting for what it says.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Child {
  readonly pid: number;
  /** Everything it has said. */
  readonly lines: string[];
  /** The first line that passes; rejects with what it said on standard error when it ends before. */
  until(passes: (line: string) => boolean): Promise<string>;
  kill(): Promise<void>;
  /** Its exit code; null after a signal. */
  ended(): Promise<number | null>;
}

export interface Launch {
  readonly build: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Words that come before the program, such as those of unshare. */
  readonly under?: readonly string[];
}

export function launch({ build, args, env, under = [] }: Launch): Child {
  const program = join(build, 'test/integration/store/child.js');
  const [command = '', ...rest] = [...under, process.execPath, program, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: env ?? process.env });
  const lines: string[] = [];
  let partial = '';
  let errors = '';
  const waiting = new Set<() => void>();
  child.stdout?.on('data', (data: Buffer) => {
    const parts = (partial + data.toString('utf8')).split('\n');
    partial = parts.pop() ?? '';
    lines.push(...parts);
    for (const look of waiting) look();
  });
  child.stderr?.on('data', (data: Buffer) => {
    errors += data.toString('utf8');
  });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  return {
    pid: child.pid ?? 0,
    lines,
    until: (passes) => untilLine({ lines, waiting, closed, passes, errors: () => errors }),
    kill: () => kill(child, closed),
    ended: () => closed,
  };
}

interface Wait {
  readonly lines: readonly string[];
  readonly waiting: Set<() => void>;
  readonly closed: Promise<unknown>;
  readonly passes: (line: string) => boolean;
  readonly errors: () => string;
}

function untilLine({ lines, waiting, closed, passes, errors }: Wait): Promise<string> {
  let from = 0;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const found = lines.slice(from).find(passes);
      from = lines.length;
      if (found === undefined) return;
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    void closed.then(() => {
      look();
      reject(new Error(`ended too early: ${lines.slice(-3).join(' | ')} ${errors()}`));
    });
    look();
  });
}

async function kill(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await closed;
}
