/** `--at`: a time as people say it, made into what the gateway takes. */
import { usageError } from '../cli/cli-error.js';

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};
/** `1h30m`, `10 minutes`, `an hour`, `2 days and 3 hours`. */
const AMOUNT = /(\d+(?:\.\d+)?\s*|\ban?\s+)([a-z]+?)s?(?![a-z])/g;
/** Local time where no zone is given. */
const TIME = /^\d{4}-\d\d-\d\d([t ]\d\d:\d\d(:\d\d(\.\d+)?)?(z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * @param option what was typed, for the message
 * @throws CliError (usage)
 */
export function pastTime(text: string, nowMs: number, option = '--at'): string {
  const said = text.trim().toLowerCase();
  if (/^\d+$/.test(said)) return said;
  if (said === 'yesterday') return timeAt(nowMs - (UNITS_MS.day ?? 0));
  if (TIME.test(said)) {
    // A date alone is its midnight here, not in Greenwich.
    const timeMs = Date.parse(said.length === 10 ? `${said}T00:00:00` : said.toUpperCase().replace(' ', 'T'));
    if (!Number.isNaN(timeMs)) return timeAt(timeMs);
  }
  const agoMs = durationOf(said.replace(/\s*ago$/, ''));
  if (agoMs !== undefined) return timeAt(nowMs - agoMs);
  throw usageError(
    `${option} ${text}: is no time`,
    'say for example "10 minutes ago", 1h30m, "2026-05-17 09:30", 2026-05-17T09:30:00Z, or a sequence of the log',
  );
}

function durationOf(text: string): number | undefined {
  let sumMs = 0;
  const rest = text.replaceAll(AMOUNT, (all, count: string, unit: string) => {
    const unitMs = UNITS_MS[unit];
    if (unitMs === undefined) return all;
    sumMs += (count.startsWith('a') ? 1 : Number(count)) * unitMs;
    return '';
  });
  return /^(\s|,|and)*$/.test(rest) && sumMs > 0 ? sumMs : undefined;
}

const timeAt = (ms: number): string => new Date(ms).toISOString();
