// Every default binding as a person has it: a screen before, keys, the screen after; whole screens, as golden text.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyToBytes } from '../../src/tui/input/pane-input.ts';
import { DEFAULT_BINDINGS } from '../../src/tui/keys/bindings.ts';
import { GoldenScreens } from './screens.ts';
import { script } from './script.ts';
import { type Stage, setStage } from './stage.ts';
import type { PersonTerminal, Size } from './terminal.ts';

interface Scenario {
  /** Keys that lead to the screen before; none: the screen of an attach. */
  readonly before?: string;
  readonly size?: Size;
  /** What has to be seen to besides the screens. */
  readonly more?: (terminal: PersonTerminal) => Promise<void> | void;
}

const SMALL: Size = { cols: 80, rows: 24 };
const LARGE: Size = { cols: 160, rows: 50 };
/** The pane with a plain program and a history; panes 1 to 3 ask something. */
const PLAIN = 'C-g 2 C-g Down';

const at = (before: string): Scenario => ({ before });
const NONE: Scenario = {};

/** By the key after the prefix. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  Left: at('C-g 2'),
  Right: NONE,
  Up: at('C-g 3'),
  Down: NONE,
  h: at('C-g 2'),
  l: NONE,
  k: at('C-g 3'),
  j: NONE,
  o: NONE,
  ';': at('C-g 3'),
  n: at('C-g 3'),
  '1': at('C-g 2'),
  ...Object.fromEntries(['2', '3', '4', '5', '6', '7', '8', '9'].map((pane) => [pane, NONE])),
  z: NONE,
  '{': at('C-g 2'),
  '}': NONE,
  'C-Left': NONE,
  'C-Right': NONE,
  'C-Up': NONE,
  'C-Down': NONE,
  'M-Left': NONE,
  'M-Right': NONE,
  'M-Up': NONE,
  'M-Down': NONE,
  H: NONE,
  L: NONE,
  K: NONE,
  J: NONE,
  E: at('C-g L'),
  Space: NONE,
  'M-1': at('C-g M-2'),
  'M-2': NONE,
  'M-3': NONE,
  'M-4': NONE,
  'M-5': NONE,
  T: {
    more: async (terminal) => {
      // The light of the prefix differs between the themes dark and high-contrast.
      await terminal.see(() => terminal.raw.includes('48;5;226'), 'the yellow of high-contrast');
    },
  },
  '!': NONE,
  '@': at('C-g !'),
  W: NONE,
  ',': NONE,
  ')': at('C-g !'),
  '(': at('C-g !'),
  "'": at('C-g !'),
  '&': at('C-g !'),
  a: NONE,
  s: NONE,
  m: NONE,
  '[': at(PLAIN),
  PPage: at(PLAIN),
  ']': at(`${PLAIN} C-g [ V y`),
  e: at(PLAIN),
  '/': NONE,
  i: NONE,
  c: NONE,
  ':': NONE,
  b: NONE,
  Q: NONE,
  G: NONE,
  C: NONE,
  A: NONE,
  P: NONE,
  r: NONE,
  '?': NONE,
  'C-z': NONE,
  d: NONE,
  // Sizes of panes change: last.
  q: { size: LARGE },
  'M-6': { size: LARGE },
  // The pane's agent ends.
  p: NONE,
};

let stage: Stage;
let screens: GoldenScreens;

beforeAll(async () => {
  stage = await setStage({
    furnish: (scene) => {
      scene.program('show-file', 'head -n 3 "$1"; echo "$(wc -l < "$1") lines; Enter goes back"; read line');
      return { EDITOR: 'show-file', SHELL: '/bin/sh', PS1: '$ ', ENV: '/dev/null' };
    },
  });
  const ids: string[] = [];
  const add = async (...words: string[]): Promise<void> => {
    ids.push((await stage.json<{ task: { id: string } }>(['add', ...words])).task.id.replace('task-', ''));
  };
  for (const [index, title] of ['Login', 'Limits', 'Report'].entries()) {
    const asks = script({ ask: { question: `How shall "${title}" be?`, options: ['small', 'large'] } });
    await add(title, '--priority', String(9 - index), '--description', asks);
  }
  await add('Totals', '--blocked-by', ids[0] ?? '');
  await stage.drover(['panes', '--', 'sh', '-c', 'seq 60; exec cat']);
  await stage.json(['run', '--workers', '3', '--agent', 'rehearsal']);
  const watch = await stage.watch();
  await watch.until(
    ({ runs }) => [...runs.values()].filter(({ state }) => state === 'needs-input').length === 3,
    'three questions',
  );
  // Also what a popup leaves of an id; which worktree a task is given, and in which order things happened, is nobody's promise.
  screens = new GoldenScreens(new URL('../golden/bindings.txt', import.meta.url), (screen) =>
    ids
      .reduce((text, id, index) => text.replaceAll(id, `abcd${index + 1}`), screen)
      .replace(/(?<=[─━]▶? \d )[a-z0-9]{1,4}(?=[│╭╰])/g, (part) => 'abcd'.slice(0, part.length))
      .replace(/(?<=\d ● )abcd\d.*$/gm, 'a task')
      .replace(/(?<=[│┤]) hh:mm .*$/gm, '')
      // Who has asked first.
      .replace(/\d asks How shall "\w+" be\? \(1 small, 2 large\) +/g, 'somebody asks ')
      .replace(/\bperson-\d\d\b/g, 'person-00')
      .replaceAll(stage.folder, '/stage'),
  );
});

afterAll(async () => {
  screens?.write();
  await stage?.strike();
});

const bytesOf = (keys: string): string =>
  keys
    .split(' ')
    .filter(Boolean)
    .map((key) => keyToBytes(key, 0).toString('latin1'))
    .join('');

/** Ages of some days: as wide as each other from the first screen to the last. */
const LATER = { NODE_OPTIONS: '--import=data:text/javascript,const{now}=Date;Date.now=()=>now()+433800000' };
/** Each person begins with a look of their own. */
let people = 10;

