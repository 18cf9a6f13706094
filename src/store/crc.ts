// Owns the checksum of journal lines: CRC-32 (zlib's polynomial) of bytes in place.

/**
 * Eight tables of 256, one after another: table n advances a byte past n others, so that eight bytes cost eight look-ups
 * and no step waits for the one before ("slicing by 8", Intel 2006). A view for zlib and the call cost more than a line does.
 */
const TABLES = buildTables();

function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ 0xedb88320;
    tables[byte] = sum;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const sum = tables[at - 256] ?? 0;
    tables[at] = (sum >>> 8) ^ (tables[sum & 255] ?? 0);
  }
  return tables;
}

/** CRC-32 of `bytes` from `start` up to `end`, as a signed 32-bit number. */
export function crcOf(bytes: Uint8Array, start: number, end: number): number {
  const tables = TABLES;
  const at = (index: number): number => bytes[index] ?? 0;
  let sum = -1;
  let index = start;
  for (; index + 8 <= end; index += 8) {
    const low = sum ^ (at(index) | (at(index + 1) << 8) | (at(index + 2) << 16) | (at(index + 3) << 24));
    sum =
      (tables[1792 + (low & 255)] ?? 0) ^
      (tables[1536 + ((low >>> 8) & 255)] ?? 0) ^
      (tables[1280 + ((low >>> 16) & 255)] ?? 0) ^
      (tables[1024 + (low >>> 24)] ?? 0) ^
      (tables[768 + at(index + 4)] ?? 0) ^
      (tables[512 + at(index + 5)] ?? 0) ^
      (tables[256 + at(index + 6)] ?? 0) ^
      (tables[at(index + 7)] ?? 0);
  }
  for (; index < end; index += 1) sum = (sum >>> 8) ^ (tables[(sum ^ at(index)) & 255] ?? 0);
  return ~sum;
}
