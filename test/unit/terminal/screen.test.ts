// Owns the proofs of the screen: rows that changed and no others, frames held back, answers, titles and links.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PANE_MODE } from '../../../src/protocol/cells.ts';
import { FrameTables } from '../../../src/terminal/cells.ts';
import { DARK_COLORS } from '../../../src/terminal/colors.ts';
import { cleanTitle, Screen, SYNC_LIMIT_MS } from '../../../src/terminal/screen.ts';
import { createOracle, feed, LINKLESS_FRAGMENTS, oracleRows, tablesOf, wireRow } from '../../helpers/screen-oracle.ts';

interface Rig {
  screen: Screen;
  clock: { ms: number };
  answers: string[];
  titles: string[];
  bells: number[];
  write(text: string): void;
  take(since: number): ReturnType<Screen['changesSince']>;
}

function makeScreen(cols = 40, rows = 10): Rig {
  const clock = { ms: 1000 };
  const answers: string[] = [];
  const titles: string[] = [];
  const bells: number[] = [];
  const screen = new Screen({
    cols,
    rows,
    scrollback: 50,
    name: 'Drover 1.2.3',
    now: () => clock.ms,
    onAnswer: (text) => answers.push(text),
    onTitle: (title) => titles.push(title),
    onBell: () => bells.push(clock.ms),
  });
  const write = (text: string): void => {
    screen.push(Buffer.from(text));
    screen.parse(Number.POSITIVE_INFINITY);
  };
  return {
    screen,
    clock,
    answers,
    titles,
    bells,
    write,
    take: (since) => screen.changesSince(since, new FrameTables()),
  };
}

describe('dirty rows', () => {
  it('are those that a full comparison finds, and bring what the emulator shows', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LINKLESS_FRAGMENTS), { minLength: 1, maxLength: 60 }), (fragments) => {
        const { screen } = makeScreen(20, 8);
        const oracle = createOracle(20, 8);
        let version = screen.changesSince(0, new FrameTables())?.version ?? 0;
        let before = oracleRows(oracle);
        for (const fragment of fragments) {
          const bytes = Buffer.from(fragment);
          screen.push(bytes);
          screen.parse(Number.POSITIVE_INFINITY);
          feed(oracle, bytes);
          const after = oracleRows(oracle);
          const tables = new FrameTables();
          const change = screen.changesSince(version, tables);
          const sent = new Map(change?.lines.map(({ y, cells }) => [y, wireRow(cells, tablesOf(tables))]));
          for (const [y, row] of after.entries()) {
            const isChanged = row.join() !== before[y]?.join();
            expect(sent.get(y), `row ${y} after ${JSON.stringify(fragment)}`).toEqual(isChanged ? row : undefined);
          }
          version = change?.version ?? version;
          before = after;
        }
        oracle.dispose();
        screen.dispose();
      }),
      { numRuns: 150 },
    );
  });

  it('are all when a program erases up to the last cell, which is too much for the plain emulator', () => {
    const { screen, write } = makeScreen(20, 4);
    write('abc\x1b[99;99Hx\x1b[1Jafter');
    expect(screen.text()).toEqual(['', '', '', 'after']);
    write('\x1b[?1049h\x1b[99;99H\x1b[1J\x1b[Hother');
    expect(screen.text()).toEqual(['other', '', '', '']);
  });

  it('go on behind a piece that the emulator throws at, and the fault is told once for a program', () => {
    const faults: unknown[] = [];
    const screen = new Screen({
      cols: 20,
      rows: 3,
      scrollback: 0,
      name: 'Drover',
      now: () => 0,
      // What the answer to a question throws comes out of the emulator as its own faults would.
      onAnswer: () => {
        throw new Error('asked');
      },
      onTitle: () => undefined,
      onBell: () => undefined,
      onFault: (error) => faults.push(error),
    });
    for (const text of ['one\x1b[>0', 'qlost', '\x1b[Htwo', '\x1b[>0q'] as const) {
      screen.push(Buffer.from(text));
      screen.parse(Number.POSITIVE_INFINITY);
    }
    expect(screen.text()).toEqual(['two', '', '']);
    expect(faults).toEqual([new Error('asked')]);
    screen.restart();
    screen.push(Buffer.from('\x1b[>0q'));
    screen.parse(Number.POSITIVE_INFINITY);
    expect(faults).toHaveLength(2);
    screen.dispose();
  });

  it('are none when a program draws the same again', () => {
    const { write, take } = makeScreen();
    write('\x1b[Hsame\x1b[31mred\x1b[m');
    const version = take(0)?.version ?? 0;
    write('\x1b[Hsame\x1b[31mred\x1b[m');
    expect(take(version)).toBeNull();
  });

  it('are all after a resize and after a restart', () => {
    const { screen, write, take } = makeScreen();
    write('text');
    const first = take(0);
    screen.resize(30, 6);
    const second = take(first?.version ?? 0);
    expect(second).toMatchObject({ cols: 30, rows: 6 });
    expect(second?.lines).toHaveLength(6);
    screen.restart();
    expect(take(second?.version ?? 0)?.lines).toHaveLength(6);
    expect(screen.text().join('')).toBe('');
  });

  it('come also when more different clusters were printed than the tables hold', () => {
    const { screen, write, take } = makeScreen(20, 4);
    let version = 0;
    for (let i = 0; i < 6000; i += 1) {
      write(`\r${String.fromCodePoint(0x4e00 + i)}\u0301`);
      version = take(version)?.version ?? version;
    }
    const tables = new FrameTables();
    const change = screen.changesSince(0, tables);
    expect(wireRow(change?.lines[0]?.cells ?? new Uint32Array(), tablesOf(tables))[0]).toContain(
      `${String.fromCodePoint(0x4e00 + 5999)}\u0301`,
    );
  });
});

