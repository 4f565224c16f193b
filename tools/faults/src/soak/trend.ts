/**
 * Whether what was measured over time grows. Pure. Warming up is left out, and only the least of each part of the rest counts: garbage is
 * collected at a program's leisure, and a leak lifts the floor. It grows when the floor rises steadily (Mann-Kendall, one chance in a
 * hundred), by more than may be in an hour (slope of Theil and Sen), and by more than figures go up and down anyhow.
 */

export interface Sample {
  atMs: number;
  value: number;
}

/** What counts as none. */
export interface Tolerance {
  /** Of the level, in an hour. */
  share: number;
  /** At least so much in an hour, and in all. */
  least: number;
}

export interface Trend {
  /** Floor of the first and of the last part. */
  from: number;
  to: number;
  perHour: number;
  grows: boolean;
}

const WARM_UP_SHARE = 1 / 3;
const PARTS = 12;
/** Of the normal distribution, one-sided, one chance in a hundred. */
const SURE = 2.33;
const HOUR_MS = 3_600_000;

/** Of at least {@link PARTS} samples after warming up; fewer tell nothing, and are an error. @throws RangeError */
export function trendOf(samples: readonly Sample[], { share, least }: Tolerance): Trend {
  const floor = floorOf(samples);
  const first = floor[0];
  const last = floor.at(-1);
  if (first === undefined || last === undefined || floor.length < PARTS) {
    throw new RangeError(`${samples.length} samples do not fill ${PARTS} parts`);
  }
  const perHour = slope(floor) * HOUR_MS;
  const level = median(floor.map(({ value }) => value));
  const grows =
    steadiness(floor) > SURE && perHour > Math.max(least, share * level) && last.value - first.value > least;
  return { from: first.value, to: last.value, perHour, grows };
}

/** The least of each part of the time after warming up. */
function floorOf(samples: readonly Sample[]): Sample[] {
  const [begin = 0, end = 0] = [samples[0]?.atMs, samples.at(-1)?.atMs];
  const warm = begin + (end - begin) * WARM_UP_SHARE;
  const partMs = (end - warm) / PARTS;
  const least = new Map<number, Sample>();
  for (const sample of samples) {
    if (sample.atMs < warm) continue;
    const part = Math.min(PARTS - 1, Math.floor((sample.atMs - warm) / partMs));
    const known = least.get(part);
    if (known === undefined || sample.value < known.value) least.set(part, sample);
  }
  return [...least].sort(([a], [b]) => a - b).map(([, sample]) => sample);
}

const pairs = (samples: readonly Sample[]): [Sample, Sample][] =>
  samples.flatMap((earlier, at) => samples.slice(at + 1).map((later): [Sample, Sample] => [earlier, later]));

/** Median of the slopes between any two: one sample that is off does not move it. Per ms. */
const slope = (samples: readonly Sample[]): number =>
  median(pairs(samples).map(([a, b]) => (b.value - a.value) / Math.max(1, b.atMs - a.atMs)));

/** How many standard deviations the order of the samples is away from that of chance. */
function steadiness(samples: readonly Sample[]): number {
  const n = samples.length;
  const sum = pairs(samples).reduce((all, [a, b]) => all + Math.sign(b.value - a.value), 0);
  return (sum - Math.sign(sum)) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
