/** Endpoints as data: order, equality, counting. */
import type { Endpoint } from '@skyflow/contracts';
import { fingerprint } from '../native/fingerprint.js';

/** Sorted by address, then uid: the same endpoints are the same text. */
export const sortEndpoints = <E extends Endpoint>(endpoints: readonly E[]): E[] =>
  [...endpoints].sort((a, b) => compare(a.address, b.address) || compare(a.uid, b.uid));

/** Equal for equal endpoints in any order. */
export const endpointsHash = (endpoints: readonly Endpoint[]): string => fingerprint(sortEndpoints(endpoints));

export const readyCount = (endpoints: readonly Endpoint[]): number => endpoints.filter(({ ready }) => ready).length;

/** Of what was reported before, more than this part may not be gone without a second look. */
const MAX_DROP = 0.5;

/** Whether so much is gone at once that a list may have been incomplete, as those of an API that has just started can be. */
export const dropsMost = (before: number, now: number): boolean => before - now > 1 && now < before * (1 - MAX_DROP);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
