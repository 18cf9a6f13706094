// Owns the tests of what panes have shown, as a client asks for it on the socket.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodePaneFrame } from '../../../src/protocol/pane-frame.ts';
import { wireRow } from '../../helpers/screen-oracle.ts';
import { Scene, type Watcher } from './scene.ts';

let scene: Scene;
let client: Watcher;
let pane: number;

beforeAll(async () => {
  scene = new Scene({ scrollback: 1000 });
  await scene.start();
  client = await scene.watch();
  const script =
    'i=0; while [ $i -lt 1500 ]; do echo "line $i of the flood"; i=$((i+1)); done; printf "\\033[1mat rest"; read x';
  pane = (await client.call('pane.open', { argv: ['sh', '-c', script] })).pane.pane;
  // The title and the last words come with the same program: its text is asked for until it rests.
  while (!(await client.call('pane.capture', { pane })).lines.includes('at rest')) await undefined;
});
afterAll(async () => {
  await client.call('pane.close', { pane });
  await scene.close();
});

test('the history comes by range, under numbers that stay', async () => {
  const { pane: info } = await client
    .call('pane.list', {})
    .then(({ panes }) => ({ pane: panes.find((one) => one.pane === pane) }));
  const all = await client.call('pane.history', { pane, from: 0, count: 2 });
  // 1,500 lines and the one at rest, of which the screen has its rows.
  expect(all.total).toBe(1501 - (info?.rows ?? 0));
  expect([all.first, all.from]).toEqual([all.total - 1000, all.total - 1000]);
  const { from, frame, wrapped } = await client.call('pane.history', { pane, from: 700, count: 300 });
  const { panes, ...tables } = decodePaneFrame(Buffer.from(frame, 'base64'));
  const lines = panes[0]?.lines ?? [];
  expect([from, lines.length, wrapped]).toEqual([700, 300, []]);
  const text = wireRow(lines[299]?.cells ?? new Uint32Array(), tables).map((cell) => cell.split('|')[0] || ' ');
  expect(text.join('').trimEnd()).toBe('line 999 of the flood');
  const none = await client.call('pane.history', { pane, from: all.total, count: 10 });
  expect(decodePaneFrame(Buffer.from(none.frame, 'base64')).panes[0]?.lines).toEqual([]);
});

test('words are found in it and on the screen', async () => {
  const { matches, isComplete } = await client.call('pane.search', { query: '1499 of', pane });
  expect(isComplete).toBe(true);
  expect(matches).toEqual([{ pane, line: 1499, column: 5, text: 'line 1499 of the flood' }]);
  expect((await client.call('pane.search', { query: 'line 10', limit: 3 })).matches).toHaveLength(3);
});

test('a pane that there is not, and more than is given at a time, are refused', async () => {
  await expect(client.call('pane.history', { pane: 999, from: 0, count: 1 })).rejects.toThrow('there is no pane 999');
  await expect(client.call('pane.search', { query: 'x', pane: 999 })).rejects.toThrow('there is no pane 999');
  await expect(client.call('pane.history', { pane, from: 0, count: 5000 })).rejects.toThrow('count');
});

test('the first client that says its colours sets them until it leaves', async () => {
  const colors = { foreground: '#101010', background: '#fafafa' };
  const other = await scene.connect();
  expect(await other.call('pane.palette', colors)).toEqual({ isTaken: true });
  expect(await client.call('pane.palette', colors)).toEqual({ isTaken: false });
  other.close();
  while (!(await client.call('pane.palette', colors)).isTaken) await undefined;
});
