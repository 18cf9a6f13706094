// Copy mode over the real Claude Code on the alternate screen, which keeps no history: the transcript of its run, scrolled, searched and copied.
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { inOrder } from './messages-stub.ts';
import { bash, type ClaudeStage, PROGRAM, setClaudeStage, worktreeOf } from './scene.ts';

const PREFIX = '\x07';
const QUESTION = 'Which colour do you want?';
const LINES = 200;

let stage: ClaudeStage;
afterEach(async () => stage.strike());

test('copy mode reads the transcript of a run that the screen cannot show', async () => {
  stage = await setClaudeStage(
    inOrder(
      { say: 'I look for the walrus first.' },
      bash(`seq -f 'line %g of the harbour' ${LINES}`),
      (request) => ({
        tool: 'Write',
        input: { file_path: join(worktreeOf(request), 'found.txt'), content: 'walrus\n' },
      }),
      { say: QUESTION },
    ),
    { config: { claude: { command: PROGRAM, tui: 'fullscreen' } } },
  );
  await stage.json(['add', 'Find the animal', '--description', 'It hides in the harbour.']);
  const watch = await stage.watch();
  const terminal = stage.open(['run', '--workers', '1'], { cols: 120, rows: 40 }, { TMUX: '' });
  const waits = (): boolean => [...watch.state.runs.values()].some(({ state }) => state === 'needs-input');
  await watch.until(waits, 'it waits for a person');
  await terminal.see(`● ${QUESTION}`);
  expect(terminal.text()).not.toContain('line 100 of the harbour');
  // Claude Code writes its transcript a little behind its screen.
  const said = async (): Promise<boolean> => {
    const { entries } = await watch.client.call('conversation.read', { pane: 1 });
    return entries.at(-1)?.text === QUESTION;
  };
  while (!(await said()));

  terminal.type(`${PREFIX}[`);
  const shown = await terminal.see(/transcript \[\d+\/\d+\]/);
  const total = Number(/transcript \[\d+\/(\d+)\]/.exec(shown)?.[1]);
  expect(total).toBeGreaterThan(LINES);
  expect(shown).toContain(`● ${QUESTION}`);

  // The first word of the conversation stands at its top.
  terminal.type('g');
  await terminal.see((screen) => screen.includes('Find the animal') && screen.includes('[1/'), 'the beginning');
  terminal.type('G');
  await terminal.see((screen) => screen.includes(`● ${QUESTION}`), 'the end');

  // The whole result of a tool is in it.
  terminal.type('?line 137 of\r');
  await terminal.see((screen) => screen.includes('line 137 of the harbour') && / 1\/1 /.test(screen), 'one match');
  terminal.type('vey');
  await terminal.see('copied 4 characters by OSC 52');
  terminal.type(`${PREFIX}[`);
  await terminal.see(/transcript \[\d+\/\d+\]/);
  terminal.type('q');
  await terminal.see((screen) => !screen.includes('transcript ['), 'the pane as it runs');
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
});
