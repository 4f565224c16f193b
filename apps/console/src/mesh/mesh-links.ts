/** Ways between clusters, as the services that use them have them: the worst state that any of them sees. */
import type { PathState } from '@skyflow/contracts';
import type { HeldKinds } from '../api/objects.js';

export interface MeshLink {
  from: string;
  to: string;
  state: PathState;
  message: string;
  since: string;
  /** Services that use it. */
  services: number;
}

const BADNESS: Readonly<Record<PathState, number>> = { UP: 0, UNKNOWN: 1, OVERLAP: 2, DOWN: 3 };

export function meshLinks(services: readonly HeldKinds['services'][]): MeshLink[] {
  const links = new Map<string, MeshLink>();
  for (const { status } of services) {
    const from = status?.cluster;
    if (from === undefined) continue;
    for (const { cluster: to, path } of status?.clusters ?? []) {
      if (path === undefined) continue;
      const key = JSON.stringify([from, to]);
      const known = links.get(key);
      const worse = known === undefined || BADNESS[path.state] > BADNESS[known.state];
      links.set(key, { ...(worse ? { from, to, ...path } : known), services: (known?.services ?? 0) + 1 });
    }
  }
  return [...links.values()].sort(
    (one, other) => BADNESS[other.state] - BADNESS[one.state] || (one.from + one.to < other.from + other.to ? -1 : 1),
  );
}
