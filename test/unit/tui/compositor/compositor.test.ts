// Owns what the compositor sends, case by case: few bytes, fall-backs, crops, links, bounded tables.
import { describe, expect, it } from 'vitest';
import {
  BG_DIM,
  COLOR_P16,
  COLOR_P256,
  COLOR_RGB,
  FG_BOLD,
  FG_INVERSE,
  FG_UNDERLINE,
} from '../../../../src/protocol/cells.ts';
import { Compositor } from '../../../../src/tui/compositor/compositor.ts';
import { colorReducer } from '../../../../src/tui/compositor/palette.ts';
import type { Capabilities } from '../../../../src/tui/outer/capabilities.ts';
import { Emulator, type FrameLine, textLine } from './emulator.ts';

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
const RED = COLOR_RGB | 0xc81e1e;

function cursor(x: number, y: number) {
  return { x, y, isVisible: true, shape: 0 };
}

function blit(
  compositor: Compositor,
  line: FrameLine,
  x: number,
  y: number,
  crop = { x: 0, width: line.cells.length / 4 },
): void {
  compositor.blitLine(line.cells, line.strings, line.styles, crop, x, y);
}

/** A compositor whose first frame is painted, so that only changes are sent. */
function settled(capabilities: Partial<Capabilities> = {}, cols = 40, rows = 5): Compositor {
  const compositor = new Compositor(cols, rows, { ...PLAIN, ...capabilities });
  compositor.flush(cursor(0, 0));
  return compositor;
}

describe('bytes', () => {
  it('sends a typed character as itself', () => {
    const compositor = settled();
    blit(compositor, textLine('a'), 0, 0);
    expect(compositor.flush(cursor(1, 0))?.toString()).toBe('a');
  });

  it('sends an erased character in three bytes', () => {
    const compositor = settled();
    blit(compositor, textLine('ab'), 0, 0);
    compositor.flush(cursor(2, 0));
    blit(compositor, textLine('a '), 0, 0);
    expect(compositor.flush(cursor(1, 0))?.toString()).toBe('\b \b');
  });

  it('keeps colours between frames, and turns off only what must go', () => {
    const compositor = settled();
    blit(compositor, textLine('x', (RED | FG_BOLD) >>> 0), 0, 0);
    expect(compositor.flush(cursor(1, 0))?.toString()).toBe('\x1b[1;38;2;200;30;30mx');
    blit(compositor, textLine('y', (RED | FG_BOLD) >>> 0), 1, 0);
    expect(compositor.flush(cursor(2, 0))?.toString()).toBe('y');
    blit(compositor, textLine('z', RED), 2, 0);
    expect(compositor.flush(cursor(3, 0))?.toString()).toBe('\x1b[22mz');
    blit(compositor, textLine('d'), 3, 0);
    expect(compositor.flush(cursor(4, 0))?.toString()).toBe('\x1b[md');
  });

  it('keeps dim when bold goes', () => {
    const compositor = settled();
    blit(compositor, textLine('x', (RED | FG_BOLD) >>> 0, BG_DIM), 0, 0);
    compositor.flush(cursor(1, 0));
    blit(compositor, textLine('y', RED, BG_DIM), 1, 0);
    expect(compositor.flush(cursor(2, 0))?.toString()).toBe('\x1b[22;2my');
  });

  it('erases to the end of a line, and a long gap inside it', () => {
    const compositor = settled();
    blit(compositor, textLine('x'.repeat(40)), 0, 0);
    compositor.flush(cursor(0, 1));
    blit(compositor, textLine('xxxx'), 0, 0, { x: 0, width: 40 });
    expect(compositor.flush(cursor(0, 0))?.toString()).toBe('\x1b[1;5H\x1b[K\r');
    blit(compositor, textLine(`${' '.repeat(39)}|`), 0, 1);
    compositor.flush(cursor(0, 0));
    blit(compositor, textLine('y'.repeat(20)), 0, 1, { x: 0, width: 20 });
    compositor.flush(cursor(0, 1));
    blit(compositor, textLine(' '.repeat(20)), 0, 1);
    expect(compositor.flush(cursor(0, 1))?.toString()).toBe('\x1b[20X');
  });

  it('does not erase with a background in GNU screen, which would paint its own', () => {
    const compositor = settled({ isScreen: true });
    blit(compositor, textLine(' '.repeat(40), 0, COLOR_P16 | 4), 0, 0);
    expect(compositor.flush(cursor(0, 0))?.toString()).toContain(`\x1b[44m${' '.repeat(40)}`);
  });

  it('wraps only frames of more than one run in a synchronized update, else hides the cursor', () => {
    for (const sync of [true, false]) {
      const compositor = settled({ sync });
      blit(compositor, textLine('a'), 0, 0);
      blit(compositor, textLine('b'), 0, 1);
      blit(compositor, textLine('c'), 20, 3);
      const sent = compositor.flush(cursor(5, 4))?.toString();
      const [before, after] = sync ? ['\x1b[?2026h', '\x1b[?2026l'] : ['\x1b[?25l', '\x1b[?25h'];
      expect(sent).toBe(`${before}a\r\nb\x1b[4;21Hc\x1b[5;6H${after}`);
    }
  });

  it('says nothing when nothing changed, and only the cursor when only that did', () => {
    const compositor = settled();
    expect(compositor.flush(cursor(0, 0))).toBeNull();
    expect(compositor.flush(cursor(3, 2))?.toString()).toBe('\x1b[3;4H');
    expect(compositor.flush({ ...cursor(3, 2), shape: 5 })?.toString()).toBe('\x1b[5 q');
    expect(compositor.flush(null)?.toString()).toBe('\x1b[?25l');
    expect(compositor.flush(null)).toBeNull();
    expect(compositor.flush({ ...cursor(3, 2), shape: 5 })?.toString()).toBe('\x1b[?25h');
  });

  it('marks rows as dirty only when a cell differs', () => {
    const compositor = settled();
    blit(compositor, textLine('same'), 0, 2);
    expect(compositor.isRowDirty(2)).toBe(true);
    expect(compositor.isRowDirty(1)).toBe(false);
    compositor.flush(null);
    blit(compositor, textLine('same'), 0, 2);
    expect(compositor.isRowDirty(2)).toBe(false);
  });
});

