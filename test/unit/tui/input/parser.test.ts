// Owns the reading of the keyboard, case by case and under every split.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputEvent } from '../../../../src/tui/input/input-event.ts';
import { InputParser } from '../../../../src/tui/input/parser.ts';

/** Feeds the reads and lets time pass until nothing waits any more. */
function read(...reads: (string | Uint8Array)[]): InputEvent[] {
  const parser = new InputParser();
  const events = reads.flatMap((bytes) => parser.feed(Buffer.from(bytes)));
  for (let waited = 0; parser.isPending && waited < 100; waited++) events.push(...parser.flush());
  expect(parser.isPending).toBe(false);
  return events;
}

/** Events in short: keys as [name, bytes], the rest by what matters. */
function told(events: readonly InputEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'key') return `${event.key} ${JSON.stringify(event.bytes.toString('latin1'))}`;
    if (event.type === 'paste') return `paste ${JSON.stringify(event.bytes.toString('utf8'))}`;
    if (event.type === 'mouse') return `${event.kind} ${event.button} @${event.x},${event.y}`;
    if (event.type === 'focus') return event.isFocused ? 'focus' : 'blur';
    return `reply ${event.kind}`;
  });
}

const CASES: readonly (readonly [string, readonly (string | Uint8Array)[], readonly string[]])[] = [
  ['paste (2004)', ['\x1b[200~hi\rthere\x1b[201~'], ['paste "hi\\rthere"']],
  ['paste no brackets', ['hi\rthere'], ['h "h"', 'i "i"', 'Enter "\\r"', 't "t"', 'h "h"', 'e "e"', 'r "r"', 'e "e"']],
  ['paste, its end split', ['\x1b[200~a\x1b[20', '1~b'], ['paste "a"', 'b "b"']],
  ['paste that holds the head of an end', ['\x1b[200~a\x1b[201b\x1b[201~'], ['paste "a\\u001b[201b"']],
  ['up arrow split 1|2', ['\x1b', '[A'], ['Up "\\u001b[A"']],
  ['up arrow split 2|1', ['\x1b[', 'A'], ['Up "\\u001b[A"']],
  ['alt-x split', ['\x1b', 'x'], ['M-x "\\u001bx"']],
  ['emoji', ['😀'], ['😀 "ð\u009f\u0098\u0080"']],
  ['utf8 split', [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)], ['é "Ã©"']],
  ['é', ['é'], ['é "Ã©"']],
  [
    '3 wheel events in one read',
    ['\x1b[<64;10;5M'.repeat(3)],
    ['wheel-up 0 @9,4', 'wheel-up 0 @9,4', 'wheel-up 0 @9,4'],
  ],
  ['key+mouse in one read', ['ab\x1b[<0;10;5Mcd'], ['a "a"', 'b "b"', 'press 0 @9,4', 'c "c"', 'd "d"']],
  ['focus-in + key', ['\x1b[Ix'], ['focus', 'x "x"']],
  ['kitty C-i (CSI 105;5u)', ['\x1b[105;5u'], ['C-i "\\t"']],
  ['modifyOtherKeys C-Enter', ['\x1b[27;5;13~'], ['C-Enter "\\r"']],
  ['S-Enter kitty', ['\x1b[13;2u'], ['S-Enter "\\u001b\\r"']],
  ['Enter', ['\r'], ['Enter "\\r"']],
  ['C-space', ['\0'], ['C-Space "\\u0000"']],
  ['C-/ (0x1f)', ['\x1f'], ['C-_ "\\u001f"']],
  ['C-\\', ['\x1c'], ['C-\\ "\\u001c"']],
  ['Alt-Enter', ['\x1b\r'], ['M-Enter "\\u001b\\r"']],
  ['Alt-é', ['\x1bé'], ['M-é "\\u001bÃ©"']],
  ['F13', ['\x1b[25~'], ['F13 "\\u001b[25~"']],
  ['Alt-Up', ['\x1b[1;3A'], ['M-Up "\\u001b[1;3A"']],
  ['C-S-Left', ['\x1b[1;6D'], ['C-S-Left "\\u001b[1;6D"']],
  ['mouse x=300 SGR', ['\x1b[<0;300;5M'], ['press 0 @299,4']],
  ['DA reply', ['\x1b[?62;22c'], ['reply attributes']],
  ['OSC 11 reply', ['\x1b]11;rgb:0000/0000/0000\x1b\\'], ['reply color']],
  ['DCS reply', ['\x1bP>|tmux 3.3a\x1b\\'], ['reply terminal-name']],
  ['Esc alone', ['\x1b'], ['Escape "\\u001b"']],
  ['Esc twice', ['\x1b\x1b'], ['Escape "\\u001b"', 'Escape "\\u001b"']],
  ['Alt-[', ['\x1b['], ['M-[ "\\u001b["']],
  ['Alt-]', ['\x1b]x'], ['M-] "\\u001b]"', 'x "x"']],
  ['Alt-O, x', ['\x1bOx!'], ['8 "8"', '! "!"']],
  ['Alt-P', ['\x1bPa'], ['M-P "\\u001bP"', 'a "a"']],
  ['SS3 arrow becomes CSI', ['\x1bOA'], ['Up "\\u001b[A"']],
  ['F1 in three forms', ['\x1bOP\x1b[11~\x1b[[A'], ['F1 "\\u001bOP"', 'F1 "\\u001bOP"', 'F1 "\\u001bOP"']],
  ['S-F3 is no cursor report', ['\x1b[1;2R'], ['S-F3 "\\u001b[1;2R"']],
  ['a cursor report is no F3', ['\x1b[12;40R'], ['reply cursor']],
  [
    'names',
    [' \t\x7f\x08\x1b[Z\x1b[3~\x1b[2~\x1b[5~\x1b[6~\x1b[H\x1b[F'],
    [
      'Space " "',
      'Tab "\\t"',
      'BSpace "\x7f"',
      'C-h "\\b"',
      'BTab "\\u001b[Z"',
      'DC "\\u001b[3~"',
      'IC "\\u001b[2~"',
      'PPage "\\u001b[5~"',
      'NPage "\\u001b[6~"',
      'Home "\\u001b[H"',
      'End "\\u001b[F"',
    ],
  ],
  ['Alt and control', ['\x1b\x01'], ['C-M-a "\\u001b\\u0001"']],
  ['kitty release is silent', ['\x1b[97;1:3u\x1b[1;1:3A'], []],
  ['kitty repeat of an arrow', ['\x1b[1;1:2A'], ['Up "\\u001b[A"']],
  ['kitty shifted letter', ['\x1b[97;2u'], ['A "A"']],
  ['kitty C-S-a', ['\x1b[97;6u'], ['C-a "\\u0001"']],
  ['kitty keypad', ['\x1b[57400u\x1b[57414u'], ['1 "1"', 'Enter "\\r"']],
  ['kitty locks do not count', ['\x1b[97;65u'], ['a "a"']],
  ['kitty function keys, in the form that panes know', ['\x1b[P\x1b[13~'], ['F1 "\\u001bOP"', 'F3 "\\u001bOR"']],
  ['kitty arrow and Delete with NumLock', ['\x1b[1;129A\x1b[3;133~'], ['Up "\\u001b[A"', 'C-DC "\\u001b[3;5~"']],
  ['kitty Escape, and the key of the same code', ['\x1b[27u\x1b[91;5u'], ['Escape "\\u001b"', 'Escape "\\u001b"']],
  ['kitty Shift with keys that have no other form', ['\x1b[32;2u\x1b[127;2u'], ['Space " "', 'BSpace "\x7f"']],
  ['kitty shifted sign', ['\x1b[49:33;4u'], ['M-! "\\u001b!"']],
  ['kitty C-c on a Cyrillic keyboard', ['\x1b[1089::99;5u'], ['C-c "\\u0003"']],
  ['kitty Super types nothing', ['\x1b[118;9u\x1b[97;3u'], ['M-a "\\u001ba"']],
  ['kitty modifiers alone', ['\x1b[57441;2u'], []],
  ['drag and release', ['\x1b[<32;2;3M\x1b[<0;2;3m'], ['drag 0 @1,2', 'release 0 @1,2']],
  ['old mouse', ['\x1b[M !!'], ['press 0 @0,0']],
  ['sideways wheel', ['\x1b[<66;1;1M'], []],
  [
    'DECRPM, kitty flags, dark',
    ['\x1b[?2026;2$y\x1b[?1u\x1b[?997;1n'],
    ['reply mode', 'reply kitty-flags', 'reply color-scheme'],
  ],
  ['a sequence cut off by another', ['\x1b[1;\x1b[A'], ['Up "\\u001b[A"']],
  ['no UTF-8', [Buffer.from([0xff, 0xc3, 0x28])], ['\ufffd "ÿ"', '\ufffd "Ã"', '( "("']],
  ['an unknown OSC answer', ['\x1b]52;c;eA==\x07x'], ['reply unknown', 'x "x"']],
];

