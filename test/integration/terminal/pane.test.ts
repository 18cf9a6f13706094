// Owns the proofs of panes with real programs: one after another, typed into, pasted into, flooding, and watched by a slow client.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { decodePaneFrame } from '../../../src/protocol/pane-frame.ts';
import { PaneStream } from '../../../src/server/pane-stream.ts';
import { cleanPaste, Pane } from '../../../src/terminal/pane.ts';
import { ParseScheduler } from '../../../src/terminal/parse-scheduler.ts';
import { ReadPacer } from '../../../src/terminal/read-pacer.ts';
import { PaneCopy } from '../../helpers/screen-oracle.ts';

let folder = '';
const env = { PATH: process.env['PATH'] };
const panes: Pane[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-pane-'));
});

afterEach(async () => {
  await Promise.all(panes.splice(0).map((pane) => pane.dispose()));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Nobody has the keyboard in it, so that what it prints slowly is read by polling. */
function makePane(scheduler = new ParseScheduler(), number = 1): Pane {
  const pacer = new ReadPacer({ onPolled: () => scheduler.wake() });
  const pane = new Pane({ pane: number, cols: 60, rows: 12, scrollback: 1000, scheduler, pacer, version: '1.2.3' });
  panes.push(pane);
  return pane;
}

function runShell(pane: Pane, script: string): ReturnType<Pane['run']> {
  return pane.run({ argv: ['/bin/sh', '-c', script], cwd: folder, env });
}

/** Resolves when the pane's text has it. */
function shows(pane: Pane, text: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!pane.text().join('\n').includes(text)) return;
      stop();
      resolve();
    };
    const stop = pane.onScreen(look);
    look();
  });
}

describe('a pane', () => {
  it('is read at once after a resize, in which its program draws anew; not when its size stays', () => {
    const hurry = vi.spyOn(ReadPacer.prototype, 'hurry');
    try {
      const pane = makePane();
      pane.resize(60, 12);
      expect(hurry).not.toHaveBeenCalled();
      pane.resize(40, 10);
      expect(hurry.mock.calls).toEqual([[pane]]);
    } finally {
      hurry.mockRestore();
    }
  });

  it('runs one program after another, and keeps the last screen', async () => {
    const pane = makePane();
    const changes: boolean[] = [];
    const exits: number[] = [];
    pane.onChange(() => changes.push(pane.info().isAlive));
    pane.onExit(({ exitCode }) => exits.push(exitCode ?? -1));
    const first = pane.run(
      { argv: ['sh', '-c', 'printf "\\033]0;one\\007first"; exit 3'], cwd: folder, env },
      { runId: 'run-1', taskId: 'task-1' },
    );
    expect(pane.pid).toBe(first.pid);
    expect(() => runShell(pane, 'true')).toThrow(`still runs process ${first.pid}`);
    expect(await first.exited).toEqual({ exitCode: 3, signal: null });
    expect(pane.text()[0]).toBe('first');
    expect(pane.info()).toEqual({
      pane: 1,
      runId: 'run-1',
      taskId: 'task-1',
      cols: 60,
      rows: 12,
      title: 'one',
      isAlive: false,
    });
    const second = runShell(pane, 'echo second');
    expect(pane.generation).toBe(2);
    expect(pane.text().join('')).toBe('');
    await second.exited;
    expect(pane.text()[0]).toBe('second');
    expect(pane.info()).toMatchObject({ runId: null, title: '' });
    expect(exits).toEqual([3, 0]);
    expect(changes).toEqual([true, true, false, true, true, false]);
  });

  it('leaves its screen alone when a program cannot be started', async () => {
    const pane = makePane();
    await runShell(pane, 'echo kept').exited;
    expect(() => pane.run({ argv: ['no-such-program'], cwd: folder, env })).toThrow(
      '"no-such-program" cannot be started',
    );
    expect(pane.text()[0]).toBe('kept');
    expect(pane.info().isAlive).toBe(false);
  });

  it('answers the questions of its program', async () => {
    const pane = makePane();
    await runShell(pane, 'stty raw -echo; printf "\\033[>0q"; head -c 18 | od -An -c | tr -d " \\n"').exited;
    expect(pane.text().join('')).toContain('P>|Drover1.2.3');
  });

  it('is typed into and resized', async () => {
    const pane = makePane();
    const program = runShell(pane, 'read line; echo "got $line"; stty size');
    pane.resize(50, 9);
    expect(pane.input('hello\r')).toBe(true);
    await program.exited;
    expect(pane.text().join('\n')).toContain('got hello\n9 50');
    expect(pane.input('late')).toBe(false);
  });

  it('shows all of what is printed a little at a time, before a flood and after it, and at the exit', async () => {
    const pane = makePane();
    const script =
      'for i in 1 2 3 4 5 6 7 8; do printf "a$i "; sleep 0.03; done; seq 20000; for i in 1 2 3 4 5 6 7 8; do printf "b$i "; sleep 0.03; done';
    const { exited } = runShell(pane, script);
    await exited;
    expect(pane.rowNumbers().total).toBe(20_001 - 12);
    expect(pane.text().at(-1)?.trim()).toBe('b1 b2 b3 b4 b5 b6 b7 b8');
  });

  it('shows all of a flood, at the end of which the program exits', async () => {
    const pane = makePane();
    await runShell(pane, 'seq 1 300000').exited;
    expect(
      pane
        .text()
        .filter((line) => line !== '')
        .at(-1),
    ).toBe('300000');
  });
});

