// Every default binding as a person has it: a screen before, keys, the screen after; whole screens, as golden text.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyToBytes } from '../../src/tui/input/pane-input.ts';
import { DEFAULT_BINDINGS } from '../../src/tui/keys/bindings.ts';
import { builtProgram } from '../integration/cli/scene.ts';
import { ROUTES, type Route, type Step, stepsOf } from './routes.ts';
import { GoldenScreens } from './screens.ts';
import { script } from './script.ts';
import { type Stage, setStage } from './stage.ts';
import type { PersonTerminal } from './terminal.ts';

/** Keys after which the screen is as before, and why. */
const UNSEEN: Readonly<Record<string, string>> = {
  'prefix r': 'what another program wrote over the screen is gone',
  'copy-mode C-Space': 'the mark is set where the cursor is: nothing is selected so far',
};

/** Keys on no route, and why. */
const UNWALKED: Readonly<Record<string, string>> = {
  'panel 1': 'the agent goes on, in its own time; see the e2e of the panel',
  'panel 2': 'likewise',
};

/** ms; a machine that others use is slow, not broken, and screens are written at leisure. */
const PATIENCE = 600_000;

let stage: Stage;
let screens: GoldenScreens;

beforeAll(async () => {
  stage = await setStage({
    furnish: (scene) => {
      scene.program('drover', `exec '${process.execPath}' '${builtProgram()}' "$@"`);
      scene.program('show-file', 'head -n 3 "$1"; echo "$(wc -l < "$1") lines; Enter goes back"; read line');
      // Prompts as shells mark them, words, an indented line, paragraphs.
      scene.program(
        'speak',
        'for n in 1 2 3 4 5 6 7 8 9 10 11 12; do printf "\\033]133;A\\007$ step $n one-two, three (four)\\n    an indented line of words, number $n\\n\\nplain text $n\\n\\n"; done; exec cat',
      );
      return { EDITOR: 'show-file', SHELL: '/bin/sh', PS1: '$ ', ENV: '/dev/null' };
    },
  });
  const ids: string[] = [];
  const add = async (...words: string[]): Promise<void> => {
    ids.push((await stage.json<{ task: { id: string } }>(['add', ...words])).task.id.replace('task-', ''));
  };
  for (const [index, title] of ['Login', 'Limits', 'Report'].entries()) {
    const asks = script(
      { edit: { file: `${title}.txt`, content: `${title}\n` } },
      { ask: { question: `How shall "${title}" be?`, options: ['small', 'large'] } },
    );
    await add(title, '--priority', String(9 - index), '--description', asks);
  }
  await add('Totals', '--blocked-by', ids[0] ?? '');
  await add('Audit', '--blocked-by', ids[0] ?? '', '--priority', '5');
  await stage.drover(['panes', '--', 'speak']);
  // Where claims have to wait for a worktree, the pool is called exhausted.
  await stage.json(['pool', 'warm', '3']);
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
      .replace(/\b[0-9a-f]{10}\.\.[0-9a-f]{10}\b/g, 'aaaaaaaaaa..bbbbbbbbbb')
      // Who has begun and asked first.
      .replace(/(?<=hh:mm )(?:▶ abcd\d worker \d begins|\? abcd\d needs you: .*)$/gm, 'a worker begins or asks')
      .replace(/\d asks How shall "\w+" be\? \(1 small, 2 large\) +/g, 'somebody asks ')
      .replace(/\bperson-\d\d\b/g, 'person-00')
      .replaceAll(stage.folder, '/stage'),
  );
}, PATIENCE);

afterAll(async () => {
  screens?.write();
  await stage?.strike();
});

/** A clock that stands some days from now: ages are as wide as each other, and no line of the status is gone before it was seen. */
const LATER = {
  NODE_OPTIONS: '--import=data:text/javascript,const{now}=Date,at=now()+433800000;Date.now=()=>at',
};

function idOf({ table, key }: Step): string {
  return `${table} ${key}`;
}

function bytesOf({ table, key }: Step): string {
  const bytes = keyToBytes(key, 0).toString('latin1');
  // After the prefix; and so is the key that is the prefix itself.
  return table === 'prefix' || key === 'C-g' ? `\x07${bytes}` : bytes;
}

/** The environment of somebody whose configuration asks for those keys in copy mode. */
function configured(copyMode: Route['copyMode']): Record<string, string> {
  if (copyMode === undefined) return {};
  const home = join(stage.folder, `config-${copyMode}`);
  mkdirSync(join(home, 'drover'), { recursive: true });
  writeFileSync(join(home, 'drover', 'config.yaml'), `copyMode: ${copyMode}\n`);
  return { XDG_CONFIG_HOME: home };
}

/** Each person begins with a look of their own. */
let people = 10;

async function play(name: string, route: Route): Promise<void> {
  const { size, copyMode, isInShell } = route;
  const words = ['--as', `person-${people++}`, 'attach'];
  const env = { TMUX: '', ...LATER, ...configured(copyMode) };
  const terminal = isInShell
    ? stage.openProgram(['bash', '--norc', '--noprofile', '--noediting', '-i'], size, { ...env, PS1: '$ ' })
    : stage.open(words, size, env);
  try {
    if (isInShell) await terminal.see('$');
    if (isInShell) terminal.type(`drover ${words.join(' ')}\r`);
    await walkRoute(terminal, name, route);
    if (name === 'panes') expect(await terminal.exited).toBe(0);
  } finally {
    // Whoever is left in front of a screen is a person on those of the others.
    if (terminal.exitCode === null) terminal.kill('SIGHUP');
    await terminal.exited;
  }
  if (name === 'shell') await stage.json(['panes', 'close', '102']);
}

async function walkRoute(terminal: PersonTerminal, name: string, route: Route): Promise<void> {
  const walk = screens.walk(terminal, name);
  await walk.see('attach', true);
  const unseen: string[] = [];
  for (const step of stepsOf(route)) {
    const id = idOf(step);
    // What another program has written over the screen.
    if (id === 'prefix r') await terminal.spoil('\x1b[5;10HGARBAGE');
    terminal.type(bytesOf(step));
    if (!(await walk.see(id, !(id in UNSEEN)))) unseen.push(id);
    // The light of the prefix differs between the themes dark and high-contrast.
    if (id === 'prefix T') await terminal.see(() => terminal.raw.includes('48;5;226'), 'the yellow of high-contrast');
  }
  expect(unseen).toEqual(
    stepsOf(route)
      .map(idOf)
      .filter((id) => id in UNSEEN),
  );
}

describe('every default binding', () => {
  test('is on a route, and no route has a key that is not bound', () => {
    const walked = Object.values(ROUTES)
      .flatMap(stepsOf)
      .filter(({ table }) => table !== 'keys');
    // The prefix twice is no binding: it types the prefix.
    const bound = [...DEFAULT_BINDINGS, { table: 'prefix', key: 'C-g' }];
    expect([...new Set([...walked.map(idOf), ...Object.keys(UNWALKED)])].sort()).toEqual(bound.map(idOf).sort());
  });

  test.each(Object.entries(ROUTES))('%s', play, PATIENCE);

  test('no golden screen is left that nothing leads to', () => {
    const used = Object.entries(ROUTES).flatMap(([name, route]) =>
      ['attach', ...stepsOf(route).map(idOf)].map((step) => `${name}: ${step}`),
    );
    expect(screens.names).toEqual(used);
  });
});
