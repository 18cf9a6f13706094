import { describe, expect, test } from 'vitest';
import { textWidth } from '../../../src/domain/text-width.ts';
import type { ExtendedStyle, Frame, PaneUpdate } from '../../../src/protocol/cells.ts';
import { CELL_WORDS } from '../../../src/protocol/cells.ts';
import { Compositor } from '../../../src/tui/compositor/compositor.ts';
import type { InputMode, Model } from '../../../src/tui/model.ts';
import { note, refusal } from '../../../src/tui/note.ts';
import { capabilitiesFrom } from '../../../src/tui/outer/capabilities.ts';
import { update } from '../../../src/tui/update.ts';
import { plainText, span, spreadLine } from '../../../src/tui/view/line.ts';
import { PaneCopies } from '../../../src/tui/view/pane-copies.ts';
import { placeholderLines } from '../../../src/tui/view/placeholder.ts';
import { sceneOf } from '../../../src/tui/view/scene.ts';
import { busyHistory, History, key, modelOf, NOW, rowsOf, steps } from './model-fixture.ts';

function inputModeOf(mode: Model['mode']): InputMode {
  if (mode.kind !== 'command') throw new Error(`the command bar is not open: ${mode.kind}`);
  return mode;
}

describe('the picture', () => {
  test('at 80×24: four panes, their titles, the focus by a character, the status line', () => {
    const rows = rowsOf(modelOf(busyHistory(), { columns: 80, rows: 24 }));
    expect(rows[0]).toBe('━▶ 1 x7k2m fix login · working 12s ━━━━━┱── 2 p4q8r add a rat… ·  needs-input  ─');
    expect(rows[1]).toBe(`${' '.repeat(40)}┃${' '.repeat(39)}`);
    expect(rows[12]).toBe('── 3 b9n3c write the mo… · starting 3s ─╀── 4 · idle 5m ────────────────────────');
    expect(rows.slice(13).join('')).toContain('2 queued tasks wait for others');
    expect(rows[23]?.trimEnd()).toBe(' shop  session on │  1 needs you  3 running · 2 queued · 0 done · 1 failed');
  });

  test('a long refusal leaves its next command to be read', () => {
    const model = modelOf(busyHistory(), { columns: 80, rows: 24 });
    const path = '/somewhere/far/away/.drover/themes/evening.json';
    const problem = `styles.borderFocused.fg is "purpl"; it must be ${'one of many words, '.repeat(9)}`;
    const mistakes = [{ path, problem }];
    const [told] = update(model, { type: 'catalogue-loaded', catalogue: { ...model.catalogue, mistakes } });
    expect(rowsOf(told)[23]).toMatch(
      /^ {2}evening\.json: styles\.borderFocused\.fg is "purpl"; it must be one of ma… {2}C-g ~$/,
    );
    // In full, with its folder, among the messages: the last one is the first.
    const all = rowsOf(steps(refusal(told, 'and then', 'C-g ?'), key('C-g'), key('~'))[0]).join('\n');
    expect(all).toMatch(/─ messages ─/);
    expect(all).toMatch(/\d\d:\d\d:\d\d {2}and then · C-g \?/);
    expect(all).toMatch(/\d\d:\d\d:\d\d {2}\/somewhere\/far\/away\/\.drover\/themes\/evening\.json:/);
    expect(told.said[0]).toContain(`${path}: ${problem}`);
    // More than half of the line is the text's.
    const much = refusal(model, 'a'.repeat(90), 'b'.repeat(90));
    expect(rowsOf(much)[23]).toMatch(/^ {2}a{37}… {2}b{37}…$/);
  });

  test('what is said takes the place of the repository where both have no room, with what to type before what is good to know', () => {
    const model = { ...modelOf(busyHistory(), { columns: 80, rows: 24 }), repository: 'a-repository-with-a-name' };
    const line = (of: Model): string => rowsOf(of)[23] ?? '';
    expect(line(note(model, 'short'))).toMatch(/^ a-repository-with-a-name {2}short /);
    const long = 'the checkout of the person who works here is in use: what landed waits';
    expect(line(note(model, long))).toMatch(new RegExp(`^ ${long} `));
    const connection = { kind: 'lost', reason: 'why', attempts: 12, since: NOW, isOrderly: false } as const;
    expect(line({ ...model, connection }).trimEnd()).toBe(
      '  the server is gone · C-g d leaves · tried 12 times to reach it again · why',
    );
    const [main] = model.windows;
    const windows = main ? [main, { ...main, name: 'logs' }] : [];
    expect(line(refusal({ ...model, windows }, 'worker 1 is idle: nothing runs there', 'C-g ?'))).toMatch(
      /^ 1:main {2}2:logs {2}│ {2}worker 1 is idle: nothing runs there {2}C-g \? /,
    );
  });

  test('a task whose agent ended with its server is interrupted wherever its state is told', () => {
    const history = busyHistory();
    history.add({ type: 'session.stopped', reason: '' }, 20);
    history.add({ type: 'server.started', pid: 7, version: '1', recovered: false }, 5);
    const model = { ...modelOf(history, { columns: 160, rows: 40 }), focused: 1 };
    const text = (keys: string): string => rowsOf(steps(model, ...keys.split(' ').map(key))[0]).join('\n');
    expect(text('C-g z')).toMatch(/ 1 task-x7k2m fix login · interrupted 5s/);
    const queue = 'C-g q / f i x Enter';
    expect(text(queue)).toMatch(/▸ x7k2m fix login +interrupted 5s/);
    expect(text(queue)).toMatch(/interrupted · Login · added/);
    expect(text('C-g a')).toMatch(/interrupted 5s · Login/);
    expect(text('C-g a')).toContain('no session is running');
    // No agent is there to be ended, or to hear something.
    expect(text('C-g a')).toContain('i writes a hint; it waits for its next agent');
    expect(text('C-g a x')).toMatch(/ Cancel it\? +y +yes/);
    expect(text(`${queue} x`)).toContain(' Cancel x7k2m? ');
    for (const keys of ['C-g a x', `${queue} x`]) expect(text(keys)).not.toContain('Its agent is ended');
    for (const keys of ['C-g z', queue, 'C-g a']) expect(text(keys)).not.toMatch(/exited|in progress/);
  });

  test('an agent that ended with its server leaves the way to go on with it', () => {
    const history = busyHistory();
    history.add({ type: 'session.stopped', reason: '' });
    history.add({ type: 'server.started', pid: 7, version: '1', recovered: false });
    const model = { ...modelOf(history, { columns: 80, rows: 24 }), focused: 1 };
    const text = rowsOf(model).join('\n');
    expect(text).toMatch(/ 1 x7k2m fix login · interrupted /);
    expect(text.match(/its agent ended with its server/g)).toHaveLength(3);
    expect(text).toContain('C-g : run  go on with it');
    const [refused, effects] = steps(model, key('a'));
    expect(effects.filter(({ type }) => type === 'input')).toEqual([]);
    expect(refused.note).toMatchObject({ text: 'the agent of worker 1 ended with its server', next: 'C-g : run' });
  });

  test('the sidebar: who runs, who needs someone, what failed, what waits and for how many', () => {
    const rows = rowsOf(modelOf(busyHistory(), { columns: 120, rows: 40 })).map((row) => row.slice(85).trimEnd());
    expect(rows.slice(0, 21)).toEqual([
      '─ queue ───────────────────────────',
      ' running                         3',
      ' 1 x7k2m fix login         working',
      ' 2 p4q8r add a rate l… needs-input',
      ' 3 b9n3c write the month… starting',
      '',
      '  needs you                      1',
      ' 2 p4q8r add a rate limit to e… 1m',
      '   May I delete the folder build?',
      '',
      ' failed or blocked               1',
      ' ! m8n9p repair the clock   failed',
      '   the tests still fail after 3 at…',
      '',
      ' queued                          2',
      ' Login',
      '   h5j6k remember the … ↑5 waits 1',
      ' Reports',
      '   d2f3g totals by region… waits 2',
      '',
      '',
    ]);
  });

  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
    [400, 100],
    [100, 12],
    [20, 2],
    [7, 3],
    [1, 1],
  ])('at %i×%i every line is as wide as its place, in every mode', (columns, rows) => {
    const model = modelOf(busyHistory(), { columns, rows });
    const modes = [
      model,
      ...['C-g ?', 'C-g : a', 'C-g c a', 'C-g z', 'C-g b'].map((keys) => steps(model, ...keys.split(' ').map(key))[0]),
      steps(model, key('C-g'), { type: 'prefix-waited', token: 1 })[0],
      steps(model, { type: 'failed', text: 'a long refusal '.repeat(20), next: 'C-g ?' })[0],
      {
        ...model,
        mode: {
          ...inputModeOf(steps(model, key('C-g'), key(':'))[0].mode),
          refusal: 'a long refusal 地域 '.repeat(20),
        },
      },
      steps(model, { type: 'server-lost', reason: 'gone', isOrderly: false })[0],
      { ...modelOf(new History(), { columns, rows }), focused: null },
      {
        ...model,
        mode: { kind: 'popup', title: '地'.repeat(200), lines: ['地域'.repeat(300), ''], scroll: 0 } as const,
      },
    ];
    for (const mode of modes) {
      const scene = sceneOf(mode);
      for (const { id, rect, lines } of [...scene.back, ...scene.front]) {
        const wrong = lines.filter((line) => textWidth(plainText(line)) !== rect.width).map(plainText);
        expect({ id, wrong, lines: lines.length }).toEqual({ id, wrong: [], lines: rect.height });
      }
    }
  });

  test('a popup breaks a line that is too long for the screen, and shows it to its end', () => {
    const table = 'task-x7k2m  in_progress  asks: May I delete the folder build? drover answer task-x7k2m';
    const lines = [table, '', `  ${'a'.repeat(70)}`];
    const popup = { kind: 'popup', title: 't', lines, scroll: 0 } as const;
    const rows = (columns: number): string[] => {
      const model: Model = { ...modelOf(busyHistory(), { columns, rows: 24 }), mode: popup };
      const surface = sceneOf(model).front.find(({ id }) => id === 'popup');
      return (surface?.lines ?? []).slice(1, -1).map((line) => plainText(line).slice(2, -2).trimEnd());
    };
    expect(rows(60)).toEqual([
      'task-x7k2m  in_progress  asks: May I delete the folder',
      '  build? drover answer task-x7k2m',
      '',
      `  ${'a'.repeat(54)}`,
      `    ${'a'.repeat(16)}`,
    ]);
    expect(rows(120)).toEqual(lines);
  });

  test('a refusal in the command bar is shown to its end, where the next command stands', () => {
    const model = steps(modelOf(busyHistory(), { columns: 60, rows: 24 }), key('C-g'), key(':'))[0];
    const refusal = '--priority takes a whole number from -100 to 100, not "abc" (next: drover add --help)';
    const mode = { ...inputModeOf(model.mode), refusal };
    const surface = sceneOf({ ...model, mode }).front.find(({ id }) => id === 'above-input');
    expect(surface?.lines.map((line) => plainText(line).trim())).toEqual([
      '--priority takes a whole number from -100 to 100, not',
      '"abc" (next: drover add --help)',
    ]);
    expect(surface?.rect).toEqual({ x: 0, y: 21, width: 60, height: 2 });
  });

  test('in a narrow pane an idle worker still says why, and how its last task ended', () => {
    const history = new History().task('x7k2m', 'a title of some length').session(1).run(1, 'x7k2m', 'working');
    history.add({ type: 'run.ended', runId: 'run-x7k2m', exitCode: 0, signal: null, reason: '' });
    history.add({ type: 'task.completed', taskId: 'task-x7k2m', commit: 'abcdef1', by: 'agent', checkout: '' });
    history.task('h5j6k', 'next', { blockedBy: ['task-d2f3g'] });
    const words = placeholderLines(modelOf(history), 1, 22, 7).map((line) => plainText(line).trim());
    expect(words.filter(Boolean)).toEqual(['the queued task waits', 'for another one', 'last: landed abcdef1 …']);
    const retried = new History().task('x7k2m', 'fix login').session(1).run(1, 'x7k2m', 'working');
    retried.add({ type: 'run.ended', runId: 'run-x7k2m', exitCode: 1, signal: null, reason: '' });
    retried.add({ type: 'task.attempt-failed', taskId: 'task-x7k2m', error: 'no', retryAt: NOW + 20_000 });
    const again = placeholderLines(modelOf(retried), 1, 60, 7).map(plainText).join('');
    expect(again).toContain('last: queued again · x7k2m fix login');
  });

  test('text of others reaches the screen without its controls', () => {
    const history = busyHistory().task('evil2', 'one\x1b]0;two\x07\u202ethree\n', { priority: 50 });
    history.run(4, 'evil2', 'needs-input', 1, 'a\x1b[2Jb\r\nc');
    const text = rowsOf(modelOf(history, { columns: 200, rows: 60 })).join('');
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain('one]0;twothree');
  });

  test.each([
    [
      'nothing queued',
      new History().session(1).task('aaaaa', 'a').add({ type: 'task.cancelled', taskId: 'task-aaaaa', reason: '' }),
      'all tasks are through',
    ],
    ['an empty queue', new History().session(1), 'the queue is empty'],
    [
      'a session that was stopped',
      new History().session(1).task('aaaaa', 'a').add({ type: 'session.stopped', reason: '' }),
      '1 task is queued, but the session is not running',
    ],
    ['a task to take', new History().session(1).task('aaaaa', 'a'), 'takes the next task in a moment'],
    [
      'a retry',
      new History().session(1).task('aaaaa', 'a', { retryAt: NOW + 20_000 }),
      'the next attempt begins in 20 s',
    ],
  ])('an idle worker says what it waits for: %s', (_name, history, words) => {
    expect(rowsOf(modelOf(history)).join('\n')).toContain(words);
  });

  test('help is made from the key map, and hints show its prefix table', () => {
    const model = modelOf(busyHistory());
    const help = rowsOf(steps(model, key('C-g'), key('?'))[0]).join('\n');
    expect(help).toMatch(/C-g Left, h +pane to the left/);
    expect(help).toMatch(/C-g 1 … 9 +pane of that number/);
    const hints = rowsOf(steps(model, key('C-g'), { type: 'prefix-waited', token: 1 })[0]).join('\n');
    expect(hints).toMatch(/ n +next pane that needs someone/);
    expect(hints).not.toMatch(/ h +pane to the left/);
  });
});

