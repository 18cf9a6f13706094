// Owns the proofs of scripts: found in quoted texts, read from YAML, and complained about by step.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makePlan, scriptOfPlan, stepsOfReturn } from '../../../src/rehearsal/plan.ts';
import { findScript, readScript, withoutScript } from '../../../src/rehearsal/script.ts';

const problemOf = (yaml: string): string => {
  const reading = readScript(yaml);
  return 'problem' in reading ? reading.problem : '';
};
const stepsOf = (yaml: string) => {
  const reading = readScript(yaml);
  if ('problem' in reading) throw new Error(reading.problem);
  return reading.script.steps;
};

describe('finding a script', () => {
  it('takes the fenced block out of a text', () => {
    expect(findScript('Words\n```rehearsal\n- hang\n- say: hi\n```\nmore')).toBe('- hang\n- say: hi');
    expect(findScript('Words\n```js\nhi\n```')).toBeNull();
  });

  it('sees through a quotation, whose empty lines may have lost their blank', () => {
    expect(
      findScript('> ```rehearsal\n> - edit:\n>     file: a\n>     content: |\n>       one\n>\n>       two\n> ```\n'),
    ).toBe('- edit:\n    file: a\n    content: |\n      one\n\n      two');
  });

  it('is shown as a number of lines', () => {
    expect(withoutScript('> a\n> ```rehearsal\n> - hang\n> - hang\n> ```\n\nb')).toBe(
      '> a\n(a script of 2 lines, played below)\n\nb',
    );
    expect(withoutScript('a\nb')).toBe('a\nb');
  });
});

describe('reading a script', () => {
  it('knows every kind of step', () => {
    const steps = stepsOf(`
- say: hello
- think: 500ms
- read: a.txt
- edit: {file: a.txt, find: x, replace: y}
- run: npm test
- run: {command: npm test, must: true}
- ask: {question: Which?, options: [one, 2], patience: 20s}
- commit: Done
- complete: All done
- fail: No
- blocked: Ask
- hang
- crash: {code: 3}
- api-error
- end-turn
- leave-running: sleep 100
`);
    expect(steps.map(({ kind }) => kind)).toEqual(
      `say think read edit run run ask commit complete complete complete hang crash api-error end-turn leave-running`.split(
        ' ',
      ),
    );
    expect(steps[1]).toEqual({ kind: 'think', ms: 500, attempt: null });
    expect(steps[5]).toEqual({ kind: 'run', command: 'npm test', must: true, attempt: null });
    expect(steps[6]).toMatchObject({ options: ['one', '2'], patience: 20_000 });
    expect(steps[9]).toMatchObject({ verdict: 'fail', summary: 'No' });
  });

  it('unrolls repetitions and keeps the limit to an attempt', () => {
    const steps = stepsOf('- repeat: {times: 2, steps: [{say: a}, {think: 1s}]}\n- crash: {code: 1}\n  attempt: 1\n');
    expect(steps.map(({ kind, attempt }) => `${kind} ${attempt}`)).toEqual([
      'say null',
      'think null',
      'say null',
      'think null',
      'crash 1',
    ]);
  });

  it('takes the steps for a returned branch from a list or a mapping', () => {
    for (const yaml of ['- say: a\n- returned: [{say: b}]\n', 'speed: 3\nsteps: [{say: a}]\nreturned: [{say: b}]\n']) {
      const reading = readScript(yaml);
      expect(reading).toMatchObject({ script: { steps: [{ text: 'a' }], returned: [{ text: 'b' }] } });
    }
  });

  it.each([
    ['- say: a\n- sya: b\n', 'step 2: "sya" is no kind of step'],
    ['- edit: {file: a}\n', 'step 1: an edit takes "content", "append", or "find"'],
    ['- think: soon\n', 'step 1: "soon" is no duration'],
    ['- complete: {verdict: maybe, summary: x}\n', 'step 1: "verdict" is pass, fail or blocked'],
    ['- say: a\n  run: b\n', 'step 1: it has several keys: say, run'],
    ['- ask: {question: Why?, options: []}\n', 'step 1: "options" takes a list'],
    ['- repeat: {times: 100000, steps: [hang]}\n', 'step 1: it gives more than 10000 steps'],
    ['steps: []\nspede: 2\n', 'unknown key "spede"'],
    ['hello', 'no list of steps'],
    ['- say: "a\n', 'no valid YAML'],
  ])('says which step is wrong: %s', (yaml, problem) => {
    expect(problemOf(yaml)).toContain(problem);
  });
});

describe('a plan', () => {
  const name = 'task-abcde: Fix it';

  it('prefers the tool to the prompt, which may have been cut', () => {
    const task = JSON.stringify({
      id: 'task-abcde',
      title: 'Fix it',
      attempt: 2,
      description: '```rehearsal\n- hang\n```',
    });
    expect(makePlan({ prompt: '> ```rehearsal\n> - say: x', task, name })).toEqual({
      yaml: '- hang',
      taskId: 'task-abcde',
      title: 'Fix it',
      attempt: 2,
    });
  });

  it('fails the task when the script cannot be read', () => {
    const { steps } = scriptOfPlan(makePlan({ prompt: '```rehearsal\n- dance\n```', task: null, name }));
    expect(steps.at(-1)).toMatchObject({
      kind: 'complete',
      verdict: 'fail',
      summary: expect.stringContaining('step 1'),
    });
  });

  it('leaves a note in a file of its own when there is no script', () => {
    const { steps } = scriptOfPlan(makePlan({ prompt: 'Do it', task: null, name }));
    expect(steps.map(({ kind }) => kind)).toEqual(['say', 'think', 'edit', 'commit', 'complete']);
    expect(steps[2]).toMatchObject({ file: 'rehearsal/task-abcde.md' });
  });

  it('merges, tests and completes when the branch comes back and the script does not say how', () => {
    const script = scriptOfPlan(
      makePlan({ prompt: '```rehearsal\n- say: a\n- run: npm test\n- complete: Done.\n```', task: null, name }),
    );
    const [first, ...rest] = stepsOfReturn(script);
    expect(first).toBe('merge');
    expect(rest).toMatchObject([
      { kind: 'run', command: 'npm test' },
      { kind: 'complete', verdict: 'pass', summary: 'Done. Merged with the base.' },
    ]);
  });
});

describe("the README's section", () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

  it('shows a script that can be played', () => {
    const kinds = stepsOf(findScript(readme) ?? '').map(({ kind }) => kind);
    expect(kinds).toEqual(['say', 'run', 'think', 'ask', 'edit', 'run', 'commit', 'complete']);
  });

  it('names every kind of step', () => {
    const known = /there are (.*)$/.exec(problemOf('- no-such-step'))?.[1]?.split(', ') ?? [];
    expect(known).toContain('repeat');
    for (const kind of known) expect(readme).toMatch(new RegExp(`\\| .*\`${kind}[:\`]`));
  });
});
