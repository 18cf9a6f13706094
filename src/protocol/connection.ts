// Owns one end of a socket: frames in, frames out, nothing about what they mean.
import type { Socket } from 'node:net';
import { encodeFrame, FRAME, FrameReader, type RawFrame } from './frame.ts';
import { writeAtOnce } from './write-at-once.ts';

export interface ConnectionListener {
  onFrame(frame: RawFrame): void;
  /** What onFrame threw: a fault of this end, which cuts the connection. */
  onFault(error: unknown): void;
  /** Called once, with the reason in words; the socket is gone by then. */
  onClose(reason: string): void;
}

/** Reads and writes frames on a socket. A peer that breaks the framing is cut off. */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #closed = false;

  constructor(socket: Socket, listener: ConnectionListener) {
    this.#socket = socket;
    let reason = 'the other end closed the connection';
    const hear = (frame: RawFrame): void => {
      try {
        listener.onFrame(frame);
      } catch (error) {
        listener.onFault(error);
        throw error;
      }
    };
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of this.#reader.push(chunk)) {
          if (this.#closed) return;
          hear(frame);
        }
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
        socket.destroy();
      }
    });
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      this.#closed = true;
      listener.onClose(reason);
    });
  }

  /** Sends a message as JSON. */
  sendControl(message: unknown): void {
    this.send(FRAME.control, Buffer.from(JSON.stringify(message)));
  }

  /** Sends a frame of a kind; nothing happens on a closed connection. */
  send(kind: (typeof FRAME)[keyof typeof FRAME], payload: Uint8Array): void {
    if (this.#closed || !this.#socket.writable) return;
    const frame = encodeFrame(kind, payload);
    // The handle is not public; without it all goes through the stream. It is gone before the descriptor is.
    const { _handle: handle, writableLength } = this.#socket as Socket & { _handle?: { fd?: number } | null };
    const written = writeAtOnce(handle?.fd, writableLength, frame);
    if (written < frame.length) this.#socket.write(written === 0 ? frame : frame.subarray(written));
  }

  /** Bytes that wait in this process because the other end is slow. */
  get pending(): number {
    return this.#socket.writableLength;
  }

  /** Sends what is waiting, then closes. */
  end(): void {
    this.#socket.end();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }
}