test('two ends of a line keep a blank between them', () => {
  const line = (text: string) => [span('text', text)];
  expect(plainText(spreadLine(line('abcdef'), line('xy'), 6, 'text'))).toBe('ab… xy');
  expect(plainText(spreadLine(line('a'), line('xy'), 6, 'text'))).toBe('a   xy');
  expect(plainText(spreadLine(line('a'), [], 3, 'text'))).toBe('a  ');
});

describe('copies of panes', () => {
  const row = (text: string): Uint32Array => {
    const cells = new Uint32Array(text.length * CELL_WORDS);
    [...text].forEach((character, x) => {
      cells[x * CELL_WORDS] = (1 << 22) | (character.codePointAt(0) ?? 0);
    });
    return cells;
  };
  const rect = { x: 2, y: 1, width: 4, height: 2 };
  const places = {
    rect: (pane: number) => (pane === 1 ? rect : null),
    runs: (pane: number) =>
      pane === 1 ? [0, 1].map((y) => ({ y: 1 + y, x: 2, width: 4, sourceX: 0, sourceY: y })) : [],
  };

  function frame(rows: readonly string[], extra: Partial<PaneUpdate> = {}): Frame {
    const lines = rows.map((text, y) => ({ y, cells: row(text) }));
    const cursor = { x: 1, y: 0, isVisible: true, shape: 0 };
    const update = {
      pane: 1,
      generation: 1,
      cols: rows[0]?.length ?? 1,
      rows: rows.length,
      cursor,
      modes: 5,
      lines,
      ...extra,
    };
    return { number: 1, isFree: false, strings: [''], styles: [] as ExtendedStyle[], panes: [update] };
  }

  /** What the compositor paints, as text with its cursor moves cut away. */
  function painted(compositor: Compositor): string {
    return (compositor.flush(null)?.toString() ?? '')
      .replace(/\x1b\[[\d;?]*[A-Za-z]|\x08/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  }

  function fresh(): { copies: PaneCopies; compositor: Compositor } {
    const compositor = new Compositor(10, 4, capabilitiesFrom({ TERM: 'xterm-256color' }));
    for (let y = 0; y < 4; y++) for (let x = 0; x < 10; x++) compositor.setCell(x, y, ' ', 0, 0);
    compositor.flush(null);
    return { copies: new PaneCopies(), compositor };
  }

  test('a pty of the box’s size is shown as it is; only what changed is painted again', () => {
    const { copies, compositor } = fresh();
    copies.receive(frame(['abcd', 'efgh']), compositor, places);
    expect(painted(compositor)).toBe('abcd efgh');
    copies.receive(frame([], { cols: 4, rows: 2, lines: [{ y: 1, cells: row('efXX') }] }), compositor, places);
    expect(painted(compositor)).toBe('XX');
    expect(copies.modes(1)).toBe(5);
    expect(copies.cursor(1, places)).toMatchObject({ x: 3, y: 1 });
  });

  test('a larger pty is cropped around its cursor, a smaller one is padded', () => {
    const { copies, compositor } = fresh();
    const cursor = { x: 7, y: 3, isVisible: true, shape: 0 };
    copies.receive(frame(['first...', 'second..', 'third...', 'fourth..'], { cursor }), compositor, places);
    expect(painted(compositor)).toBe('thir four');
    expect(copies.offset(1)).toBe(2);
    expect(copies.cursor(1, places)).toBeNull();
    copies.receive(frame(['ab'], { generation: 2 }), compositor, places);
    copies.paint([1], compositor, places);
    expect(painted(compositor)).toContain('ab');
    expect(copies.offset(1)).toBe(0);
  });

  test('a new program in the pane leaves nothing of the old one; panes out of sight are kept for later', () => {
    const { copies, compositor } = fresh();
    copies.receive(frame(['abcd', 'efgh']), compositor, places);
    painted(compositor);
    copies.receive(
      frame([], { cols: 4, rows: 2, generation: 2, lines: [{ y: 0, cells: row('zzzz') }] }),
      compositor,
      places,
    );
    copies.paint([1], compositor, places);
    expect(painted(compositor)).toBe('zzzz');
    copies.receive(frame(['pppp'], { pane: 7 }), compositor, places);
    expect(painted(compositor)).toBe('');
    expect(copies.cursor(7, places)).toBeNull();
    copies.clear();
    expect(copies.modes(1)).toBe(0);
  });
});
