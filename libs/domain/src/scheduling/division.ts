/** Exact divisions of whole numbers. */

/**
 * Divides `total` by weight so that the parts add up to it (largest remainder, Hamilton's method); equal remainders go to the
 * first. Weights that add up to nothing count as equal.
 */
export function largestRemainder(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0)
    return weights.length === 0
      ? []
      : largestRemainder(
          total,
          weights.map(() => 1),
        );
  const parts = weights.map((weight) => Math.floor((total * weight) / sum));
  const left = total - parts.reduce((a, b) => a + b, 0);
  const order = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of order.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}

/**
 * Takes `excess` away from parts, always from the largest, so that what is left is as level as it can be. Of equal ones the last
 * gives first.
 */
export function lower(parts: readonly number[], excess: number): number[] {
  const result = [...parts];
  const order = parts.map((_, index) => index).sort((a, b) => (parts[b] ?? 0) - (parts[a] ?? 0) || b - a);
  let left = Math.min(
    excess,
    parts.reduce((a, b) => a + b, 0),
  );
  for (let count = 1; left > 0; count++) {
    const highest = result[order[0] ?? 0] ?? 0;
    const next = count < order.length ? (parts[order[count] ?? 0] ?? 0) : 0;
    if (highest === next) continue;
    const even = Math.min(left, (highest - next) * count);
    const giving = order.slice(0, count).sort((a, b) => b - a);
    giving.forEach((index, rank) => {
      const share = Math.floor(even / count) + (rank < even % count ? 1 : 0);
      result[index] = (result[index] ?? 0) - share;
    });
    left -= even;
  }
  return result;
}
