// Owns the sharing of a length among the parts of a split. Pure.

/** One part: cells as they are or a share, and what it must have at least. */
export interface Claim {
  /** Cells that it wants; null for a share of what those leave. */
  readonly cells: number | null;
  /** Its share beside the others' shares, at least a little above 0; with cells, the share of the whole that it takes where that is more, or 0. */
  readonly weight: number;
  readonly minimum: number;
}

/**
 * Whole cells for each part, together `total`. No part gets less than its minimum when all minimums fit; otherwise they are
 * shared by the minimums. Cells take at most half when others have shares.
 */
export function allot(total: number, claims: readonly Claim[]): number[] {
  const least = sum(claims.map((claim) => claim.minimum));
  if (least > total)
    return share(
      total,
      claims.map((claim) => claim.minimum),
    );
  const hasShares = claims.some((claim) => claim.cells === null);
  if (!hasShares)
    return shareAbove(
      total,
      claims.map(({ cells, minimum }) => ({ weight: cells ?? 1, minimum })),
    );
  const half = Math.floor((total + 1) / 2) - 1;
  const weights = sum(claims.map(({ weight }) => weight));
  let spare = total - least;
  const fixed = claims.map(({ cells, weight, minimum }) => {
    if (cells === null) return null;
    const wanted = Math.max(cells, Math.floor((total * weight) / weights));
    const size = Math.max(minimum, Math.min(wanted, half, minimum + spare));
    spare -= size - minimum;
    return size;
  });
  const rest = shareAbove(
    total - sum(fixed.map((size) => size ?? 0)),
    claims.filter((claim) => claim.cells === null),
  );
  let at = 0;
  return fixed.map((size) => size ?? rest[at++] ?? 0);
}

/** Shares by weight; a part whose share would be under its minimum gets that, and the others share the rest. */
function shareAbove(total: number, parts: readonly { weight: number; minimum: number }[]): number[] {
  const sizes = parts.map<number | null>(() => null);
  for (;;) {
    const open = parts.flatMap((part, index) => (sizes[index] === null ? [{ ...part, index }] : []));
    const room = total - sum(sizes.map((size) => size ?? 0));
    const shares = share(
      room,
      open.map((part) => part.weight),
    );
    const short = open.filter((part, at) => (shares[at] ?? 0) < part.minimum);
    if (short.length === 0) {
      for (const [at, part] of open.entries()) sizes[part.index] = shares[at] ?? 0;
      return sizes.map((size) => size ?? 0);
    }
    for (const part of short) sizes[part.index] = part.minimum;
  }
}

/** Shares by weight in whole cells: what rounding leaves goes to the largest remainders, the first ones where they are equal. */
function share(total: number, weights: readonly number[]): number[] {
  const whole = sum(weights);
  const exact = weights.map((weight) => (whole > 0 ? (total * weight) / whole : 0));
  const sizes = exact.map(Math.floor);
  const order = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (let left = total - sum(sizes), at = 0; left > 0 && order.length > 0; left--, at++) {
    const index = order[at % order.length]?.index ?? 0;
    sizes[index] = (sizes[index] ?? 0) + 1;
  }
  return sizes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
