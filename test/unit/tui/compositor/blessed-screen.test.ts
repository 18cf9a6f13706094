// Owns that blessed draws through us alone: chrome cells, pane masks, keys, resize, and nothing left in the process.
import blessed from 'blessed';
import { afterEach, describe, expect, it } from 'vitest';
import { COLOR_RGB } from '../../../../src/protocol/cells.ts';
import { type BlessedScreen, createBlessedScreen } from '../../../../src/tui/compositor/blessed-screen.ts';
import { Compositor } from '../../../../src/tui/compositor/compositor.ts';
import type { Capabilities } from '../../../../src/tui/outer/capabilities.ts';
import { Emulator, textLine } from './emulator.ts';

const PLAIN: Capabilities = {
  color: 'rgb',
  sync: false,
  underlineStyles: true,
  links: true,
  keys: 'plain',
  isTmux: false,
  isScreen: false,
  name: 'test',
};
let opened: BlessedScreen | undefined;

afterEach(() => opened?.destroy());

function open(cols: number, rows: number, palette?: ReadonlyMap<number, number>) {
  const compositor = new Compositor(cols, rows, PLAIN);
  let damages = 0;
  const ui = createBlessedScreen({
    cols,
    rows,
    compositor,
    onDamage: () => damages++,
    ...(palette === undefined ? {} : { palette }),
  });
  opened = ui;
  const rowsShown = (width = compositor.cols, height = compositor.rows) => {
    const outer = new Emulator(width, height);
    compositor.invalidate();
    outer.write(compositor.flush(null) ?? '');
    return Array.from({ length: height }, (_, y) => outer.text(y));
  };
  return { ui, compositor, rowsShown, damages: () => damages };
}

describe('blessed on our compositor', () => {
  it('leaves no handler in the process and writes to no stream of it', () => {
    const events = ['uncaughtException', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'exit', 'SIGWINCH'];
    const count = () => events.map((name) => process.listenerCount(name));
    const before = count();
    const streams = () => [process.stdin, process.stdout].map((stream) => stream.eventNames().length);
    const streamsBefore = streams();
    process.env['TMUX'] = '/nowhere,1,0';
    const { ui } = open(10, 3);
    expect(process.env['TMUX']).toBe('/nowhere,1,0');
    delete process.env['TMUX'];
    ui.screen.render();
    expect(count()).toEqual(before);
    expect(streams()).toEqual(streamsBefore);
    ui.destroy();
    opened = undefined;
    expect(count()).toEqual(before);
  });

  it('draws borders, wide text, clusters and nerd-font symbols where they belong', () => {
    const { ui, rowsShown, damages } = open(24, 4);
    blessed.box({
      parent: ui.screen,
      top: 0,
      left: 0,
      width: 24,
      height: 3,
      border: 'line',
      tags: true,
      content: '{bold}a你{/bold}😀e\u0301👨‍👩‍👧\ue0b0|',
    });
    blessed.box({ parent: ui.screen, top: 3, left: 0, width: 6, height: 1, align: 'right', content: '你' });
    ui.screen.render();
    expect(damages()).toBe(1);
    expect(rowsShown()).toEqual([
      '┌──────────────────────┐',
      '│a你😀e\u0301👨‍👩‍👧\ue0b0|            │',
      '└──────────────────────┘',
      '    你                  ',
    ]);
  });

  it('lends its rectangles to panes, and popups cover them', () => {
    const { ui, compositor, rowsShown } = open(12, 4);
    ui.paneBox(ui.screen, 7, { left: 1, top: 1, width: 8, height: 3 });
    const popup = blessed.box({ parent: ui.screen, left: 3, top: 2, width: 3, height: 1, content: 'POP' });
    ui.screen.render();
    expect(ui.paneRuns(7)).toEqual([
      { y: 1, x: 1, width: 8, sourceX: 0, sourceY: 0 },
      { y: 2, x: 1, width: 2, sourceX: 0, sourceY: 1 },
      { y: 2, x: 6, width: 3, sourceX: 5, sourceY: 1 },
      { y: 3, x: 1, width: 8, sourceX: 0, sourceY: 2 },
    ]);
    for (const run of ui.paneRuns(7)) {
      const line = textLine('abcdefgh');
      compositor.blitLine(line.cells, line.strings, line.styles, { x: run.sourceX, width: run.width }, run.x, run.y);
    }
    expect(rowsShown()).toEqual(['            ', ' abcdefgh   ', ' abPOPfgh   ', ' abcdefgh   ']);
    expect(ui.paneAt(6, 2)).toEqual({ pane: 7, sourceX: 5, sourceY: 1 });
    expect(ui.paneAt(4, 2)).toBeNull();
    expect(ui.paneAt(0, 0)).toBeNull();
    popup.hide();
    ui.screen.render();
    expect(ui.paneRuns(7).length).toBe(3);
    expect(ui.paneRuns(8)).toEqual([]);
  });

  it('counts source columns from the pane even where the pane leaves the screen', () => {
    const { ui } = open(10, 3);
    ui.paneBox(ui.screen, 1, { left: -3, top: -1, width: 20, height: 3 });
    ui.screen.render();
    expect(ui.paneRuns(1)).toEqual([
      { y: 0, x: 0, width: 10, sourceX: 3, sourceY: 1 },
      { y: 1, x: 0, width: 10, sourceX: 3, sourceY: 2 },
    ]);
  });

  it('lays out anew at another size without clearing', () => {
    const { ui, compositor, rowsShown } = open(10, 3);
    blessed.box({ parent: ui.screen, left: 0, top: 0, width: '100%', height: '100%', border: 'line' });
    ui.screen.render();
    compositor.resize(6, 2);
    ui.resize(6, 2);
    expect(rowsShown()).toEqual(['┌────┐', '└────┘']);
    compositor.resize(1, 1);
    ui.resize(1, 1);
    compositor.resize(8, 3);
    ui.resize(8, 3);
    expect(rowsShown()).toEqual(['┌──────┐', '│      │', '└──────┘']);
  });

  it('gives chrome true colours through the palette', () => {
    const { ui, compositor } = open(4, 1, new Map([[200, COLOR_RGB | 0x123456]]));
    blessed.box({
      parent: ui.screen,
      width: 4,
      height: 1,
      content: 'x',
      style: { fg: 200 as never, bg: 1 as never, bold: true },
    });
    ui.screen.render();
    expect(compositor.flush(null)?.toString()).toContain('\x1b[0;1;38;2;18;52;86;41mx');
    ui.setPalette(new Map());
    ui.screen.render();
    expect(compositor.flush(null)?.toString()).toContain('38;5;200');
  });

  it('hands keys to the focused widget, Enter once', () => {
    const { ui } = open(20, 3);
    const seen: string[] = [];
    const submitted: string[] = [];
    const box = blessed.textbox({ parent: ui.screen, height: 1, inputOnFocus: true });
    box.on('keypress', (_ch, key) => seen.push(key.full));
    box.on('submit', (value: string) => submitted.push(value));
    box.focus();
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        for (const key of ['h', 'I', 'Space', '你', '😀', 'x', 'BSpace', 'C-a', 'Up', 'M-x', 'S-F1', 'BTab', 'Enter'])
          ui.dispatchKey(key);
        expect(seen).toEqual([
          'h',
          'S-i',
          'space',
          '你',
          '😀',
          'x',
          'backspace',
          'C-a',
          'up',
          'M-x',
          'S-f1',
          'S-tab',
          'enter',
        ]);
        expect(submitted).toEqual(['hI 你😀']);
        resolve();
      });
    });
  });
});
