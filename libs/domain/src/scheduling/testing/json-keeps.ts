/** For tests: what a scheduler writes is folded by itself as it is, and by others as JSON: it must be the same. */
import { decisionSubject } from '@skyflow/contracts';
import type { History } from './history.js';
import { holds } from './holds.js';

/** Every decision and all work of the log are values that JSON keeps as they are: nothing undefined, no class, no -0. */
export function expectJsonKeeps({ log }: History): void {
  for (const { entry, place } of log) {
    if (place.subject !== decisionSubject('scheduler') && !place.subject.startsWith('sky.work.')) continue;
    const lost = lostIn(entry.data, entry.type);
    holds(lost === undefined, () => `JSON does not keep ${lost ?? ''}`);
  }
}

/**
 * Where a value is not what `JSON.parse(JSON.stringify(value))` makes of it; undefined: nowhere. Looked at rather than made and compared,
 * which was most of the time that a long search took.
 */
export function lostIn(value: unknown, path: string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : path;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined;
  if (typeof value !== 'object') return path;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const lost = lostIn(value[index], `${path}[${index}]`);
      if (lost !== undefined) return lost;
    }
    return Object.keys(value).length === value.length ? undefined : path;
  }
  if (!isPlain(value)) return path;
  for (const [key, inner] of Object.entries(value)) {
    const lost = lostIn(inner, `${path}.${key}`);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** An object as JSON makes them, of whatever realm: Jest has its own. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  const isOwn = prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'toString');
  return isOwn && Object.getOwnPropertySymbols(value).length === 0 && !('toJSON' in value);
}
