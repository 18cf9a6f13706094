// Tells how an interrupt is read from the glyph in an agent's title.
import { describe, expect, it } from 'vitest';
import { initialTitleState, readGlyph, stepTitle, type TitleInput } from '../../../src/agent/title-state.ts';

/** Runs a script of inputs; gives the reports with their times, and where the last step wants to be woken. */
function play(inputs: readonly TitleInput[]) {
  let state = initialTitleState(0);
  let wakeAt: number | null = null;
  const reports: string[] = [];
  for (const input of inputs) {
    const step = stepTitle(state, input);
    state = step.state;
    wakeAt = step.wakeAt;
    if (step.report !== null) reports.push(`${input.at} ${step.report.state}`);
  }
  return { reports, wakeAt };
}

const title = (at: number, text: string): TitleInput => ({ type: 'title', title: text, at });
const known = (at: number, state: 'working' | 'turn-ended' | 'needs-input'): TitleInput => ({
  type: 'state',
  state,
  at,
});
const tick = (at: number): TitleInput => ({ type: 'tick', at });

describe('readGlyph', () => {
  it.each([
    ['✳ task-abc: x', 'still'],
    ['⠂ task-abc: x', 'busy'],
    ['⠐ x', 'busy'],
    ['◐ x', 'busy'],
    ['◓ x', 'busy'],
    ['bash', null],
    ['', null],
  ])('%s', (text, glyph) => expect(readGlyph(text)).toBe(glyph));
});

describe('stepTitle', () => {
  it('reports an interrupt when the glyph has stood still for 1.5 s while the agent was known to work', () => {
    const begin = [known(100, 'working'), title(200, '⠂ x'), title(1000, '✳ x')];
    expect(play(begin)).toEqual({ reports: [], wakeAt: 2500 });
    expect(play([...begin, tick(2499)])).toEqual({ reports: [], wakeAt: 2500 });
    expect(play([...begin, tick(2500)])).toEqual({ reports: ['2500 interrupted'], wakeAt: null });
    expect(play([...begin, tick(2500), tick(9000)]).reports).toEqual(['2500 interrupted']);
  });

  it('reports none when a Stop or a permission request comes in that time, or came before', () => {
    const begin = [known(100, 'working'), title(200, '⠂ x')];
    expect(play([...begin, title(1000, '✳ x'), known(1200, 'turn-ended'), tick(9000)])).toEqual({
      reports: [],
      wakeAt: null,
    });
    expect(play([...begin, known(900, 'needs-input'), title(1000, '✳ x'), tick(9000)]).reports).toEqual([]);
  });

  it('reports none when the agent goes on, or has only just been told to work', () => {
    const begin = [known(100, 'working'), title(200, '⠂ x'), title(1000, '✳ x')];
    expect(play([...begin, title(1500, '⠐ x'), tick(9000)])).toEqual({ reports: [], wakeAt: null });
    expect(play([title(100, '✳ x'), known(5000, 'working')]).wakeAt).toBe(6500);
  });

  it('takes a glyph that stays busy as the end of a dialog, but not the last busy title before it', () => {
    const begin = [known(100, 'working'), title(200, '⠂ x'), known(1000, 'needs-input')];
    expect(play([...begin, title(1100, '✳ x'), tick(9000)]).reports).toEqual([]);
    expect(play([...begin, title(1100, '✳ x'), title(4000, '⠂ x'), tick(5500)]).reports).toEqual(['5500 working']);
  });
});
