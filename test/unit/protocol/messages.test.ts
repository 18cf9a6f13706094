// Owns the test of the golden table of wire messages: what was once on the socket is still taken, and what is new has an entry.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { encodeFrame, FRAME, type FrameKind, FrameReader } from '../../../src/protocol/frame.ts';
import type { Failure, Notice, Success } from '../../../src/protocol/message.ts';
import { type MethodName, PROTOCOL_VERSION } from '../../../src/protocol/methods.ts';
import { SCHEMAS } from '../../../src/protocol/schemas.ts';

interface Golden {
  protocol: number;
  methods: Record<string, unknown[]>;
  notices: Record<string, Notice[]>;
  answers: { success: Success; refusal: Failure; fault: Failure };
  frames: Record<string, { kind: number; payload: string; bytes: string }>;
}

const golden = JSON.parse(readFileSync(new URL('../../golden/messages.json', import.meta.url), 'utf8')) as Golden;

/** Each notice with the fields that it may have; the compiler demands an entry for a new one. */
const NOTICES: { readonly [N in Notice['notice']]: readonly (keyof Extract<Notice, { notice: N }>)[] } = {
  event: ['notice', 'envelope'],
  pane: ['notice', 'pane'],
  clients: ['notice', 'clients'],
  signal: ['notice', 'pane', 'signal'],
  chosen: ['notice', 'what', 'name'],
  files: ['notice', 'files'],
  refused: ['notice', 'refusal'],
  resync: ['notice'],
  closing: ['notice', 'reason', 'isDetach'],
};

test('the table is of this protocol', () => {
  expect(golden.protocol).toBe(PROTOCOL_VERSION);
});

test('every method has an entry, and no entry has lost its method', () => {
  expect(Object.keys(golden.methods).sort()).toEqual(Object.keys(SCHEMAS).sort());
});

test.each(Object.entries(golden.methods))(
  '%s takes its examples as they are, and nothing beside them',
  (name, examples) => {
    const schema = SCHEMAS[name as MethodName];
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect(schema.parse(example)).toEqual(example);
      expect(schema.safeParse({ ...(example as object), another: 1 }).success).toBe(false);
    }
    for (const wrong of [null, [], 'x', 7]) expect(schema.safeParse(wrong).success).toBe(false);
  },
);

test.each(Object.entries(golden.methods))('the examples of %s show every parameter', (name, examples) => {
  const schema = SCHEMAS[name as MethodName] as unknown as { shape: object };
  const shown = new Set(examples.flatMap((example) => Object.keys(example as object)));
  expect([...shown].sort()).toEqual(Object.keys(schema.shape).sort());
});

test('every notice has an entry with all of its fields, and no entry has lost its notice', () => {
  expect(Object.keys(golden.notices).sort()).toEqual(Object.keys(NOTICES).sort());
  for (const [name, examples] of Object.entries(golden.notices)) {
    for (const { notice } of examples) expect(notice).toBe(name);
    const shown = new Set(examples.flatMap((example) => Object.keys(example)));
    expect([...shown].sort()).toEqual([...NOTICES[name as Notice['notice']]].sort());
  }
});

test('the kinds of frames and their bytes are as they were', () => {
  expect(Object.fromEntries(Object.entries(golden.frames).map(([name, { kind }]) => [name, kind]))).toEqual(FRAME);
  for (const { kind, payload, bytes } of Object.values(golden.frames)) {
    expect(encodeFrame(kind as FrameKind, Buffer.from(payload, 'hex')).toString('hex')).toBe(bytes);
    const [frame] = [...new FrameReader().push(Buffer.from(bytes, 'hex'))];
    expect(frame).toEqual({ kind, payload: Buffer.from(payload, 'hex') });
  }
});