describe('a picture held back with DEC 2026', () => {
  it('is shown when the program says so', () => {
    const { screen, write, take } = makeScreen();
    const version = take(0)?.version ?? 0;
    write('\x1b[?2026hhalf');
    expect(screen.mayHaveChanged(version)).toBe(false);
    expect(take(version)).toBeNull();
    expect(screen.heldUntil()).toBe(1000 + SYNC_LIMIT_MS);
    write(' whole\x1b[?2026l');
    expect(screen.heldUntil()).toBe(0);
    expect(take(version)?.lines.map(({ y }) => y)).toEqual([0]);
  });

  it('is shown as it is after the limit, and held anew from then', () => {
    const { screen, clock, write, take } = makeScreen();
    const version = take(0)?.version ?? 0;
    write('\x1b[?2026hhalf');
    clock.ms += SYNC_LIMIT_MS - 1;
    expect(take(version)).toBeNull();
    clock.ms += 1;
    const shown = take(version);
    expect(shown?.lines).toHaveLength(1);
    write('more');
    expect(take(shown?.version ?? 0)).toBeNull();
    expect(screen.heldUntil()).toBe(clock.ms + SYNC_LIMIT_MS);
  });

  it('is shown whole when the next one opens in the same read', () => {
    const { clock, write, screen } = makeScreen();
    const version = screen.changesSince(0, new FrameTables())?.version ?? 0;
    clock.ms += 100;
    write('\x1b[?2026h\x1b[Hframe one\x1b[?2026l\x1b[?2026h\x1b[Hfra');
    const tables = new FrameTables();
    const change = screen.changesSince(version, tables);
    const row = wireRow(change?.lines[0]?.cells ?? new Uint32Array(), tablesOf(tables));
    expect(
      row
        .slice(0, 9)
        .map((cell) => cell[0])
        .join(''),
    ).toBe('frame one');
  });
});

