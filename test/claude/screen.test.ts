// What a person sees of the real Claude Code: its prompt in the pane, in its own colours, and again after a detach.
import { afterEach, expect, test } from 'vitest';
import { inOrder } from './messages-stub.ts';
import { type ClaudeStage, completes, setClaudeStage } from './scene.ts';

const PREFIX = '\x07';
/** Its sign beside the welcome, and the colour that its dark theme gives to it. */
const SIGN = { text: '▐▛███▜▌', colour: '#d77757' };

let stage: ClaudeStage;
afterEach(async () => stage.strike());

test('the workspace shows it in true colour, and again in a smaller terminal; what is typed there reaches it', async () => {
  const question = 'Which colour do you want?';
  stage = await setClaudeStage(
    inOrder({ say: 'Let me see.' }, { say: question }, completes('Green it is.'), { say: 'Done.' }),
  );
  await stage.json(['add', 'Choose the colour']);
  const watch = await stage.watch();
  const truecolour = { COLORTERM: 'truecolor' };
  const wide = stage.open(['run', '--workers', '1'], { cols: 120, rows: 40 }, truecolour);
  const waits = (): boolean => [...watch.state.runs.values()].some(({ state }) => state === 'needs-input');
  await watch.until(waits, 'it waits for a person');
  // With its bullet: the sidebar shows the question too, and earlier.
  await wide.see(`● ${question}`);
  await wide.see(/needs.input/);
  expect(wide.text()).toContain('Claude Code v2');
  expect(wide.colourOf(SIGN.text)).toBe(SIGN.colour);
  const { lines, title } = await watch.client.call('pane.capture', { pane: 1 });
  expect(lines.some((line) => line.startsWith('❯'))).toBe(true);
  expect(lines.join('\n')).toContain(question);
  expect(title).toContain('Choose the colour');

  wide.type(`${PREFIX}d`);
  expect(await wide.exited).toBe(0);
  expect(wide.isAlternate).toBe(false);
  const small = stage.open(['attach'], { cols: 80, rows: 24 }, truecolour);
  await small.see(`● ${question}`);
  await small.see(/^❯/m);
  small.type('Green, please');
  await small.see('Green, please');
  small.type('\r');
  await watch.until(() => watch.task('Choose the colour').status === 'completed', 'it lands');
  expect(stage.stub.requests[2]?.news).toContain('Green, please');
  small.type(`${PREFIX}d`);
  expect(await small.exited).toBe(0);
});
