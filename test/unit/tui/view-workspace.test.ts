import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import headless from '@xterm/headless';
import { afterEach, describe, expect, test } from 'vitest';
import type { Client } from '../../../src/client/client.ts';
import type { CommandRunner } from '../../../src/client/command-line.ts';
import { DEFAULT_CONFIG } from '../../../src/config/schema.ts';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { toRecord } from '../../../src/domain/snapshot.ts';
import { CELL_WORDS, PANE_MODE } from '../../../src/protocol/cells.ts';
import type { Notice } from '../../../src/protocol/message.ts';
import type { MethodName } from '../../../src/protocol/methods.ts';
import { encodePaneFrame } from '../../../src/protocol/pane-frame.ts';
import type { TerminalInput, TerminalOutput } from '../../../src/tui/outer-terminal.ts';
import { prepareWorkspace, type WorkspaceOptions } from '../../../src/tui/workspace.ts';
import { busyHistory, type History, NOW } from './model-fixture.ts';

/** A terminal of 80×24 whose screen can be read; `seen` resolves when the screen says what is waited for. */
class FakeTerminal {
  readonly #screen = new headless.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
  readonly #changed = new EventEmitter();
  /** All bytes written. */
  bytes = '';
  readonly input = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode: () => undefined,
    resume: () => undefined,
    pause: () => undefined,
  });
  readonly output = Object.assign(new EventEmitter(), {
    columns: 80,
    rows: 24,
    writableLength: 0,
    write: (chunk: Uint8Array | string) => {
      this.bytes += Buffer.from(chunk as Uint8Array).toString('latin1');
      this.#screen.write(chunk, () => this.#changed.emit('change'));
      return true;
    },
  });

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    Object.assign(this.output, { columns, rows });
    this.output.emit('resize');
  }

  type(text: string): void {
    this.input.emit('data', Buffer.from(text));
  }

  text(): string {
    const buffer = this.#screen.buffer.active;
    return Array.from({ length: this.#screen.rows }, (_, y) => buffer.getLine(y)?.translateToString(true) ?? '').join(
      '\n',
    );
  }

  cursor(): [number, number] {
    const { cursorX, cursorY } = this.#screen.buffer.active;
    return [cursorX, cursorY];
  }

  async seen(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text())) await new Promise((resolve) => this.#changed.once('change', resolve));
    return this.text();
  }

  dispose(): void {
    this.#screen.dispose();
  }
}

class FakeClient {
  readonly calls: [MethodName, unknown][] = [];
  readonly typed: [number, string][] = [];
  readonly acks: number[] = [];
  readonly #listeners = {
    notice: [] as ((notice: Notice) => void)[],
    frame: [] as ((payload: Buffer) => void)[],
    close: [] as ((reason: string) => void)[],
  };
  isClosed = false;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  readonly client: Client = {
    call: (async (method: MethodName, params: { since?: number }) => this.#answer(method, params)) as Client['call'],
    sendInput: (pane, bytes) => this.typed.push([pane, Buffer.from(bytes).toString('latin1')]),
    sendAck: (frame) => this.acks.push(frame),
    onNotice: (listener) => this.#listeners.notice.push(listener),
    onFrame: (listener) => this.#listeners.frame.push(listener),
    onClose: (listener) => this.#listeners.close.push(listener),
    close: () => {
      this.isClosed = true;
    },
  };

  #answer(method: MethodName, params: { since?: number }): unknown {
    this.calls.push([method, params]);
    const { state } = this.#history;
    switch (method) {
      case 'server.status':
        return { repository: '/home/ada/shop' };
      case 'events.subscribe':
        return {
          seq: state.seq,
          state: params.since === undefined ? structuredClone(toRecord(state)) : null,
          isRunning: true,
          panes: [],
        };
      case 'events.recent':
        return { events: [{ seq: 1, at: NOW, by: 'ada', event: { type: 'session.stopped', reason: 'lunch' } }] };
      case 'task.create':
        throw new RefusalError({ code: 'bad-title', message: 'a title is needed', next: 'drover add' });
      default:
        return { panes: [] };
    }
  }

  /** A frame of a pane with these rows. */
  paint(
    pane: number,
    rows: readonly string[],
    extra: { number?: number; isFree?: boolean; modes?: number } = {},
  ): void {
    const cols = Math.max(1, ...rows.map((text) => text.length));
    const lines = rows.map((text, y) => {
      const cells = new Uint32Array(cols * CELL_WORDS);
      for (let x = 0; x < cols; x++) cells[x * CELL_WORDS] = (1 << 22) | (text.codePointAt(x) ?? 0);
      return { y, cells };
    });
    const cursor = { x: 2, y: 0, isVisible: true, shape: 0 };
    const update = { pane, generation: 1, cols, rows: rows.length, cursor, modes: extra.modes ?? 0, lines };
    const payload = encodePaneFrame({
      number: extra.number ?? 1,
      isFree: extra.isFree ?? false,
      strings: [''],
      styles: [{ underline: 0, underlineColor: 0, link: '' }],
      panes: [update],
    });
    for (const listener of this.#listeners.frame) listener(payload);
  }

  lose(reason: string): void {
    for (const listener of this.#listeners.close) listener(reason);
  }

  notify(notice: Notice): void {
    for (const listener of this.#listeners.notice) listener(notice);
  }
}

const commandRunner: CommandRunner = {
  complete: (line) => ({ candidates: ['status', 'show'].filter((word) => word.startsWith(line)), from: 0 }),
  run: async (line) =>
    line === 'list' ? { ok: true, text: 'first row\nsecond row' } : { ok: false, text: `there is no verb "${line}"` },
};

const open: FakeTerminal[] = [];
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.dispose();
});

