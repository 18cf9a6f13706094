// A person's hints on their way into the real Claude Code: behind a tool, at the end of a turn, at an idle prompt; each with its receipt from the transcript.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parseLine } from '../../src/agent/transcript.ts';
import type { GuidanceMessage } from '../../src/domain/guidance.ts';
import { historyOf, inOrder, type Step } from './messages-stub.ts';
import { PaneView } from './pane-view.ts';
import { bash, type ClaudeStage, completes, setClaudeStage } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

const send = async (taskId: string, ...words: string[]): Promise<string> =>
  (await stage.json<{ message: GuidanceMessage }>(['hint', taskId, ...words])).message.id;
/** Sends a hint while the model thinks, and then does the step. */
const afterHint = (words: string, step: Step) => async (): Promise<Step> => {
  const [task] = (await stage.json<{ tasks: { id: string }[] }>(['list'])).tasks;
  await send(task?.id ?? '', words);
  return step;
};

/** The kinds of lines in the agent's transcripts that hold the text. */
function kindsOfLines(text: string): string[] {
  const folder = join(stage.env['CLAUDE_CONFIG_DIR'] ?? '', 'projects');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jsonl'));
  const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  return lines
    .filter((line) => line.includes(text))
    .map((line) => {
      const { type, attachment } = parseLine(line) ?? {};
      return type === 'attachment' ? (attachment as { type: string }).type : String(type);
    });
}

test('a hint arrives behind a tool, at the end of a turn, and at an idle prompt, once each', async () => {
  stage = await setClaudeStage(
    inOrder(
      afterHint('behind the tool', bash('sleep 1; echo slept')),
      afterHint('at the end', { say: 'It looks done to me.' }),
      { say: 'Really done.' },
      { say: 'Which colour do you want?' },
      completes('Painted it.'),
      { say: 'Done.' },
    ),
  );
  await stage.json(['add', 'Paint it']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(() => [...watch.state.runs.values()].some(({ state }) => state === 'needs-input'), 'it is idle');
  const { id } = watch.task('Paint it');
  const idle = await send(id, "!ls /etc\n/exit\n# note \u001b[201~\u001b[31m don't");
  await watch.until(() => watch.task('Paint it').status === 'completed', 'it lands');
  await watch.until(
    () => [...watch.state.guidance.values()].every(({ state }) => state === 'acknowledged'),
    'all have their receipts',
  );
  const hints = [...watch.state.guidance.values()];
  expect(hints.map(({ text, via, note }) => [text, via, note])).toEqual([
    ['behind the tool', 'tool', ''],
    ['at the end', 'turn-end', ''],
    ["!ls /etc\n/exit\n# note ␛[201~␛[31m don't", 'idle', ''],
  ]);
  const { requests } = stage.stub;
  const heading = (index: number): string => `Operator guidance (${hints[index]?.id}, from Ann): `;
  expect(requests[1]?.news).toContain(`${heading(0)}behind the tool`);
  expect(requests[2]?.news).toContain(`${heading(1)}at the end`);
  expect(requests[4]?.news).toContain(`${heading(2)}!ls /etc\n  /exit\n  # note ␛[201~␛[31m don't`);
  // In the whole conversation each stands once, and the agent's own transcript holds it.
  const history = historyOf(requests.at(-1) ?? { messages: [], news: '', system: '', tools: [] });
  for (const index of [0, 1, 2]) expect(history.split(heading(index))).toHaveLength(2);
  expect(kindsOfLines(hints[0]?.id ?? '')).toContain('hook_additional_context');
  expect(kindsOfLines(hints[1]?.id ?? '')).toContain('hook_additional_context');
  expect(kindsOfLines(idle)).toContain('user');
  const shown = watch.seen.filter(({ event }) => event.type === 'guidance.shown');
  expect(shown).toHaveLength(3);
});

test('a hint waits while a dialog is open and while a person has a draft, and goes with the first words of an agent', async () => {
  stage = await setClaudeStage(
    inOrder(
      bash('cat /etc/hostname'),
      { say: 'Which one?' },
      { say: 'Which one, please?' },
      bash('echo listened'),
      completes('Did it.'),
      { say: 'Done.' },
    ),
  );
  await stage.json(['add', 'Name it']);
  const watch = await stage.watch();
  const { id } = watch.task('Name it');
  const early = await send(id, 'said before it began');
  await stage.json(['run', '--workers', '1']);
  const isAt = (wanted: string) => (): boolean => [...watch.state.runs.values()].some(({ state }) => state === wanted);
  await watch.until(isAt('needs-input'), 'it asks');
  expect(stage.stub.requests[0]?.news).toContain(`Operator guidance (${early}, from Ann): said before it began`);
  const stateOf = (hint: string): string => watch.state.guidance.get(hint)?.state ?? '';
  await watch.until(() => stateOf(early) === 'acknowledged', 'its receipt');
  const pane = await PaneView.open(watch.client, [...watch.state.runs.values()][0]?.worker ?? 0);
  await pane.until('1. Yes');
  const duringDialog = await send(id, 'said during the dialog');
  expect((await pane.capture()).text).toContain('1. Yes');
  expect(stateOf(duringDialog)).toBe('queued');
  pane.type('1');
  await watch.until(() => stateOf(duringDialog) === 'acknowledged', 'it comes behind the tool');
  expect(watch.state.guidance.get(duringDialog)?.via).toBe('tool');

  const isIdle = (): boolean => [...watch.state.runs.values()].some((run) => run.stateDetail === 'Which one, please?');
  await watch.until(isIdle, 'it is idle');
  pane.type('The first');
  await pane.until('The first');
  const duringDraft = await send(id, 'said during the draft');
  await stage.json(['hints', id]);
  expect(stateOf(duringDraft)).toBe('queued');
  pane.type(' one');
  await pane.until('The first one');
  pane.type('\r');
  await watch.until(() => stateOf(duringDraft) === 'acknowledged', 'it comes behind the next tool');
  expect(watch.state.guidance.get(duringDraft)?.via).toBe('tool');
  expect(stage.stub.requests[3]?.news).toContain('The first one');
  expect(stage.stub.requests[3]?.news).not.toContain('said during the draft');
  await watch.until(() => watch.task('Name it').status === 'completed', 'it lands');
});