describe('a submitted text', () => {
  const SHOW = 'stty raw -echo; printf "\\033[?2004h"; printf ready; head -c 36 | od -An -c | tr -s " \\n" "  "';

  it('goes between paste marks, without what could end them, and the return follows', async () => {
    const pane = makePane();
    const program = runShell(pane, SHOW);
    await shows(pane, 'ready');
    const submitted = pane.submit('two\x1b[201~\nlines\x07\x1b\x9b\ttab, and more');
    expect(await submitted).toBe(true);
    await program.exited;
    expect(pane.text().join(' ').replaceAll(/ +/g, ' ')).toContain(
      '033 [ 2 0 0 ~ t w o \\n l i n e s \\t t a b , a n d m o r e 033 [ 2 0 1 ~ \\r',
    );
  });

  it('is refused when the program is gone', async () => {
    const pane = makePane();
    expect(await pane.submit('hello')).toBe(false);
    const program = runShell(pane, 'stty -echo; echo ready; read line');
    await shows(pane, 'ready');
    const submits = [pane.submit('one'), pane.submit('two')];
    await program.exited;
    expect(await Promise.all(submits)).toEqual([true, false]);
  });

  it('is cleaned', () => {
    expect(cleanPaste('a\r\nb\rc\x00\x1b[31md\u0085\x7f\te\x1b[201~f')).toBe('a\nb\nc[31md\tef');
    expect(cleanPaste('\x1b[20\x1b[201~1~x')).not.toContain('\x1b');
  });
});

describe('panes that flood', () => {
  it('let a typed key through, and a client that takes nothing holds up nobody', async () => {
    const scheduler = new ParseScheduler();
    const stream = new PaneStream();
    const flooding = [2, 3].map((number) => makePane(scheduler, number));
    const typed = makePane(scheduler, 1);
    for (const pane of [typed, ...flooding]) stream.addPane(pane);
    const stuck: Buffer[] = [];
    let onAsked: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      onAsked = resolve;
    });
    const stuckView = stream.addClient({
      send: (payload) => {
        stuck.push(Buffer.from(payload));
        if (!decodePaneFrame(payload).isFree) onAsked();
      },
      pending: () => stuck.reduce((sum, { length }) => sum + length, 0),
    });
    stuckView.view([1, 2, 3], 2);
    const copy = new PaneCopy();
    let onFrame: () => void = () => {};
    const view = stream.addClient({
      send: (payload) => {
        const frame = decodePaneFrame(payload);
        for (const update of frame.panes) if (update.pane === 1) copy.apply(frame, update);
        if (!frame.isFree) setImmediate(() => view.ack(frame.number));
        onFrame();
      },
      pending: () => 0,
    });
    view.view([1, 2, 3], 1);
    for (const pane of flooding) runShell(pane, 'seq 1000000000');
    const program = runShell(typed, 'stty -echo -icanon; echo ready; cat');
    await shows(typed, 'ready');
    const typeKey = async (key: number): Promise<void> => {
      const text = String.fromCharCode(97 + (key % 26));
      const echoed = new Promise<void>((resolve) => {
        onFrame = () => {
          if (copy.rows[1]?.[key - 1]?.[0] === text) resolve();
        };
      });
      view.typed(1);
      typed.input(text);
      await echoed;
    };
    for (let key = 1; key <= 25; key += 1) await typeKey(key);
    await asked;
    const sent = stuck.length;
    for (let key = 26; key <= 50; key += 1) await typeKey(key);
    // Small frames up to 8 kB, then one that is never acknowledged, and no more.
    expect(stuck).toHaveLength(sent);
    expect(stuck.slice(0, -1).reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(8 * 1024);
    view.close();
    stuckView.close();
    typed.kill('SIGKILL');
    await program.exited;
  });
});
