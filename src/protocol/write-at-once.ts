// Owns writing to a stream's descriptor itself: the way through the stream is several times the work of the call.
import { writeSync } from 'node:fs';

/**
 * Writes what the system takes at once, and returns how many bytes that was; what is left, and telling of what is wrong, is for the stream. Nothing
 * is taken while `waiting` bytes are in the stream, which come first, or without a descriptor.
 */
export function writeAtOnce(fd: number | undefined, waiting: number, bytes: Uint8Array): number {
  if (fd === undefined || fd < 0 || waiting > 0) return 0;
  try {
    return writeSync(fd, bytes);
  } catch {
    // EAGAIN, or the other end is gone.
    return 0;
  }
}
