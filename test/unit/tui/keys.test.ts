import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEFAULT_BINDINGS, type KeyTable } from '../../../src/tui/keys/bindings.ts';
import { parseCommand } from '../../../src/tui/keys/command.ts';
import { buildKeyMap, keyOf, lookUp } from '../../../src/tui/keys/key-map.ts';
import { normaliseKey, parseKeyName, textOfKey } from '../../../src/tui/keys/key-name.ts';
import { helpLines } from '../../../src/tui/view/key-help.ts';
import { plainText } from '../../../src/tui/view/line.ts';

describe('commands', () => {
  test.each([
    ['focus left', { name: 'focus', to: 'left' }],
    ['  focus   12 ', { name: 'focus', to: 12 }],
    ['zoom', { name: 'zoom' }],
    ['command-bar show', { name: 'command-bar', text: 'show' }],
  ])('%j', (text, command) => {
    expect(parseCommand(text)).toEqual({ ok: true, command });
  });

  test.each([
    ['zom', 'there is no command "zom"; the nearest is "zoom"'],
    ['focus lft', 'there is no target of focus "lft"; the nearest is "left"'],
    ['focus', "focus takes one of left, right, up, down, next, last, attention or a pane's number"],
    ['zoom now', 'zoom takes no argument, but got "now"'],
  ])('%j is refused in words', (text, message) => {
    expect(parseCommand(text)).toEqual({ ok: false, message });
  });

  test('every default binding is a command, a key as the input parser spells it, and bound once', () => {
    const places = DEFAULT_BINDINGS.map((binding) => `${binding.table} ${binding.key}`);
    expect(new Set(places).size).toBe(places.length);
    // Throws for a default that is no command of its table.
    expect([...buildKeyMap({ prefix: 'C-g', bindings: {} }).keys.keys()]).toEqual(places);
    for (const binding of DEFAULT_BINDINGS) {
      expect(parseKeyName(binding.key)).toEqual({ ok: true, key: binding.key });
    }
  });
});

describe("the README's table of keys", () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const cells = [...readme.matchAll(/^\| (`C-g.*?) \|/gm)].map(([, cell = '']) => cell);

  /** `C-g H J` is two keys; arrows are four, `1`…`3` three. */
  function keysIn(cell: string): string[] {
    const arrows = cell.replace(/`C-g ?([CM]-)?`\s?arrows/g, (_all, modifier = '') =>
      ['Left', 'Right', 'Up', 'Down'].map((arrow) => `\`${modifier}${arrow}\``).join(' '),
    );
    const ranges = arrows.replace(/`C-g (M-)?(\d)`…`(?:M-)?(\d)`/g, (_all, modifier = '', from, to) =>
      Array.from({ length: to - from + 1 }, (_none, index) => `\`${modifier}${Number(from) + index}\``).join(' '),
    );
    const spans = [...ranges.matchAll(/`(.+?)`/g)].map(([, text = '']) => text.replace(/^C-g /, ''));
    return spans.flatMap((text) => text.split(' '));
  }

  test('names every key of the prefix table, and none besides but the prefix itself', () => {
    const bound = DEFAULT_BINDINGS.filter(({ table }) => table === 'prefix').map(({ key }) => key);
    expect(cells.flatMap(keysIn).sort()).toEqual([...bound, 'C-g'].sort());
  });
});

describe('names of keys', () => {
  test.each([
    ['c-G', 'C-g'],
    ['^g', 'C-g'],
    ['M-C-x', 'C-M-x'],
    ['pgup', 'PPage'],
    ['S-Tab', 'BTab'],
    ['f5', 'F5'],
    ['return', 'Enter'],
    ['C-', null],
    ['-', '-'],
    ['^', '^'],
    ['S-Left', 'S-Left'],
    ['é', 'é'],
    ['hoem', null],
  ])('%j is %j', (text, key) => {
    const parsed = parseKeyName(text);
    expect(parsed.ok ? parsed.key : null).toBe(key);
  });

  test('an unknown one is answered with the nearest', () => {
    expect(parseKeyName('hoem')).toEqual({ ok: false, message: 'there is no key "hoem"; the nearest is "Home"' });
  });

  test('only printable keys type text', () => {
    expect(['a', 'Space', '地', '-'].map(textOfKey)).toEqual(['a', ' ', '地', '-']);
    expect(['Enter', 'C-a', 'M-x', 'S-Left', 'F1', 'BTab'].map(textOfKey)).toEqual(['', '', '', '', '', '']);
    expect(normaliseKey('PageUp')).toBe('PPage');
    expect(normaliseKey('SomethingNew')).toBe('SomethingNew');
    expect(textOfKey('SomethingNew')).toBe('');
  });
});

