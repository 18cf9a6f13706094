// The checksum in place agrees with zlib's, whatever the bytes and wherever they begin.
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crcOf } from '../../../src/store/crc.ts';

it('is the CRC-32 of zlib', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, one, other) => {
      const start = Math.min(one, other, bytes.length);
      const end = Math.min(Math.max(one, other), bytes.length);
      expect(crcOf(bytes, start, end) >>> 0).toBe(crc32(bytes.subarray(start, end)));
    }),
    { numRuns: 1000 },
  );
});