describe('fall-backs', () => {
  const word = (RED | FG_BOLD) >>> 0;
  it.each([
    ['rgb', '\x1b[1;38;2;200;30;30;48;2;0;0;95mx'],
    ['256', '\x1b[1;38;5;160;48;5;17mx'],
    ['16', '\x1b[1;31;44mx'],
    ['none', '\x1b[1mx'],
  ] as const)('%s', (color, expected) => {
    const compositor = settled({ color });
    blit(compositor, textLine('x', word, COLOR_RGB | 0x00005f), 0, 0);
    expect(compositor.flush(cursor(1, 0))?.toString()).toBe(expected);
  });

  it('keeps hues apart on 16 colours: no green becomes yellow, no blue grey', () => {
    const reduce = colorReducer('16');
    const of = (index: number): number => reduce(COLOR_P256 | index) & 0xff;
    // Blue, green, yellow, red of the dark theme; its greys; blue, green, yellow, red of the light one; a tinted background.
    expect([75, 114, 221, 203].map(of)).toEqual([12, 2, 11, 9]);
    expect([16, 236, 240, 245, 250, 255].map(of)).toEqual([0, 0, 8, 8, 7, 7]);
    expect([26, 28, 220, 160].map(of)).toEqual([4, 2, 11, 1]);
    expect(reduce(COLOR_RGB | 0x2b3042) & 0xff).toBe(0);
  });

  it('draws one kind of underline where styles are unknown', () => {
    for (const [underlineStyles, expected] of [
      [true, '\x1b[4:3;58:2::1:2:3mx'],
      [false, '\x1b[4mx'],
    ] as const) {
      const compositor = settled({ underlineStyles });
      const line = textLine('x', FG_UNDERLINE);
      line.cells[3] = 1;
      const styles = [...line.styles, { underline: 3, underlineColor: COLOR_RGB | 0x010203, link: '' }];
      blit(compositor, { ...line, styles }, 0, 0);
      expect(compositor.flush(cursor(1, 0))?.toString()).toBe(expected);
    }
  });

  it('paints again in the colours that the probe found', () => {
    const compositor = settled({ color: '256' });
    blit(compositor, textLine('x', RED), 0, 0);
    compositor.flush(cursor(0, 0));
    compositor.setCapabilities({ ...PLAIN, sync: true });
    expect(compositor.flush(cursor(0, 0))?.toString()).toContain('38;2;200;30;30');
    compositor.setCapabilities({ ...PLAIN, sync: false });
    expect(compositor.flush(cursor(0, 0))).toBeNull();
  });
});

describe('links', () => {
  function linked(link: string): string {
    const compositor = settled();
    const line = textLine('x');
    line.cells[3] = 1;
    blit(compositor, { ...line, styles: [...line.styles, { underline: 0, underlineColor: 0, link }] }, 0, 0);
    return compositor.flush(cursor(1, 0))?.toString() ?? '';
  }

  it('opens and closes one around its text', () => {
    expect(linked('https://a.example/?q=1')).toMatch(
      /^\x1b\]8;id=[0-9a-z]+;https:\/\/a\.example\/\?q=1\x1b\\x\x1b\]8;;\x1b\\$/,
    );
  });

  it.each(['javascript:alert(1)', 'http://a\x1b\\\x1b]52;c;eA==\x07', 'ssh://-oProxyCommand', 'http://bücher', ''])(
    'drops %j',
    (link) => {
      expect(linked(link)).toBe('x');
    },
  );
});

