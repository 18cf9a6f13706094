// Owns the tests of the framing: any cut of the stream gives the same frames, and a hostile length is refused.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, FRAME, FrameReader, MAX_FRAME, type RawFrame } from '../../../src/protocol/frame.ts';

/** The frames of a stream that comes in pieces of these sizes, over and over, all read into the same memory. */
function read(stream: Buffer, sizes: readonly number[]): RawFrame[] {
  const reader = new FrameReader();
  const frames: RawFrame[] = [];
  const memory = Buffer.alloc(64);
  for (let at = 0, turn = 0; at < stream.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    const count = stream.copy(memory, 0, at, at + size);
    for (const { kind, payload } of reader.push(memory.subarray(0, count)))
      frames.push({ kind, payload: Buffer.from(payload) });
    at += size;
  }
  return frames;
}

test('frames come out as they went in, however the reads fall', () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(payloads, sizes, (parts, cuts) => {
      const stream = Buffer.concat(parts.map((part) => encodeFrame(FRAME.pane, part)));
      expect(read(stream, cuts)).toEqual(parts.map((part) => ({ kind: FRAME.pane, payload: Buffer.from(part) })));
    }),
  );
});

test('a reader that stops in the middle of a read goes on with the next frame', () => {
  const reader = new FrameReader();
  const two = Buffer.concat([1, 2].map((byte) => encodeFrame(FRAME.input, Buffer.from([byte]))));
  for (const { payload } of reader.push(two)) {
    expect([...payload]).toEqual([1]);
    break;
  }
  expect([...reader.push(encodeFrame(FRAME.input, Buffer.from([3])))].map(({ payload }) => payload[0])).toEqual([2, 3]);
});

test('a length of nothing and one over the limit are refused as soon as they are read', () => {
  const head = (length: number): Buffer => {
    const buffer = Buffer.alloc(5);
    buffer.writeUInt32LE(length, 0);
    return buffer;
  };
  for (const length of [0, MAX_FRAME + 1, 0xffffffff]) {
    expect(() => [...new FrameReader().push(head(length))]).toThrow(`announces ${length} bytes`);
  }
  expect([...new FrameReader().push(head(MAX_FRAME))]).toEqual([]);
});

test('a payload over the limit is not encoded', () => {
  expect(() => encodeFrame(FRAME.control, Buffer.alloc(MAX_FRAME))).toThrow('over the limit');
});
