/** How long ago, in one unit. */

const UNITS: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
];

/** Of a number of milliseconds: `3 s`, `2 min`, `5 h`, `7 d`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const [unit, size] = UNITS.find(([, each]) => seconds >= each * 2) ?? ['s', 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** @param time RFC 3339, or ms since the epoch; undefined: never */
export function ageOf(time: string | number | undefined, nowMs: number): string {
  if (time === undefined || time === '') return 'never';
  return durationText(nowMs - (typeof time === 'number' ? time : Date.parse(time)));
}
