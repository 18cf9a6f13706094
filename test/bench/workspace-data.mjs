// Owns what the panes of the workspace's benchmark are fed: generated text of four kinds, and recordings of Claude Code.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** None of the keys that the benchmark looks for (~ ^ `) stands in any of it. */
const WORDS = 'the quick brown fox jumps over a lazy dog while seven agents write tests for parser and scheduler'.split(
  ' ',
);
const RECORDINGS = new URL('../fixtures/claude/', import.meta.url);

/** A small generator, so that every run feeds the same. */
function randomFrom(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const MAKERS = {
  /** Lines of plain text, as of a build. */
  ascii(random) {
    const line = [];
    for (let length = 3 + random(25); length > 0; length -= 1) line.push(WORDS[random(WORDS.length)]);
    return `${line.join(' ')}\r\n`;
  },
  /** Every word in a colour: 16, 256 and true ones. */
  ansi(random) {
    const look = () =>
      [`3${random(8)}`, `1;38;5;${random(256)}`, `38;2;${random(256)};${random(256)};${random(256)}`][random(3)];
    const line = [];
    for (let length = 3 + random(15); length > 0; length -= 1)
      line.push(`\x1b[${look()}m${WORDS[random(WORDS.length)]}\x1b[m`);
    return `${line.join(' ')}\r\n`;
  },
  cjk(random) {
    let line = '';
    for (let length = 10 + random(60); length > 0; length -= 1) line += String.fromCodePoint(0x4e00 + random(0x5000));
    return `${line}\r\n`;
  },
  /** An agent's picture drawn again: rows erased and written, words by column, true colours; the same rows mostly, a few new. */
  redraw(random) {
    const rows = [];
    for (let y = 2; y <= 13; y += 1) {
      const word = () => WORDS[random(y < 10 ? 2 : WORDS.length)];
      rows.push(
        `\x1b[2K\x1b[38;2;153;153;153m⎿\x1b[4G\x1b[39m${word()}\x1b[14G\x1b[1m${word()}\x1b[22m\x1b[28G\x1b[38;2;78;186;101m${word()}\x1b[m`,
      );
    }
    return `\x1b[2;1H${rows.join('\r\n')}`;
  },
};

/** Name -> file of about so many bytes. */
export function writeFeeds(folder, bytes) {
  return Object.fromEntries(
    Object.entries(MAKERS).map(([name, make]) => {
      const random = randomFrom(7);
      const parts = [];
      for (let size = 0; size < bytes; ) {
        const part = make(random);
        size += Buffer.byteLength(part);
        parts.push(part);
      }
      const file = join(folder, `${name}.bin`);
      writeFileSync(file, parts.join(''));
      return [name, file];
    }),
  );
}

/** The recordings: the bytes, and a file of their times as pane-program.pl reads it. */
export function writeRecordings(folder) {
  return readdirSync(RECORDINGS)
    .filter((name) => name.endsWith('.raw'))
    .map((name) => {
      const timing = JSON.parse(readFileSync(new URL(name.replace('.raw', '.timing.json'), RECORDINGS), 'utf8'));
      let before = timing.chunks[0][0];
      const lines = timing.chunks.map(([at, bytes]) => {
        const wait = at - before;
        before = at;
        return `${wait} ${bytes}`;
      });
      const times = join(folder, `${name}.times`);
      writeFileSync(times, `${lines.join('\n')}\n`);
      return { raw: new URL(name, RECORDINGS).pathname, times };
    });
}
