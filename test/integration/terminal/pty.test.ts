// Owns the proofs of the pty with real programs: no byte lost at the end, no descriptor left or leaked, input with patience, clear refusals.
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { type Pty, type PtyExit, spawnPty } from '../../../src/terminal/pty.ts';

let folder = '';
const env = { PATH: process.env['PATH'] };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-pty-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function start(...argv: string[]): Pty {
  return spawnPty({ argv, cwd: folder, env, cols: 80, rows: 24 });
}

async function finish(pty: Pty): Promise<{ exit: PtyExit; output: string }> {
  const chunks: Buffer[] = [];
  pty.onData((bytes) => chunks.push(Buffer.from(bytes)));
  const exit = await pty.exited;
  return { exit, output: Buffer.concat(chunks).toString() };
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** 20 kB, and gone. */
const FAST = ['/bin/sh', '-c', "head -c 20000 /dev/zero | tr '\\0' x"];

describe('a program that prints and exits at once', () => {
  it('loses no output in 300 times, and leaves no descriptor', async () => {
    await finish(start(...FAST));
    const before = openDescriptors();
    const lengths: number[] = [];
    for (let round = 0; round < 60; round += 1) {
      const outputs = await Promise.all(Array.from({ length: 5 }, () => finish(start(...FAST))));
      lengths.push(...outputs.map(({ output }) => output.length));
    }
    expect(lengths).toEqual(Array.from({ length: 300 }, () => 20_000));
    expect(openDescriptors()).toBe(before);
  });

  it('loses none while it is paused', async () => {
    for (let round = 0; round < 10; round += 1) {
      const pty = start(...FAST);
      let length = 0;
      pty.onData((bytes) => {
        length += bytes.length;
        pty.pause();
        setImmediate(() => pty.resume());
      });
      await pty.exited;
      expect(length).toBe(20_000);
    }
  });

  it('is over although a grandchild keeps the terminal', async () => {
    const marker = join(folder, 'still-here');
    const pty = start('/bin/sh', '-c', `trap '' HUP; (while [ ! -e ${marker} ]; do sleep 0.05; done) & echo started`);
    const { exit, output } = await finish(pty);
    writeFileSync(marker, '');
    expect(exit).toEqual({ exitCode: 0, signal: null });
    expect(output).toBe('started\r\n');
  });
});

describe('a program', () => {
  it('has the terminal, its size and a session of its own', async () => {
    const { output } = await finish(
      start(
        '/bin/sh',
        '-c',
        'stty size; exec 3<>/dev/tty && echo controls; ps -o pid=,pgid=,sid= -p $$; echo $TERM $COLORTERM',
      ),
    );
    const [size, controls, ids, term] = output.split('\r\n');
    expect([size, controls, term]).toEqual(['24 80', 'controls', 'xterm-256color truecolor']);
    expect(new Set(ids?.trim().split(/ +/)).size).toBe(1);
  });

  it('inherits no terminal of another', async () => {
    const others = [start('cat'), start('cat')];
    const { output } = await finish(
      start('/bin/sh', '-c', 'ls -l /proc/self/fd | grep -c ptmx; tty | sed s/[0-9]*$//'),
    );
    for (const other of others) other.kill('SIGKILL');
    await Promise.all(others.map((other) => other.exited));
    expect(output).toBe('0\r\n/dev/pts/\r\n');
  });

  it('is told of a resize', async () => {
    const pty = start('/bin/sh', '-c', 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.05; done');
    let output = '';
    pty.onData((bytes) => {
      output += String(bytes);
      if (output === 'ready\r\n') pty.resize(100, 30);
    });
    await pty.exited;
    expect(output).toBe('ready\r\n30 100\r\n');
  });

  it('takes 3 MB of input in order', async () => {
    const paste = Buffer.alloc(3_000_000, 'abcdefghijklmnopqrstuvwxyz0123456789');
    const pty = start('/bin/sh', '-c', 'stty raw -echo; printf R; head -c 3000000 | md5sum');
    let output = '';
    pty.onData((bytes) => {
      output += String(bytes);
      if (output === 'R') expect(pty.write(paste)).toBe(true);
    });
    await pty.exited;
    expect(output.slice(1, 33)).toBe(createHash('md5').update(paste).digest('hex'));
    expect(pty.write('late')).toBe(false);
  });

  it('that does not read is refused more input than can wait', async () => {
    const pty = start('/bin/sh', '-c', 'stty raw -echo; sleep 60');
    expect(pty.write(Buffer.alloc(16 * 1024 * 1024))).toBe(true);
    expect(pty.write(Buffer.alloc(1024 * 1024))).toBe(false);
    pty.kill('SIGKILL');
    await pty.exited;
  });

  it('is ended with its group', async () => {
    const pty = start('/bin/sh', '-c', 'sleep 60 & echo $!; wait');
    let child = '';
    pty.onData((bytes) => {
      child += String(bytes);
      if (child.endsWith('\n')) pty.kill('SIGTERM');
    });
    expect(await pty.exited).toEqual({ exitCode: null, signal: 'SIGTERM' });
    const pid = Number(child);
    await vanished(pid);
    pty.kill('SIGTERM');
  });

  it('gives its exit code', async () => {
    expect((await finish(start('/bin/sh', '-c', 'exit 7'))).exit).toEqual({ exitCode: 7, signal: null });
  });
});

/** Resolves when no process has this pid any more, or only a zombie. */
async function vanished(pid: number): Promise<void> {
  for (;;) {
    const { output } = await finish(start('/bin/sh', '-c', `ps -o stat= -p ${pid}`));
    if (output === '' || output.startsWith('Z')) return;
  }
}

describe('what cannot be started', () => {
  it.each([
    [
      'a program that is not in PATH',
      ['no-such-program-here'],
      '',
      '"no-such-program-here" cannot be started: no such program is in PATH',
    ],
    ['a path that is not there', ['./nothing'], '', '"./nothing" cannot be started: there is no such executable file'],
    ['a file that is not executable', ['./plain.txt'], '', '"./plain.txt" cannot be started'],
    ['a folder', ['/tmp'], '', '"/tmp" cannot be started'],
    ['no program', [], '', '"" cannot be started'],
    ['a working folder that is not there', ['sh'], 'gone', 'there is no such folder'],
  ])('%s is refused by name', (_what, argv, under, message) => {
    writeFileSync(join(folder, 'plain.txt'), 'text');
    chmodSync(join(folder, 'plain.txt'), 0o644);
    const before = openDescriptors();
    const attempt = (): Pty => spawnPty({ argv, cwd: join(folder, under), env, cols: 80, rows: 24 });
    expect(attempt).toThrow(RefusalError);
    expect(attempt).toThrow(message);
    expect(openDescriptors()).toBe(before);
  });
});
