// Owns the test of copy mode's documents: frames and conversations before, rows after, and the order in which they are asked for.
import { describe, expect, test } from 'vitest';
import { refuse } from '../../../../src/domain/refusal.ts';
import { CELL_WIDTH_SHIFT } from '../../../../src/protocol/cells.ts';
import type { ConversationEntry } from '../../../../src/protocol/methods.ts';
import { encodePaneFrame } from '../../../../src/protocol/pane-frame.ts';
import { rowsOfConversation, rowsOfFrame } from '../../../../src/tui/copy-mode/document.ts';
import { historyText, type LoadScope, loadCopyDocument } from '../../../../src/tui/copy-mode/load.ts';
import { textOfRow } from '../../../../src/tui/copy-mode/row.ts';
import type { CopyEffect, CopyMessage } from '../../../../src/tui/copy-mode/state.ts';

const COLS = 12;

function frameOf(...parts: readonly (readonly string[])[]): string {
  const cursor = { x: 0, y: 0, isVisible: false, shape: 0 };
  const panes = parts.map((lines) => ({
    pane: 1,
    generation: 1,
    cols: COLS,
    rows: Math.max(1, lines.length),
    cursor,
    modes: 0,
    lines: lines.map((text, y) => {
      const cells = new Uint32Array(COLS * 4);
      for (let x = 0; x < COLS; x++) cells[x * 4] = (1 << CELL_WIDTH_SHIFT) | (text.codePointAt(x) ?? 0);
      return { y, cells };
    }),
  }));
  return encodePaneFrame({ number: 0, isFree: false, strings: [''], styles: [], panes }).toString('base64');
}

/** A server with one pane: `lines` above a screen of two rows. */
function serverOf(
  lines: readonly string[],
  first: number,
  entries: readonly ConversationEntry[] | null,
): LoadScope['client'] {
  const total = first + lines.length;
  const call = async (method: string, params: Record<string, number>): Promise<unknown> => {
    if (method === 'conversation.read') {
      if (entries === null) refuse('nothing-to-do', 'there is no conversation to read');
      const { from = 0 } = params;
      return { taskId: 't', runId: 'r', total: entries.length, from, entries: entries.slice(from, from + 2) };
    }
    const isFreeze = method === 'pane.freeze';
    const from = Math.max(first, isFreeze ? total - (params['count'] ?? 0) : (params['from'] ?? 0));
    const given = lines.slice(from - first, from - first + (params['count'] ?? 0));
    const frame = isFreeze ? frameOf(given, ['screen', 'end']) : frameOf(given);
    return { generation: 1, first, total, from, wrapped: isFreeze ? [given.length + 1] : [], prompts: [0], frame };
  };
  return { call } as unknown as LoadScope['client'];
}

const load = (extra: Partial<Extract<CopyEffect, { type: 'copy-load' }>> = {}) =>
  ({ type: 'copy-load', pane: 1, token: 3, source: 'auto', task: null, width: 20, isWhole: false, ...extra }) as const;

async function loaded(client: LoadScope['client'], what = load(), isAlternate = false): Promise<CopyMessage[]> {
  const messages: CopyMessage[] = [];
  await loadCopyDocument(what, { client, isAlternate, offset: 0, send: (message) => messages.push(message) });
  return messages;
}

const LINES = Array.from({ length: 2500 }, (_, n) => `line ${n}`);

test('the blank at which a pane wrapped a line is a part of the line, one behind a line is not', () => {
  const rows = rowsOfFrame(frameOf(['git rebase  ', '--continue  ']), [1], []);
  expect(rows.map(textOfRow)).toEqual(['git rebase  ', '--continue']);
});

describe('the screen', () => {
  test('comes with the newest lines first, then the others up to the oldest', async () => {
    const [first, ...parts] = await loaded(serverOf(LINES, 40, null));
    if (first?.type !== 'copy-loaded') throw new Error('no document');
    expect(first).toMatchObject({ source: 'screen', top: 2500, rows: { length: 2502 } });
    expect(first.rowOf(41)).toBe(1);
    const rows = [...first.rows];
    expect(textOfRow(rows[0] ?? (rows[1] as never))).toBe('');
    for (const part of parts) if (part.type === 'copy-rows') rows.splice(part.from, part.rows.length, ...part.rows);
    expect(rows.map(textOfRow)).toEqual([...LINES, 'screen', 'end']);
    expect(rows.at(-2)?.isWrapped).toBe(true);
    // The first line of each part is marked.
    expect(rows.flatMap(({ isPrompt }, y) => (isPrompt ? [y] : []))).toEqual([0, 200, 1200, 2200]);
  });

  test('comes whole where somebody goes to a line of it', async () => {
    const messages = await loaded(serverOf(LINES, 0, null), load({ isWhole: true }));
    expect(messages).toHaveLength(1);
    expect(messages[0]?.type === 'copy-loaded' && textOfRow(messages[0].rows[0] as never)).toBe('line 0');
  });

  test('is read in the place of a conversation that is not there', async () => {
    expect((await loaded(serverOf(['a'], 0, null), load(), true))[0]).toMatchObject({ source: 'screen' });
    const [refused] = await loaded(serverOf(['a'], 0, null), load({ source: 'conversation' }));
    expect(refused).toMatchObject({ type: 'copy-refused', token: 3, text: 'there is no conversation to read' });
  });

  test('is text for the editor, wrapped rows joined', async () => {
    const scope = { client: serverOf(['one', 'two'], 7, null), isAlternate: false, offset: 0 };
    expect(await historyText(1, scope)).toBe('one\ntwo\nscreenend\n');
  });
});

describe('a conversation', () => {
  const entries: ConversationEntry[] = [
    { kind: 'user', text: 'fix the login' },
    { kind: 'tool', text: 'Bash(npm test)' },
    { kind: 'result', text: 'ok\t1\nok 2\x1b[31m' },
    { kind: 'assistant', text: 'Done: the 地域 form works again.' },
  ];

  test('is rows as wide as the pane, from which the whole text comes back', () => {
    const { rows, starts } = rowsOfConversation(entries, 20);
    expect(rows.map(textOfRow)).toEqual([
      '❯ fix the login',
      '',
      '● Bash(npm test)',
      '  ⎿ ok    1',
      '    ok 2[31m',
      '',
      '● Done: the 地域 ',
      'form works again.',
    ]);
    expect(starts).toEqual([0, 2, 3, 6]);
    expect(rows.map(({ isPrompt }) => isPrompt === true)).toEqual([true, ...Array(7).fill(false)]);
    expect(rows.filter(({ isWrapped }) => isWrapped)).toHaveLength(1);
    for (const { cells } of rows) expect(cells.length).toBeLessThanOrEqual(20);
  });

  test('is read part by part, where the program draws on the alternate screen', async () => {
    const [message, ...more] = await loaded(serverOf([], 0, entries), load(), true);
    if (message?.type !== 'copy-loaded') throw new Error('no document');
    expect(more).toEqual([]);
    expect(message).toMatchObject({ source: 'conversation', rows: { length: 8 } });
    expect([message.rowOf(3), message.rowOf(99)]).toEqual([6, 7]);
  });
});