describe('the key map', () => {
  const build = (bindings: Record<string, string>, prefix = 'C-g') => buildKeyMap({ prefix, bindings });

  test('the keys of copy mode are bound in the tables of their own, by what tmux calls the actions', () => {
    const bindings = {
      'copy-mode-vi z': 'page-up',
      'copy-mode-vi y': 'unbind',
      'copy-mode M-z': 'page-down',
      'copy-mode-vi x': 'page-sideways',
    };
    const vi = buildKeyMap({ prefix: 'C-g', bindings }, 'vi');
    expect([vi.copy.get('z'), vi.copy.get('y'), vi.copy.get('h')]).toEqual(['page-up', undefined, 'cursor-left']);
    expect(vi.problems).toEqual([
      expect.stringMatching(/^keys.bindings "copy-mode-vi x": .*action of copy mode.*"page-sideways"/),
    ]);
    const { copy } = buildKeyMap({ prefix: 'C-g', bindings }, 'emacs');
    expect([copy.get('M-z'), copy.get('z'), copy.get('C-n')]).toEqual(['page-down', undefined, 'cursor-down']);
  });

  test('help has a group for each table, the one in use first, and is filtered by words, commands and tables', () => {
    const map = build({ 'copy-mode-vi z': 'page-up', 'queue z': 'queue-priority +10' });
    const help = (filter: string, inUse?: KeyTable) => helpLines(map, filter, inUse).map(plainText);
    const tables = (lines: string[]) => lines.flatMap((line) => /^\S.* {2}(\S+)$/.exec(line)?.[1] ?? []);
    expect(tables(help(''))).toEqual(['prefix', 'queue', 'activity', 'panel', 'view', 'copy-mode-vi', 'copy-mode']);
    expect(tables(help('', 'queue'))[0]).toBe('queue');
    expect(help('queue-priority')).toEqual([
      'in the queue  queue',
      expect.stringMatching(/^ \+, = +priority up$/),
      expect.stringMatching(/^ - +priority down$/),
      expect.stringMatching(/^ z +queue-priority \+10$/),
    ]);
    expect(help('page-up', 'copy-mode-vi').slice(0, 2)).toEqual([
      "in copy mode, vi's keys  copy-mode-vi",
      expect.stringMatching(/^ PPage, C-b, z +page up$/),
    ]);
    expect(help('frobnicate')).toEqual(['no key does that']);
    // Every default key can be found in it.
    for (const { key } of DEFAULT_BINDINGS.filter(({ key }) => !/^[\d,]$/.test(key)))
      expect(
        help('').some((line) => line.split(/[ ,]+/).includes(key)),
        key,
      ).toBe(true);
  });

  test('queue, feed and views are bound in tables of their own, mistakes named with the nearest', () => {
    const map = build({
      'queue t': 'queue-priority +5',
      'queue x': 'unbind',
      'view e': 'close',
      'queue a': 'queue-prioriti +1',
      'queue b': 'queue-priority much',
      'queue c': 'queue-select upp',
      'quue d': 'queue-show',
      'activity Z': 'scroll top',
      'activity z': 'scroll bottom',
      'activity S-Tap': 'queue',
    });
    expect(lookUp(map, 'queue', 't')).toEqual({ name: 'queue-priority', by: 5 });
    expect(lookUp(map, 'queue', 'x')).toBeNull();
    expect(lookUp(map, 'view', 'e')).toEqual({ name: 'close' });
    expect(lookUp(map, 'queue', 'C-m')).toEqual({ name: 'queue-show' });
    expect(keyOf(map, 'queue', 'queue')).toBe('Esc');
    expect(keyOf(map, 'queue', 'queue-cancel')).toBeNull();
    expect(map.problems).toEqual([
      'keys.bindings "queue a": there is no command "queue-prioriti"; the nearest is "queue-priority"',
      'keys.bindings "queue b": queue-priority takes a number with its sign, such as +1',
      'keys.bindings "queue c": there is no step of queue-select "upp"; the nearest is "up"',
      'keys.bindings "quue d": there is no key table "quue"; the nearest is "queue"',
      'keys.bindings "activity S-Tap": there is no key "S-Tap"; the nearest is "Tab"',
    ]);
  });

  test('the operator’s bindings lie over the defaults', () => {
    const map = build({ 'prefix x': 'focus next', 'root M-z': 'zoom', 'prefix z': 'unbind' });
    expect(map.problems).toEqual([]);
    expect(lookUp(map, 'prefix', 'x')).toEqual({ name: 'focus', to: 'next' });
    expect(lookUp(map, 'root', 'M-z')).toEqual({ name: 'zoom' });
    expect(lookUp(map, 'prefix', 'z')).toBeNull();
    expect(lookUp(map, 'prefix', 'd')).toEqual({ name: 'detach' });
  });

  test('mistakes are said one by one, and the rest works', () => {
    const map = build({
      'prefix x': 'focsu next',
      'prfix y': 'zoom',
      'prefix hoem': 'zoom',
      q: 'zoom',
      'prefix C-g': 'zoom',
      'prefix M-a': 'zoom',
      'prefix m-a': 'help',
    });
    expect(map.problems).toEqual([
      'keys.bindings "prefix x": there is no command "focsu"; the nearest is "focus"',
      'keys.bindings "prfix y": there is no key table "prfix"; the nearest is "prefix"',
      'keys.bindings "prefix hoem": there is no key "hoem"; the nearest is "Home"',
      'keys.bindings "q": a binding is named by its table and its key, such as "prefix x"',
      'keys.bindings "prefix C-g": C-g is the prefix key, which has its meaning already; the binding is ignored',
      'keys.bindings "prefix m-a": the same key is bound as "prefix M-a" too; this one is used',
    ]);
    expect(lookUp(map, 'prefix', 'M-a')).toEqual({ name: 'help' });
  });

  test('a prefix that people type is refused for the default', () => {
    expect(build({}, 'g')).toMatchObject({ prefix: 'C-g', problems: [expect.stringContaining('"g" would be typed')] });
    expect(build({}, 'c-A')).toMatchObject({ prefix: 'C-a', problems: [] });
    expect(build({}, 'F12')).toMatchObject({ prefix: 'F12', problems: [] });
  });
});
