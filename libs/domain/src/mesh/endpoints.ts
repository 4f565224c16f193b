/** Endpoints as data: order, equality, counting. */
import type { Endpoint } from '@skyflow/contracts';
import { fingerprint } from '../native/fingerprint.js';

/** Sorted by address, then uid: the same endpoints are the same text. */
export const sortEndpoints = <E extends Endpoint>(endpoints: readonly E[]): E[] =>
  [...endpoints].sort((a, b) => compare(a.address, b.address) || compare(a.uid, b.uid));

/** Equal for equal endpoints in any order. */
export const endpointsHash = (endpoints: readonly Endpoint[]): string => fingerprint(sortEndpoints(endpoints));

export const readyCount = (endpoints: readonly Endpoint[]): number => endpoints.filter(({ ready }) => ready).length;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
