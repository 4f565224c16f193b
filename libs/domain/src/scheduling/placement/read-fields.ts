/** Fields of stored objects, taken if they have the expected form and left out if not. */
import { isRecord, recordsIn } from '../pod-spec.js';
import type { Requirement } from '@skyflow/contracts';

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Sorted, each once; undefined for none. */
export function texts(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = new Set(value.filter((each): each is string => typeof each === 'string' && each !== ''));
  return found.size > 0 ? [...found].sort() : undefined;
}

export const whole = (value: unknown, least: number): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined;

export const oneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((each) => each === value);

/** Text to text, sorted by key; undefined for none. */
export function labelsIn(value: unknown): Record<string, string> | undefined {
  if (!isRecord(value)) return undefined;
  const pairs = Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function requirementsIn(value: unknown): Requirement[] | undefined {
  const found = recordsIn(value).flatMap(({ key, operator, values }): Requirement[] => {
    if (typeof key !== 'string' || typeof operator !== 'string') return [];
    const listed = texts(values);
    return [{ key, operator: operator as Requirement['operator'], ...(listed !== undefined && { values: listed }) }];
  });
  return found.length > 0 ? found : undefined;
}

/** The records of a list that have this text. */
export const keyed = <K extends string>(value: unknown, key: K): (Record<string, unknown> & Record<K, string>)[] =>
  recordsIn(value).filter((each): each is Record<string, unknown> & Record<K, string> => text(each[key]) !== undefined);

/** Without what is undefined; undefined if nothing is left. */
export function compact<T extends object>(fields: { [K in keyof T]-?: T[K] | undefined }): T | undefined {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return kept.length > 0 ? (Object.fromEntries(kept) as T) : undefined;
}
