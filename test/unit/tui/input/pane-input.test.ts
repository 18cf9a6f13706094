// Owns what a pane's program gets for keys, pastes and the mouse.
import { describe, expect, it } from 'vitest';
import { PANE_MODE } from '../../../../src/protocol/cells.ts';
import type { MouseEvent } from '../../../../src/tui/input/input-event.ts';
import { keyEventToBytes, keyToBytes, mouseToBytes, pasteToBytes } from '../../../../src/tui/input/pane-input.ts';
import { InputParser } from '../../../../src/tui/input/parser.ts';

const CLICK: MouseEvent = {
  type: 'mouse',
  kind: 'press',
  button: 0,
  x: 40,
  y: 20,
  mods: { shift: false, meta: false, ctrl: true },
  bytes: Buffer.from(''),
};

describe('keyToBytes', () => {
  it.each([
    ['a', 'a'],
    ['C-a', '\x01'],
    ['C-g', '\x07'],
    ['M-x', '\x1bx'],
    ['C-M-a', '\x1b\x01'],
    ['Enter', '\r'],
    ['S-Enter', '\x1b\r'],
    ['M-Enter', '\x1b\r'],
    ['C-Space', '\0'],
    ['C-_', '\x1f'],
    ['C-\\', '\x1c'],
    ['C-/', '\x1f'],
    ['BSpace', '\x7f'],
    ['C-BSpace', '\b'],
    ['Up', '\x1b[A'],
    ['S-Up', '\x1b[1;2A'],
    ['C-Left', '\x1b[1;5D'],
    ['BTab', '\x1b[Z'],
    ['S-Tab', '\x1b[Z'],
    ['F1', '\x1bOP'],
    ['C-F1', '\x1b[1;5P'],
    ['F5', '\x1b[15~'],
    ['F12', '\x1b[24~'],
    ['PPage', '\x1b[5~'],
    ['S-DC', '\x1b[3;2~'],
    ['Home', '\x1b[H'],
    ['-', '-'],
    ['C--', '\x1f'],
    ['你', '你'],
    ['Escape', '\x1b'],
    ['M-Space', '\x1b '],
  ])('%s', (key, bytes) => {
    expect(keyToBytes(key, 0).toString()).toBe(bytes);
  });

  it('sends arrows as SS3 in application-cursor mode, but not with modifiers', () => {
    expect(keyToBytes('Up', PANE_MODE.applicationCursor).toString()).toBe('\x1bOA');
    expect(keyToBytes('Home', PANE_MODE.applicationCursor).toString()).toBe('\x1bOH');
    expect(keyToBytes('C-Up', PANE_MODE.applicationCursor).toString()).toBe('\x1b[1;5A');
    const [event] = new InputParser().feed(Buffer.from('\x1b[A'));
    expect(event?.type === 'key' && keyEventToBytes(event, PANE_MODE.applicationCursor).toString()).toBe('\x1bOA');
  });

  it('refuses what is no key', () => {
    expect(() => keyToBytes('Nope', 0)).toThrow('no such key: "Nope"');
  });

  it('is read back as the same key', () => {
    for (const key of ['a', 'C-a', 'M-x', 'C-M-a', 'Up', 'C-S-Left', 'F7', 'S-F2', 'BSpace', 'C-Space', '😀']) {
      const parser = new InputParser();
      const events = [...parser.feed(keyToBytes(key, 0)), ...parser.flush()];
      expect(events.map((event) => event.type === 'key' && event.key)).toEqual([key]);
    }
  });
});

describe('pasteToBytes', () => {
  it('brackets a paste for a program that asked, and cuts end brackets inside', () => {
    const evil = Buffer.from('a\x1b[20\x1b[201~1~rm -rf\r');
    expect(pasteToBytes(evil, PANE_MODE.bracketedPaste).toString()).toBe('\x1b[200~arm -rf\r\x1b[201~');
  });

  it('types newlines as CR otherwise, and leaves bytes of any encoding alone', () => {
    expect(pasteToBytes(Buffer.from('é\nb\r\nc'), 0)).toEqual(Buffer.from('é\rb\rc'));
  });
});

describe('mouseToBytes', () => {
  it('is silent for a program that did not ask', () => {
    expect(mouseToBytes(CLICK, { x: 1, y: 2 }, PANE_MODE.mouseSgr)).toBeNull();
    expect(mouseToBytes({ ...CLICK, kind: 'drag' }, { x: 1, y: 2 }, PANE_MODE.mouseClick)).toBeNull();
  });

  it('speaks SGR in coordinates of the pane', () => {
    const modes = PANE_MODE.mouseDrag | PANE_MODE.mouseSgr;
    expect(mouseToBytes(CLICK, { x: 1, y: 2 }, modes)?.toString()).toBe('\x1b[<16;2;3M');
    expect(mouseToBytes({ ...CLICK, kind: 'release' }, { x: 1, y: 2 }, modes)?.toString()).toBe('\x1b[<16;2;3m');
    expect(mouseToBytes({ ...CLICK, kind: 'wheel-down' }, { x: 1, y: 2 }, modes)?.toString()).toBe('\x1b[<81;2;3M');
  });

  it('speaks the old form, up to where it reaches', () => {
    expect(mouseToBytes(CLICK, { x: 1, y: 2 }, PANE_MODE.mouseClick)).toEqual(Buffer.from([27, 91, 77, 48, 34, 35]));
    expect(mouseToBytes(CLICK, { x: 300, y: 2 }, PANE_MODE.mouseClick)).toBeNull();
  });
});
