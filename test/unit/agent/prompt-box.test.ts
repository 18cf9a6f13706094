// Tells what is read from an agent's screen about its prompt box.
import { expect, test } from 'vitest';
import { readPromptBox } from '../../../src/agent/prompt-box.ts';

const RULE = '─'.repeat(40);

test.each([
  ['an empty box of Claude Code', [RULE, '❯\u00a0', RULE, '  ? for shortcuts'], 'empty'],
  ['the rehearsal with its cursor', [RULE, '❯ ▏', RULE, '  rehearsal · /exit to leave'], 'empty'],
  ['a rule with a name in it', ['──── task-abcde: Login ──', '❯', RULE], 'empty'],
  ['words', [RULE, '❯ half a sent', RULE], 'draft'],
  ['words below an empty first line', [RULE, '❯', '  second', RULE], 'draft'],
  ['an old prompt above the box', ['❯ said before', '', RULE, '❯', RULE], 'empty'],
  ['an old prompt and no box', ['❯ said before', '● Working'], 'none'],
  ['a permission dialog', [RULE, ' Bash command', ' Do you want to proceed?', ' ❯ 1. Yes', '   2. No'], 'none'],
  ['a box that is cut off', [RULE, '❯ half a sent'], 'none'],
  ['nothing', [], 'none'],
] as const)('%s', (_what, rows, box) => {
  expect(readPromptBox(rows)).toBe(box);
});
