// Owns the proofs of whose size a pane has.
import { beforeEach, describe, expect, it } from 'vitest';
import { PaneSeats } from '../../../src/server/pane-seats.ts';

let sizes: Map<number, string>;
let seats: PaneSeats<string>;

beforeEach(() => {
  sizes = new Map();
  seats = new PaneSeats((pane, { cols, rows }) => sizes.set(pane, `${cols}x${rows}`));
});

const at = (pane: number, cols: number, rows: number) => ({ pane, cols, rows });

describe('a pane', () => {
  it('has the size of the viewer who turned to it last', () => {
    seats.look('ann', [at(1, 80, 24), at(2, 80, 24)], 1);
    seats.look('ben', [at(1, 120, 40)], 1);
    expect([...sizes]).toEqual([
      [1, '120x40'],
      [2, '80x24'],
    ]);
  });

  it('has the size of the viewer who typed last', () => {
    seats.look('ann', [at(1, 80, 24)], 1);
    seats.look('ben', [at(1, 120, 40)], 1);
    seats.typed('ann', 1);
    expect(sizes.get(1)).toBe('80x24');
    seats.typed('nobody', 1);
    expect(sizes.get(1)).toBe('80x24');
  });

  it('keeps its size when a viewer turns to another pane beside it', () => {
    seats.look('ann', [at(1, 80, 24), at(2, 80, 24)], 1);
    seats.look('ben', [at(1, 120, 40), at(2, 120, 40)], 1);
    seats.look('ann', [at(1, 80, 24), at(2, 80, 24)], 2);
    expect([...sizes]).toEqual([
      [1, '120x40'],
      [2, '80x24'],
    ]);
  });

  it('takes the size of the one who was there before, when the last one leaves or looks elsewhere', () => {
    seats.look('ann', [at(1, 80, 24)], 1);
    seats.look('ben', [at(1, 100, 30)], 1);
    seats.look('eve', [at(1, 120, 40)], 1);
    seats.leave('eve');
    expect(sizes.get(1)).toBe('100x30');
    seats.look('ben', [], null);
    expect(sizes.get(1)).toBe('80x24');
    seats.leave('ann');
    expect(sizes.get(1)).toBe('80x24');
  });

  it('is never larger than 1000 by 500', () => {
    seats.look('ann', [at(1, 2000, 2000)], 1);
    expect(sizes.get(1)).toBe('1000x500');
  });
});