describe('keys, pastes, mouse and replies', () => {
  it.each(CASES)('%s', (_name, reads, expected) => {
    expect(told(read(...reads))).toEqual(expected);
  });

  it.each(CASES)('%s, byte by byte', (_name, reads, expected) => {
    const all = Buffer.concat(reads.map((bytes) => Buffer.from(bytes)));
    expect(told(read(...[...all].map((byte) => Buffer.from([byte]))))).toEqual(expected);
  });

  it('tells what the replies say', () => {
    expect(read('\x1bP>|foot(1.2)\x1b\\\x1b[?2026;2$y\x1b]10;rgb:ff/00/00\x07\x1b[?62;4c')).toEqual([
      { type: 'reply', kind: 'terminal-name', name: 'foot(1.2)' },
      { type: 'reply', kind: 'mode', mode: 2026, setting: 2 },
      { type: 'reply', kind: 'color', target: '10', value: 'rgb:ff/00/00' },
      { type: 'reply', kind: 'attributes', level: 1, values: [62, 4] },
    ]);
  });

  it('hands over an unterminated paste after a while and takes keys again', () => {
    const parser = new InputParser();
    expect(parser.feed(Buffer.from('\x1b[200~half'))).toEqual([]);
    const events = Array.from({ length: 20 }, () => parser.flush()).flat();
    expect(told(events)).toEqual(['paste "half"']);
    expect(told(parser.feed(Buffer.from('x')))).toEqual(['x "x"']);
  });

  it('drops a half sequence that never goes on, without typing it', () => {
    expect(told(read('\x1b[1;5'))).toEqual([]);
    expect(told(read('\x1b]11;rgb'))).toEqual([]);
  });

  it('waits for the rest of a sequence through pauses of a slow link', () => {
    const parser = new InputParser();
    parser.feed(Buffer.from('\x1b[1;'));
    for (let pause = 0; pause < 10; pause++) expect(parser.flush()).toEqual([]);
    expect(told(parser.feed(Buffer.from('5A')))).toEqual(['C-Up "\\u001b[1;5A"']);
  });

  it('takes a paste of many megabytes in one piece', () => {
    const parser = new InputParser();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const events = parser.feed(Buffer.from('\x1b[200~'));
    for (let count = 0; count < 128; count++) events.push(...parser.feed(chunk));
    events.push(...parser.feed(Buffer.from('\x1b[201~y')));
    expect(events.map((event) => event.type)).toEqual(['paste', 'key']);
    expect(events[0]?.type === 'paste' && events[0].bytes.length).toBe(128 * 64 * 1024);
  });

  it('gives the same events for any split of the same bytes', () => {
    const piece = fc.oneof(
      fc.constantFrom(...CASES.flatMap(([, reads]) => reads.map((bytes) => Buffer.from(bytes)))),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('\x1b', '\x1b[', '\x1b]1', '\x1bP>', '\x1b\\', '\x1b[200~', '\x1b[201~', '~', '0')
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(40), { maxLength: 20 }), (pieces, cuts) => {
        const all = Buffer.concat(pieces);
        const reads: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          reads.push(all.subarray(at, at + cut));
          at = Math.min(all.length, at + cut);
        }
        reads.push(all.subarray(at));
        const split = new InputParser();
        const whole = new InputParser();
        expect(reads.flatMap((bytes) => split.feed(bytes))).toEqual(whole.feed(all));
        expect(split.isPending).toBe(whole.isPending);
      }),
      { numRuns: 600 },
    );
  });
});