describe('a question of the program', () => {
  it.each([
    ['XTVERSION', '\x1b[>0q', '\x1bP>|Drover 1.2.3\x1b\\'],
    ['DA1', '\x1b[c', '\x1b[?1;2c'],
    ['DA2', '\x1b[>c', '\x1b[>0;276;0c'],
    ['the cursor', '\x1b[3;4H\x1b[6n', '\x1b[3;4R'],
    ['DECRQM of 2026', '\x1b[?2026$p', '\x1b[?2026;2$y'],
    ['DECRQM of 2026 while set', '\x1b[?2026h\x1b[?2026$p', '\x1b[?2026;1$y'],
    ['DECRQM of an unknown mode', '\x1b[?9999$p', '\x1b[?9999;0$y'],
    ['the text colour', '\x1b]10;?\x07', '\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\'],
    ['the background', '\x1b]11;?\x1b\\', '\x1b]11;rgb:0000/0000/0000\x1b\\'],
    [
      'text, background and cursor',
      '\x1b]10;?;?;?\x07',
      '\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\\x1b]12;rgb:e5e5/e5e5/e5e5\x1b\\',
    ],
    [
      'palette colours',
      '\x1b]4;1;?;196;?;255;?;999;?\x07',
      '\x1b]4;1;rgb:cdcd/0000/0000\x1b\\\x1b]4;196;rgb:ffff/0000/0000\x1b\\\x1b]4;255;rgb:eeee/eeee/eeee\x1b\\',
    ],
    ['kitty keys', '\x1b[?u', '\x1b[?0u'],
    ['the size in pixels', '\x1b[14t', '\x1b[4;200;400t'],
    ['the size of a cell', '\x1b[16t', '\x1b[6;20;10t'],
    ['the size in cells', '\x1b[18t', '\x1b[8;10;40t'],
    ['the colour scheme', '\x1b[?996n', '\x1b[?997;1n'],
    ['the title (never told: it could type)', '\x1b]2;rm -rf\x07\x1b[21t', ''],
    ['the clipboard (never told)', '\x1b]52;c;?\x07', ''],
    ['a new colour (taken)', '\x1b]11;#ffffff\x07\x1b]4;1;#ffffff\x07', ''],
    ['a colour that it set', '\x1b]11;rgb:a/b/c\x07\x1b]11;?\x07', '\x1b]11;rgb:aaaa/bbbb/cccc\x1b\\'],
    [
      'a colour that it set and gave back',
      '\x1b]4;1;#fff\x07\x1b]104;1\x07\x1b]4;1;?\x07',
      '\x1b]4;1;rgb:cdcd/0000/0000\x1b\\',
    ],
    [
      'a colour that it set before a reset',
      '\x1b]10;#123456\x07\x1bc\x1b]10;?\x07',
      '\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\',
    ],
    ['DA3', '\x1b[=c', '\x1bP!|00000000\x1b\\'],
    [
      'kitty keys after it pushed and set flags (never in force)',
      '\x1b[>5u\x1b[=3;1u\x1b[?u\x1b[<u\x1b[?u',
      '\x1b[?0u\x1b[?0u',
    ],
    ['modifyOtherKeys', '\x1b[?4m', '\x1b[>4;0m'],
    [
      'the attributes',
      '\x1b[1;3;4:3;7;38;2;1;2;3;48;5;9m\x1bP$qm\x1b\\',
      '\x1bP1$r0;1;3;4:3;7;38:2::1:2:3;48:5:9m\x1b\\',
    ],
    ['no attributes', '\x1b[1m\x1b[m\x1bP$qm\x1b\\', '\x1bP1$r0m\x1b\\'],
    ['the cursor style', '\x1b[5 q\x1bP$q q\x1b\\', '\x1bP1$r5 q\x1b\\'],
    ['the margins', '\x1b[2;5r\x1bP$qr\x1b\\', '\x1bP1$r2;5r\x1b\\'],
    ['a setting that there is not', '\x1bP$qz\x1b\\', '\x1bP0$r\x1b\\'],
    ['capabilities', '\x1bP+q436F;5463;7878\x1b\\', '\x1bP1+r436F=323536\x1b\\\x1bP1+r5463\x1b\\\x1bP0+r7878\x1b\\'],
    ['a capability that is no name', '\x1bP+qzz\x1b\\', '\x1bP0+r\x1b\\'],
    ['DECRQM of grapheme clusters', '\x1b[?2027$p', '\x1b[?2027;3$y'],
    ['DECRQM of the colour scheme', '\x1b[?2031$p\x1b[?2031h\x1b[?2031$p', '\x1b[?2031;2$y\x1b[?2031;1$y'],
    ['DECRQM of an ANSI mode of old', '\x1b[13$p', '\x1b[13;4$y'],
    ['DECRQM of the insert mode', '\x1b[4h\x1b[4$p', '\x1b[4;1$y'],
    ['the state of the window', '\x1b[11t', '\x1b[1t'],
  ])('%s is answered', (_what, question, answer) => {
    const { write, answers } = makeScreen();
    write(question);
    expect(answers.join('')).toBe(answer);
  });
});

describe('the colours of a theme', () => {
  const light = { ...DARK_COLORS, foreground: 0x111111, background: 0xfafafa };

  it('are told, and a change between dark and light to who asked for it', () => {
    const { screen, write, answers } = makeScreen();
    screen.setColors(light);
    expect(answers).toEqual([]);
    write('\x1b]11;?\x07\x1b[?996n\x1b[?2031h');
    screen.setColors({ ...light, foreground: 0 });
    screen.setColors(DARK_COLORS);
    write('\x1b[?2031l');
    screen.setColors(light);
    expect(answers).toEqual(['\x1b]11;rgb:fafa/fafa/fafa\x1b\\', '\x1b[?997;2n', '\x1b[?997;1n']);
  });

  it('stay for the next program, which is not told of changes that it did not ask for', () => {
    const { screen, write, answers } = makeScreen();
    write('\x1b[?2031h\x1b]10;#abcdef\x07');
    screen.restart();
    screen.setColors(light);
    write('\x1b]10;?\x07');
    expect(answers).toEqual(['\x1b]10;rgb:1111/1111/1111\x1b\\']);
  });
});

describe('what a program sets', () => {
  it('shows in the modes and the cursor', () => {
    const { screen, write, take } = makeScreen();
    write('\x1b[?2004h\x1b[?1h\x1b[?1049h\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b=\x1b[5 q\x1b[?25l\x1b[4;8H');
    const modes =
      PANE_MODE.bracketedPaste |
      PANE_MODE.applicationCursor |
      PANE_MODE.applicationKeypad |
      PANE_MODE.alternateScreen |
      PANE_MODE.mouseDrag |
      PANE_MODE.mouseSgr |
      PANE_MODE.focusEvents;
    expect(take(0)).toMatchObject({ modes, cursor: { x: 7, y: 3, isVisible: false, shape: 5 } });
    write('\x1bc');
    expect(screen.modes).toBe(0);
  });

  it('moves the cursor without a row', () => {
    const { write, take } = makeScreen();
    const version = take(0)?.version ?? 0;
    write('\x1b[2;2H');
    expect(take(version)).toMatchObject({ cursor: { x: 1, y: 1 }, lines: [] });
  });

  it('is a title without control characters, of at most 256', () => {
    const { titles, write, screen } = makeScreen();
    write('\x1b]0;one\x07\x1b]2;two\x07\x1b]2;two\x07\x1b]1;icon\x07');
    expect(titles).toEqual(['one', 'two']);
    expect(cleanTitle('a\x1b[31m\x07\x9bb\u202ec\u2066')).toBe('a[31mbc');
    expect([...cleanTitle('😀'.repeat(400))]).toHaveLength(256);
    screen.restart();
    expect(screen.title).toBe('');
  });

  it('is text without the blanks at the ends of rows', () => {
    const { screen, write } = makeScreen(10, 3);
    write('a b   \r\n\u00a0 \x1b[3;4Hx');
    expect(screen.text()).toEqual(['a b', '\u00a0', '   x']);
  });

  it('rings the bell', () => {
    const { bells, write } = makeScreen();
    write('a\x07b');
    expect(bells).toHaveLength(1);
  });
});

describe('the styles of cells', () => {
  function stylesOf(text: string): ReturnType<FrameTables['styles']> {
    const { screen, write } = makeScreen();
    write(text);
    const tables = new FrameTables();
    screen.changesSince(0, tables);
    return tables.styles().slice(1);
  }

  it('keep links that are safe to hand on, and no others', () => {
    const link = (target: string): string => `\x1b]8;;${target}\x07x\x1b]8;;\x07`;
    const targets = [
      'https://example.org/a',
      'mailto:a@example.org',
      'file:///tmp/a',
      'javascript:alert(1)',
      'ssh://host',
      'https://exa mple',
      `https://${'a'.repeat(3000)}`,
    ];
    expect(stylesOf(targets.map(link).join('')).map((style) => style.link)).toEqual(targets.slice(0, 3));
  });

  it('keep a link after the line that began it is gone', () => {
    const { screen, write, take } = makeScreen(10, 3);
    write('\x1b]8;;https://example.org/\x07x\x1b]8;;\x07');
    take(0);
    write('\x1b[?1049h\x1b[?1049l\x1b[2;1H');
    const tables = new FrameTables();
    screen.changesSince(0, tables);
    expect(tables.styles()[1]?.link).toBe('https://example.org/');
  });

  it('tell the kind and colour of an underline, a plain one by the attribute alone', () => {
    expect(stylesOf('\x1b[4mplain\x1b[4:3mcurly\x1b[58:2::1:2:3mcoloured\x1b[59mcurly again')).toEqual([
      { underline: 3, underlineColor: 0, link: '' },
      { underline: 3, underlineColor: 0x3010203, link: '' },
    ]);
  });

  it('tell a white underline from one in the colour of the text', () => {
    expect(stylesOf('\x1b[4:3;58:2::255:255:255mwhite\x1b[59mplain')).toEqual([
      { underline: 3, underlineColor: 0x3ffffff, link: '' },
      { underline: 3, underlineColor: 0, link: '' },
    ]);
  });

  it('carry no stale bits of a colour and no bookkeeping', () => {
    const { write, take } = makeScreen(4, 1);
    write('\x1b[38;2;255;255;255m\x1b[31m\x1b[48;2;9;9;9m\x1b[49m\x1b[1"qa');
    const [content, fg, bg, ext] = take(0)?.lines[0]?.cells ?? [];
    expect([content, fg, bg, ext]).toEqual([0x400061, 0x1000001, 0, 0]);
  });

  it('cut a cluster that is no letter any more', () => {
    const { screen, write } = makeScreen(4, 1);
    write(`a${'\u0301'.repeat(5000)}`);
    const tables = new FrameTables();
    screen.changesSince(0, tables);
    expect(tables.strings()[1]).toHaveLength(32);
  });
});
