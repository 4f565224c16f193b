/** Ages as kubectl shows them: at most three significant places (apimachinery pkg/util/duration HumanDuration). */

export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60 * 2) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return parts(minutes, 'm', seconds % 60, 's');
  if (minutes < 60 * 3) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return parts(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return parts(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return hours < 24 * 365 * 8 ? parts(years, 'y', days % 365, 'd') : `${years}y`;
}

/** The age of an RFC 3339 time, `<unknown>` for what is none. */
export function humanAge(timestamp: unknown, nowMs: number): string {
  const from = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
  return Number.isNaN(from) ? '<unknown>' : humanDuration(nowMs - from);
}

const parts = (whole: number, unit: string, rest: number, restUnit: string): string =>
  rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${restUnit}`;
