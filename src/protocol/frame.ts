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
  /** Joined only when a frame is whole, so that a large one in small reads is copied once. */
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes that the next frame needs with its head; the least that a frame has as long as its head isn't here. */
  #needed = HEAD;

  /** The frames that this chunk ends. Chunk and payloads are used until the next call only: their memory may be that of the next read. */
  push(chunk: Buffer): Iterable<RawFrame> {
    // Most reads bring one frame; a generator for it would be most of the work.
    if (this.#size === 0 && chunk.length >= HEAD && chunk.length === sizeOf(chunk))
      return [{ kind: chunk[4] ?? 0, payload: chunk.subarray(HEAD) }];
    return this.#cut(chunk);
  }

  *#cut(chunk: Buffer): Generator<RawFrame> {
    this.#size += chunk.length;
    if (this.#size < this.#needed) {
      this.#chunks.push(Buffer.from(chunk));
      return;
    }
    let buffer = this.#chunks.length === 0 ? chunk : Buffer.concat([...this.#chunks, chunk], this.#size);
    try {
      for (;;) {
        this.#needed = sizeOf(buffer);
        if (buffer.length < this.#needed) return;
        const frame = { kind: buffer[4] ?? 0, payload: buffer.subarray(HEAD, this.#needed) };
        buffer = buffer.subarray(this.#needed);
        yield frame;
      }
    } finally {
      this.#chunks = buffer.length > 0 ? [Buffer.from(buffer)] : [];
      this.#size = buffer.length;
    }
  }
}

/** Bytes of length and kind. */
const HEAD = 5;

/** The whole size of the frame that begins here. */
function sizeOf(buffer: Buffer): number {
  if (buffer.length < HEAD) return HEAD;
  const length = buffer.readUInt32LE(0);
  if (length === 0 || length > MAX_FRAME)
    throw new Error(`a frame announces ${length} bytes; at most ${MAX_FRAME} are taken`);
  return 4 + length;
}
