// Owns the tests of reading back: an agent's transcript in Claude Code's shape, a pane frozen with its history, and the search over both.
import { appendFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { projectSlug } from '../../../src/agent/transcript.ts';
import { decodePaneFrame } from '../../../src/protocol/pane-frame.ts';
import { Transcripts } from '../../../src/server/transcripts.ts';
import { cellsOfLine, textBetween } from '../../../src/tui/copy-mode/row.ts';
import { addTask, Scene } from './scene.ts';

const FIXTURE = new URL('../../fixtures/claude/conversation.jsonl', import.meta.url);
const ID = '5f0c1d2e-1111-4222-8333-444455556666';

let scene: Scene;
afterEach(async () => {
  await scene.close();
  expect(scene.fatal).toEqual([]);
});

/** The fixture where Claude Code would have written it for a worktree. */
function writeTranscript(worktree: string): string {
  const folder = join(scene.folder, 'config', 'projects', projectSlug(worktree));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${ID}.jsonl`);
  cpSync(FIXTURE, path);
  return path;
}

test("a conversation is found by its id, or where the agent's hook said, and read anew when it has grown", async () => {
  scene = new Scene();
  const transcripts = new Transcripts({ CLAUDE_CONFIG_DIR: join(scene.folder, 'config') });
  const run = { agent: 'claude', conversationId: ID } as const;
  expect(await transcripts.read(run, '/w/1')).toBeNull();
  const path = writeTranscript('/w/1');
  const entries = (await transcripts.read(run, '/w/1')) ?? [];
  expect(entries.map(({ kind, text }) => `${kind}: ${text.split('\n').at(-1)}`)).toEqual([
    'user: Fix the login form: the button does nothing.',
    'assistant: I look at the form first.',
    'tool: Read(/home/ada/shop/login.ts)',
    'result: 30→const line30 = 30;',
    'tool: Bash(npm test)',
    'result: Error: Error: Expected 地域 to be "region"',
    'user: Please keep the Submit label.',
    'note: Operator guidance (h-12, from ada): use tabs',
    'assistant: The Submit label stays.',
    'note: [Request interrupted by user]',
  ]);
  appendFileSync(path, `\n${JSON.stringify({ type: 'user', message: { role: 'user', content: 'go on' } })}\n`);
  expect((await transcripts.read(run, '/w/1'))?.at(-1)).toEqual({ kind: 'user', text: 'go on' });

  const command = { agent: 'command', conversationId: 'c' } as const;
  expect(await transcripts.read(command, '/w/1')).toBeNull();
  transcripts.tell('c', join(scene.folder, 'elsewhere.txt'));
  expect(await transcripts.read(command, '/w/1')).toBeNull();
  transcripts.tell('c', path);
  expect(await transcripts.read(command, '/w/1')).toHaveLength(11);
});

test('a pane is frozen with its screen and the lines above it, and searched in', async () => {
  scene = new Scene();
  await scene.start();
  const client = await scene.watch();
  const gate = scene.gate('gate');
  const task = await addTask(client, `seq -f 'row %g.' 100; cat ${gate.path}`);
  await client.call('session.start', {});
  await client.until('run.started');
  // The program waits behind its last row: this ends when that has been parsed.
  while (!(await client.call('pane.capture', { pane: 1 })).lines.includes('row 100.'));
  const frozen = await client.call('pane.freeze', { pane: 1, count: 1000 });
  const frame = decodePaneFrame(Buffer.from(frozen.frame, 'base64'));
  const texts = frame.panes.flatMap(({ lines }) =>
    lines.map(({ cells }) => {
      const found = cellsOfLine({ cells, strings: frame.strings, styles: frame.styles });
      return textBetween(found, 0, found.length);
    }),
  );
  expect(frozen.total).toBe(frozen.first + (frame.panes[0]?.lines.length ?? 0));
  expect(texts.filter(Boolean)).toEqual(Array.from({ length: 100 }, (_, n) => `row ${n + 1}.`));

  const { results, isComplete } = await client.call('search.run', { query: 'Row 7.' });
  expect({ results, isComplete }).toEqual({ results: [], isComplete: true });
  const found = await client.call('search.run', { query: 'row 7.' });
  expect(found.results).toEqual([{ task: task.id, pane: 1, source: 'screen', line: frozen.first + 6, text: 'row 7.' }]);
  expect((await client.call('search.run', { query: 'row', limit: 20 })).isComplete).toBe(false);
  await expect(client.call('conversation.read', { pane: 1 })).rejects.toThrow(/no conversation to read/);
  await expect(client.call('conversation.read', { task: task.id })).rejects.toThrow(/no conversation to read/);
  await expect(client.call('pane.freeze', { pane: 9, count: 1 })).rejects.toThrow(/no pane 9/);
  await gate.pass();
  await client.until('task.completed');
});
