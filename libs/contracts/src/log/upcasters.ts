/**
 * How entries that an earlier version of SkyFlow wrote are read: step by step, each upcaster from one version of the data to the next.
 * Needed only where a change is more than a further optional field. An upcaster is never changed again once a release has it: logs that
 * were written before it are there for ever, and must go on meaning what they meant.
 */
import type { RawEntry } from './commit.js';

/** Data of one version of an entry type as the next version would have written it. Pure; an error says that the entry is damaged. */
export type Upcaster = (data: unknown) => unknown;

/** By entry type; the one at index n leads from version n + 1 to n + 2. What is not named is at version 1. */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

/** Those of this version. All entry types are at their first version so far. */
export const upcasters: Upcasters = {};

/** The version of its data that an entry type has, and that is written. */
export const entryVersion = (type: string, known: Upcasters = upcasters): number =>
  Object.hasOwn(known, type) ? (known[type]?.length ?? 0) + 1 : 1;

/** Brings an entry up to the version of now, in place; one that is at it, or beyond, stays as it is. */
export function upcast(raw: RawEntry, known: Upcasters = upcasters): void {
  const version = entryVersion(raw.type, known);
  if (raw.v >= version) return;
  let { data } = raw;
  for (const step of known[raw.type]?.slice(raw.v - 1) ?? []) data = step(data);
  raw.data = data;
  raw.v = version;
}
