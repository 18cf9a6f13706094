// Owns the proofs that the rehearsal agent understands each sentence of Drover, and quotes those of people.
import { describe, expect, it } from 'vitest';
import { continuePrompt, nudge, resumePrompt, returnedPrompt } from '../../../src/agent/prompts.ts';
import type { Task } from '../../../src/domain/task.ts';
import { answerTo, readMeaning } from '../../../src/rehearsal/words.ts';

const task = { id: 'task-abcde' } as Task;
const returned = (code: 'conflict' | 'test-failed'): string =>
  returnedPrompt({ task, baseBranch: 'main', reason: { code, message: 'exit code 1', detail: 'a.txt' } });

describe('what a text means', () => {
  it("is read from Drover's own sentences", () => {
    expect(readMeaning(returned('conflict'))).toEqual({ kind: 'returned', base: 'main', isConflict: true });
    expect(readMeaning(returned('test-failed'))).toEqual({ kind: 'returned', base: 'main', isConflict: false });
    expect(readMeaning(nudge())).toEqual({ kind: 'nudge' });
    expect(readMeaning(continuePrompt())).toEqual({ kind: 'go-on' });
    expect(readMeaning(resumePrompt({ task, reason: 'the server stopped' }))).toEqual({ kind: 'go-on' });
  });

  it('is a command, a go-ahead, or words', () => {
    expect(readMeaning(' /exit ')).toEqual({ kind: 'leave' });
    expect(readMeaning('Continue!')).toEqual({ kind: 'go-on' });
    expect(readMeaning('the branch conflicts with "main", I think')).toMatchObject({ kind: 'words' });
  });
});

describe('an answer', () => {
  it('quotes the words on one line and says what is left', () => {
    expect(answerTo('use\ntabs\x1b[2J', 1)).toBe(
      'You wrote: “use tabs[2J”. This is a rehearsal, so I take note of it but cannot act on it. I go on with my script; one step is left.',
    );
    expect(answerTo('x'.repeat(500), 0)).toContain(`${'x'.repeat(200)}…”`);
  });
});