describe('cells', () => {
  it('crops, pads, and blanks halves of wide characters at both edges', () => {
    const source = new Emulator(10, 1);
    source.write('你ab好cd');
    const outer = new Emulator(20, 1);
    const compositor = settled({}, 20, 1);
    compositor.setCell(0, 0, '[', 0, 0);
    blit(compositor, source.frameLine(0), 1, 0, { x: 1, width: 4 });
    compositor.setCell(5, 0, ']', 0, 0);
    blit(compositor, source.frameLine(0), 8, 0, { x: 6, width: 8 });
    outer.write(compositor.flush(null) ?? '');
    expect(outer.text(0)).toBe('[ ab ]  cd          ');
  });

  it('clips what lies outside the screen on any side', () => {
    const outer = new Emulator(6, 2);
    const compositor = settled({}, 6, 2);
    blit(compositor, textLine('abcdefghij'), -2, 0);
    blit(compositor, textLine('abcdefghij'), 3, 1);
    blit(compositor, textLine('nowhere'), 0, 2);
    blit(compositor, textLine('nowhere'), 9, 0);
    compositor.setCell(9, 9, 'x', 0, 0);
    outer.write(compositor.flush(null) ?? '');
    expect([outer.text(0), outer.text(1)]).toEqual(['cdefgh', '   abc']);
  });

  it('turns the other half of an overwritten wide character into a blank', () => {
    const outer = new Emulator(8, 1);
    const compositor = settled({}, 8, 1);
    compositor.setCell(0, 0, '你', 0, 0);
    compositor.setCell(2, 0, '好', 0, 0);
    compositor.setCell(1, 0, 'a', 0, 0);
    compositor.setCell(2, 0, 'b', 0, 0);
    compositor.setCell(7, 0, '你', 0, 0);
    outer.write(compositor.flush(null) ?? '');
    expect(outer.text(0)).toBe(' ab     ');
  });

  it('never sends a control character of a pane or of chrome', () => {
    const compositor = settled();
    const line = textLine('a\x1b\x9b\x07\x7fb');
    line.cells[0] = (line.cells[0] ?? 0) | 0x200000;
    blit(compositor, { ...line, strings: Object.assign([], { 97: '\x1b]0;x\x07e\u0301' }) }, 0, 0);
    compositor.setCell(0, 1, '\x1b', 0, 0);
    compositor.setCell(1, 1, '\x9b1m', 0, 0);
    const sent = compositor.flush(null)?.toString() ?? '';
    expect(sent.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '')).not.toMatch(/[\x00-\x07\x0e-\x1f\x7f-\x9f]/);
  });

  it('paints everything after invalidate and resize', () => {
    const compositor = settled({}, 10, 2);
    compositor.setCell(0, 0, 'x', FG_INVERSE, 0);
    compositor.flush(null);
    compositor.invalidate();
    const outer = new Emulator(10, 2);
    outer.write('\x1b[41mgarbage\r\nmore');
    outer.write(compositor.flush(null) ?? '');
    expect([outer.text(0), outer.text(1)]).toEqual(['x         ', '          ']);
    expect(outer.seen(1)[2]?.bg).toBe(0);
    compositor.resize(4, 1);
    expect([compositor.cols, compositor.rows]).toEqual([4, 1]);
    expect(compositor.flush(null)?.toString()).toContain('\x1b[K');
  });

  it('does not grow for ever on strings and styles that pass by', () => {
    const outer = new Emulator(4, 1);
    const compositor = settled({}, 4, 1);
    for (let count = 0; count < 70_000; count++) {
      const line = textLine('e', FG_UNDERLINE);
      line.cells[0] = (1 << 22) | 0x200000 | 1;
      line.cells[3] = 1;
      const marks = [count % 100, Math.floor(count / 100) % 100, Math.floor(count / 10_000)];
      const strings = ['', `e${String.fromCharCode(...marks.map((mark) => 0x300 + mark))}`];
      const style = { underline: 1, underlineColor: COLOR_RGB | count, link: '' };
      compositor.blitLine(line.cells, strings, [...line.styles, style], { x: 0, width: 1 }, count % 4, 0);
      if (count % 1000 === 999) outer.write(compositor.flush(null) ?? '');
    }
    compositor.setCell(0, 0, 'z', 0, 0);
    outer.write(compositor.flush(null) ?? '');
    expect(outer.seen(0).map((cell) => cell.underlineColor)).toEqual([
      0,
      ...[69_997, 69_998, 69_999].map((color) => COLOR_RGB | color),
    ]);
  });
});