function start(extra: Pick<WorkspaceOptions, 'reconnect'> = {}, more: Record<string, string> = {}) {
  const terminal = new FakeTerminal();
  open.push(terminal);
  const server = new FakeClient(busyHistory());
  const input = terminal.input as unknown as TerminalInput;
  const output = terminal.output as unknown as TerminalOutput;
  const env = { TERM: 'xterm-256color', COLORTERM: 'truecolor', ...more };
  const options = {
    config: DEFAULT_CONFIG,
    operator: 'ada',
    terminal: { input, output, env },
    commandRunner,
  };
  return { terminal, server, end: prepareWorkspace({ ...options, ...extra }).show(server.client) };
}

describe('the workspace on a terminal', () => {
  test('shows what the server has, types into the focused pane, and gives the terminal back on detach', async () => {
    const { terminal, server, end } = start();
    await terminal.seen(/2 queued tasks wait/);
    expect(await terminal.seen(/ shop {2}session on/)).toMatch(/^━▶ 1 .*x7k2m fix/);
    server.paint(1, ['$ hello from one'], { number: 7 });
    server.paint(2, ['# and from two'], { number: 8, isFree: true });
    expect(await terminal.seen(/and from two/)).toMatch(/\n\$ hello from one +┃# and from two/);
    expect(terminal.cursor()).toEqual([2, 1]);
    expect(server.acks).toEqual([7]);
    terminal.type('ab\r\x07\x07');
    expect(server.typed).toEqual(['a', 'b', '\r', '\x07'].map((text) => [1, text]));
    terminal.type('\x072');
    await terminal.seen(/▶ 2 /);
    terminal.type('\x1b[200~x\ny\x1b[201~');
    expect(server.typed.at(-1)).toEqual([2, 'x\ry']);
    server.paint(2, ['# again'], {
      number: 9,
      modes: PANE_MODE.bracketedPaste | PANE_MODE.mouseClick | PANE_MODE.mouseSgr,
    });
    terminal.type('\x1b[200~x\ny\x1b[201~\x1b[<64;43;3M');
    expect(server.typed.slice(-2)).toEqual([
      [2, '\x1b[200~x\ny\x1b[201~'],
      [2, '\x1b[<64;2;2M'],
    ]);
    terminal.type('\x07d');
    expect(await end).toEqual({ reason: 'detached', message: 'detached from shop; everything keeps running' });
    expect(terminal.bytes).toMatch(/\x1b\[\?1049l/);
    expect(terminal.input.listenerCount('data')).toBe(0);
  });

  test('tells the server the sizes, also after the terminal has changed its own', async () => {
    const { terminal, server, end } = start();
    await terminal.seen(/2 queued tasks wait/);
    const views = (): unknown[] =>
      server.calls.filter(([method]) => method === 'pane.view').map(([, params]) => params);
    expect(views()).toMatchObject([
      { focused: 1, panes: [{ pane: 1, cols: 40, rows: 11 }, {}, {}, { pane: 4, cols: 39, rows: 10 }] },
    ]);
    terminal.resize(120, 30);
    await terminal.seen(/┬─ queue ──/);
    expect(views().at(-1)).toMatchObject({ panes: [{ pane: 1, cols: 42, rows: 14 }, {}, {}, {}] });
    terminal.type('\x07d');
    await end;
  });

  test('the command bar completes, runs and shows refusals; a refused capture keeps its text', async () => {
    const { terminal, end } = start();
    await terminal.seen(/session on/);
    terminal.type('\x07:s\t');
    await terminal.seen(/status {2}show {2}swap {2}sidebar/);
    terminal.type('\x15show nope\r');
    expect(await terminal.seen(/there is no verb "show nope"/)).toMatch(/:show nope$/);
    terminal.type('\x15list\r');
    expect(await terminal.seen(/second row/)).toMatch(/╭─ list ─+╮/);
    terminal.type('q\x07c!\r');
    expect(await terminal.seen(/a title is needed · drover add/)).toMatch(/ task {2}!$/);
    terminal.type('\x03\x07d');
    await end;
  });

  test('the queue acts on its task, the feed tells what was before, and the history outlives the workspace', async () => {
    const state = mkdtempSync(join(tmpdir(), 'drover-state-'));
    try {
      const first = start({}, { XDG_STATE_HOME: state });
      await first.terminal.seen(/session on/);
      first.terminal.type('\x07q');
      await first.terminal.seen(/┏━ queue ━/);
      first.terminal.type('w');
      await first.terminal.seen(/there is no verb "why task-x7k2m"/);
      first.terminal.type('\t');
      await first.terminal.seen(/■ session off: lunch/);
      first.terminal.type('\x03');
      first.terminal.type('\x07:list\r');
      await first.terminal.seen(/second row/);
      first.terminal.type('q\x07d');
      await first.end;
      expect(first.server.typed).toEqual([]);
      const second = start({}, { XDG_STATE_HOME: state });
      await second.terminal.seen(/session on/);
      second.terminal.type('\x07:\x1b[A');
      await second.terminal.seen(/:list\s*$/);
      second.terminal.type('\x03\x07d');
      await second.end;
    } finally {
      rmSync(state, { recursive: true });
    }
  });

  test('a lost server is said, reached again, and taken up where it was', async () => {
    const second = new FakeClient(busyHistory());
    let tries = 0;
    const { terminal, server, end } = start({
      reconnect: async () => {
        tries += 1;
        if (tries === 1) throw new Error('no server runs');
        return second.client;
      },
    });
    await terminal.seen(/session on/);
    server.paint(1, ['of the old connection']);
    server.lose('the socket was closed');
    await terminal.seen(/the server is gone/);
    await terminal.seen(/connected again/);
    expect(second.calls.map(([method]) => method)).toContain('pane.view');
    expect(second.calls.find(([method]) => method === 'events.subscribe')?.[1]).toEqual({
      since: busyHistory().state.seq,
    });
    second.paint(1, ['of the new one']);
    await terminal.seen(/of the new one/);
    terminal.type('x\x07d');
    expect((await end).reason).toBe('detached');
    expect([server.typed, second.typed]).toEqual([[], [[1, 'x']]]);
    expect([server.isClosed, second.isClosed]).toEqual([false, true]);
  });

  test('without a way to reconnect the loss of the server is the end', async () => {
    const { terminal, server, end } = start();
    await terminal.seen(/session on/);
    server.notify({ notice: 'closing', reason: 'stopped by ada' });
    server.lose('end of stream');
    expect(await end).toEqual({ reason: 'server-closed', message: 'the server has closed: stopped by ada' });
  });

  test('a client that is sent away ends, although it could connect again', async () => {
    const { terminal, server, end } = start({ reconnect: () => Promise.reject(new Error('not asked for')) });
    await terminal.seen(/session on/);
    server.notify({ notice: 'closing', reason: 'detached by bob', isDetach: true });
    server.lose('end of stream');
    expect(await end).toEqual({ reason: 'detached', message: 'detached by bob' });
  });

  test('a terminal that goes away ends it', async () => {
    const { terminal, end } = start();
    await terminal.seen(/session on/);
    terminal.input.emit('end');
    expect(await end).toMatchObject({ reason: 'hangup' });
  });
});
