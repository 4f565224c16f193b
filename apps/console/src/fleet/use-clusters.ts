/** All clusters, as they are now or were at the moment that is shown. */
import { useMemo, useRef, useSyncExternalStore } from 'react';
import { useMoment, useObjects, useSession } from '../api/hooks.js';
import { type ClusterState, type FleetCluster, withStates } from './cluster-states.js';

const NOTHING: ReadonlyMap<string, ClusterState> = new Map();
const silent = (): (() => void) => () => undefined;
const nothing = (): typeof NOTHING => NOTHING;

export function useClusters(): readonly FleetCluster[] {
  const { clusterStates } = useSession();
  const told = useObjects('clusters');
  const past = useMoment() !== undefined;
  const states = useSyncExternalStore(past ? silent : clusterStates.subscribe, past ? nothing : clusterStates.now);
  const before = useRef<ReturnType<typeof withStates>>(new Map());
  return useMemo(() => {
    before.current = withStates(told, states, before.current);
    return [...before.current.values()].map(({ shown }) => shown);
  }, [told, states]);
}
