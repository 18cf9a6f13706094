// Owns the framing of the socket: u32le length of what follows, u8 kind, payload.

export const FRAME = {
  /** JSON, both ways. */
  control: 1,
  /** Binary cell rows, server to client: pane-frame.ts. */
  pane: 2,
  /** u16le pane number, then the bytes that were typed; client to server. */
  input: 3,
  /** u32le number of the pane frame that has been painted; client to server. */
  ack: 4,
} as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** 16 MiB: larger than any honest message, small enough that a hostile length cannot exhaust the server. */
export const MAX_FRAME = 16 * 1024 * 1024;

/** One frame as bytes. Refuses (throws) a payload over MAX_FRAME. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array): Buffer {
  if (payload.length + 1 > MAX_FRAME)
    throw new Error(`a frame of ${payload.length} bytes is over the limit of ${MAX_FRAME}`);
  const frame = Buffer.allocUnsafe(5 + payload.length);
  frame.writeUInt32LE(payload.length + 1, 0);
  frame[4] = kind;
  frame.set(payload, 5);
  return frame;
}

export interface RawFrame {
  kind: number;
  payload: Buffer;
}

/** Cuts a byte stream into frames, however the reads fall. Throws on a length of 0 or over MAX_FRAME: the peer is then cut off. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<RawFrame> {
    let buffer = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (buffer.length >= 5) {
      const length = buffer.readUInt32LE(0);
      if (length === 0 || length > MAX_FRAME)
        throw new Error(`a frame announces ${length} bytes; at most ${MAX_FRAME} are taken`);
      if (buffer.length < 4 + length) break;
      const kind = buffer[4] ?? 0;
      const payload = buffer.subarray(5, 4 + length);
      buffer = buffer.subarray(4 + length);
      yield { kind, payload };
    }
    this.#rest = buffer;
  }
}
