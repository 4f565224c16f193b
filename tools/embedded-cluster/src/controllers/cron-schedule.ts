/** Times of a cron schedule: five fields or @hourly and its like, in a time zone (k8s.io/api batch/v1 CronJobSpec.schedule). Pure. */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 29 February comes once in eight years at the longest. */
const LONGEST_DAYS = 8 * 366 + 1;

const NAMED: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Fields {
  minutes: number[];
  hours: number[];
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
  /** Where both are restricted, one of them is enough. */
  anyDay: boolean;
  anyWeekday: boolean;
}

/** The first time after `afterMs`; undefined for a schedule that is none, or has none. */
export function nextTime(schedule: string, afterMs: number, timeZone = 'Etc/UTC'): number | undefined {
  const fields = fieldsOf(NAMED[schedule] ?? schedule);
  if (fields === undefined) return undefined;
  const local = afterMs + offsetMs(timeZone, afterMs);
  const firstDay = Math.floor(local / DAY_MS) * DAY_MS;
  for (let day = 0; day < LONGEST_DAYS; day += 1) {
    const midnight = firstDay + day * DAY_MS;
    if (!isOn(fields, new Date(midnight))) continue;
    for (const hour of fields.hours) {
      for (const minute of fields.minutes) {
        const at = toEpoch(midnight + (hour * 60 + minute) * MINUTE_MS, timeZone);
        if (at > afterMs) return at;
      }
    }
  }
  return undefined;
}

function isOn(fields: Fields, date: Date): boolean {
  if (!fields.months.has(date.getUTCMonth() + 1)) return false;
  const [day, weekday] = [fields.days.has(date.getUTCDate()), fields.weekdays.has(date.getUTCDay())];
  return fields.anyDay || fields.anyWeekday ? day && weekday : day || weekday;
}

function fieldsOf(schedule: string): Fields | undefined {
  const [minute, hour, day, month, weekday, ...more] = schedule.trim().split(/\s+/);
  if (weekday === undefined || more.length > 0) return undefined;
  const minutes = valuesOf(minute ?? '', 0, 59);
  const hours = valuesOf(hour ?? '', 0, 23);
  const days = valuesOf(day ?? '', 1, 31);
  const months = valuesOf(month ?? '', 1, 12, MONTHS);
  const weekdays = valuesOf(weekday, 0, 7, DAYS);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  return {
    minutes,
    hours,
    days: new Set(days),
    months: new Set(months),
    weekdays: new Set(weekdays.map((each) => each % DAYS.length)),
    anyDay: isAny(day),
    anyWeekday: isAny(weekday),
  };
}

const isAny = (field: string | undefined): boolean => field === '*' || field === '?';

/** Sorted; undefined for a field that is none. */
function valuesOf(field: string, least: number, most: number, names: readonly string[] = []): number[] | undefined {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [from, to = step === undefined ? from : String(most)] = isAny(range)
      ? [String(least), String(most)]
      : range.split('-');
    const [first, last] = [numberOf(from, names), numberOf(to, names)];
    if (!(first >= least && last <= most && first <= last) || step === '0') return undefined;
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function numberOf(text: string | undefined, names: readonly string[]): number {
  const named = names.indexOf((text ?? '').toLowerCase());
  if (named >= 0 && text !== '') return named;
  return /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN;
}

/** Twice, because the offset may change between the two. */
function toEpoch(localMs: number, timeZone: string): number {
  const guess = localMs - offsetMs(timeZone, localMs);
  return localMs - offsetMs(timeZone, guess);
}

/** What the zone's clocks are ahead of UTC at that time. @throws RangeError for a zone that is none */
function offsetMs(timeZone: string, atMs: number): number {
  if (timeZone === 'Etc/UTC' || timeZone === 'UTC') return 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1_000) * 1_000;
}
