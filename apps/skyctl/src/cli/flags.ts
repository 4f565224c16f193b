/** Parsed flags with the types that commands want. Names are long spellings without dashes: `dry-run`. */
import { usageError } from './cli-error.js';

export type FlagValue = string | boolean | readonly string[];

export class Flags {
  readonly #values: ReadonlyMap<string, FlagValue>;

  constructor(values: ReadonlyMap<string, FlagValue>) {
    this.#values = values;
  }

  without(name: string): Flags {
    return new Flags(new Map([...this.#values].filter(([each]) => each !== name)));
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  on(name: string): boolean {
    const value = this.#values.get(name);
    return value === true || value === 'true';
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : Array.isArray(value) ? String(value.at(-1)) : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#values.get(name);
    return Array.isArray(value) ? (value as readonly string[]) : typeof value === 'string' ? [value] : [];
  }

  /** `K=V` texts, split at the first `=`. */
  pairs(name: string): { key: string; value: string }[] {
    return this.list(name).map((text) => {
      const at = text.indexOf('=');
      if (at < 0) throw usageError(`--${name} ${text}: needs a value`, `write --${name} ${text} VALUE`);
      return { key: text.slice(0, at), value: text.slice(at + 1) };
    });
  }

  wholeNumber(name: string, least = 0): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = /^-?\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(number) || number < least) {
      const bound = Number.isFinite(least) ? ` of at least ${least}` : '';
      throw usageError(`--${name} ${text}: must be a whole number${bound}`);
    }
    return number;
  }

  /** `90`, `30s`, `5m`, `1h30m`, `500ms`, in milliseconds. */
  durationMs(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseDurationMs(`--${name}`, text);
  }
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function parseDurationMs(what: string, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    throw usageError(`${what} ${text}: is not a duration`, 'write 30s, 5m, 1h30m, or a number of seconds');
  }
  let total = 0;
  for (const [, amount = '0', unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return total;
}
