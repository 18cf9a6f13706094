// Owns the table of the pool's benchmark: a figure, what it is compared with in the same run, the bar, and whether it held.
let isHeld = true;

/** True while no bar was missed. */
export const allHeld = () => isHeld;

const show = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** ms as a person reads them. */
export const time = (ms) => (ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${show(ms)} ms`);
export const share = (part) => `${(part * 100).toFixed(part < 0.1 ? 2 : 1)} %`;
export const times = (ratio) => (ratio < 0.01 ? `1/${(1 / ratio).toFixed(0)}` : `${show(ratio)}x`);

/**
 * Prints a row. `figure` and `versus` are texts; `bar` is [value, limit, text of the limit, 'least' for a lower limit], or absent for
 * a figure that is only told.
 */
export function row(name, figure, versus, bar) {
  const [value, limit, words, kind] = bar ?? [];
  const isMet = bar === undefined || (kind === 'least' ? value >= limit : value <= limit);
  isHeld &&= isMet;
  const verdict =
    bar === undefined ? '' : `${`${kind === 'least' ? '>=' : '<='} ${words}`.padEnd(16)}${isMet ? 'held' : 'MISSED'}`;
  console.log(`  ${name.padEnd(58)}${figure.padStart(12)}   ${versus.padEnd(48)} ${verdict}`);
}
