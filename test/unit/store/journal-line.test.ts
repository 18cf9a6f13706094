// What the encoder writes is read back, whatever the text, the size of the batch and the batches before it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BatchEncoder, envelopesOf } from '../../../src/store/journal-line.ts';
import { linesOf } from '../../../src/store/journal-scan.ts';

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 40 }), fc.string());
const commit = fc.record({ by: text, events: fc.array(text, { minLength: 1, maxLength: 3 }) });

it('writes lines that are read back as they were', () => {
  const encoder = new BatchEncoder(7);
  fc.assert(
    fc.property(fc.array(commit, { minLength: 1, maxLength: 20 }), (commits) => {
      const batch = commits.map(({ by, events }, index) => ({
        seq: index + 1,
        at: 17,
        by,
        json: JSON.stringify(events),
      }));
      const lines = [...linesOf<string>(encoder.encode(batch, 5))].map(({ line }) => line);
      expect(lines).toEqual(
        commits.map(({ by, events }, index) =>
          expect.objectContaining({ v: 7, s: index + 1, d: 5, t: 17, by, e: events }),
        ),
      );
    }),
    { numRuns: 300 },
  );
});

it('has room for any batch, and small ones after a big one', () => {
  const encoder = new BatchEncoder(1);
  for (const length of [10, 3_000_000, 10, 70_000, 10]) {
    const event = 'é'.repeat(length);
    const batch = [1, 2].map((seq) => ({ seq, at: 17, by: 'ada', json: JSON.stringify([event]) }));
    const found = [...linesOf<string>(encoder.encode(batch, 0))].flatMap(({ line }) =>
      line === null ? [] : envelopesOf(line),
    );
    expect(found.map(({ seq, event: read }) => [seq, read === event])).toEqual([
      [1, true],
      [2, true],
    ]);
  }
});