async function play(key: string, { before = '', size = SMALL, more }: Scenario): Promise<void> {
  const operator = `person-${people++}`;
  const terminal = stage.open(['--as', operator, 'attach'], size, { TMUX: '', ...LATER });
  const name = (keys: string): string => `${size.cols}x${size.rows} ${keys}`.trimEnd();
  await screens.see(terminal, name(''));
  if (before !== '') {
    terminal.type(bytesOf(before));
    await screens.see(terminal, name(before));
  }
  // What another program has written over the screen.
  if (key === 'r') await terminal.spoil('\x1b[5;10HGARBAGE');
  terminal.type(bytesOf(`C-g ${key}`));
  await screens.see(terminal, name(`${before} C-g ${key}`.trimStart()));
  await more?.(terminal);
  if (key === 'e') {
    terminal.type('\r');
    await screens.see(terminal, name(before));
  }
  if (key === 's') await stage.json(['panes', 'close', '102']);
  if (key === 'm') await stage.json(['--as', operator, 'unlock', '1']);
  if (key === 'd') expect(await terminal.exited).toBe(0);
  else terminal.kill('SIGHUP');
  await terminal.exited;
}

describe('every default binding', () => {
  test('has its scenario, and every scenario its binding', () => {
    const bound = DEFAULT_BINDINGS.filter(({ table }) => table === 'prefix').map(({ table, key }) => `${table} ${key}`);
    expect(
      Object.keys(SCENARIOS)
        .map((key) => `prefix ${key}`)
        .sort(),
    ).toEqual(bound.sort());
  });

  test.each(Object.entries(SCENARIOS))('C-g %s', play);

  test('no golden screen is left that nothing leads to', () => {
    const used = Object.entries(SCENARIOS).flatMap(([key, { before = '', size = SMALL }]) =>
      ['', before, `${before} C-g ${key}`.trimStart()].map((keys) => `${size.cols}x${size.rows} ${keys}`.trimEnd()),
    );
    expect(screens.names.sort()).toEqual([...new Set(used)].sort());
  });
});
