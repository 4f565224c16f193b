/** One workload, told live by a connection of its own: its page needs no other, of which there may be a hundred thousand. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { ApiError } from '../api/api.js';
import { useLoaded, useMoment, useSession } from '../api/hooks.js';
import { Live } from '../api/live.js';
import { ObjectStore } from '../api/object-store.js';
import { type Workload, type WorkloadAddress, workloadPath } from '../api/objects.js';

interface Known {
  workload: Workload | undefined;
  /** Whether it is known that it is there or not. */
  complete: boolean;
  error?: unknown;
}

export function useWorkload(address: WorkloadAddress): Known {
  const now = useNowWorkload(address);
  const then = useThenWorkload(address);
  return then ?? now;
}

function useNowWorkload({ namespace, plural, name }: WorkloadAddress): Known {
  const { api, connections } = useSession();
  const { store, live } = useMemo(() => {
    const own = new ObjectStore();
    return { store: own, live: new Live(api, own) };
  }, [api, namespace, plural, name]);
  useEffect(() => {
    live.start({ kinds: [plural], omit: ['metadata.managedFields', 'spec.template'], only: { namespace, name } });
    const leave = connections.add(live);
    return () => {
      leave();
      live.stop();
    };
  }, [live, connections, namespace, plural, name]);
  const workload = useSyncExternalStore(store.subscribe, () => store.get(plural, namespace, name));
  const complete = useSyncExternalStore(store.subscribe, () => store.isComplete(plural));
  return { workload, complete };
}

/** Undefined: now is shown. */
function useThenWorkload({ namespace, plural, name }: WorkloadAddress): Known | undefined {
  const { api } = useSession();
  const at = useMoment()?.seq;
  const path = `${workloadPath(namespace, plural, name)}?at=${at ?? ''}`;
  const { data, error, loading } = useLoaded<Workload | undefined>(path, async (signal) =>
    at === undefined ? undefined : api.json<Workload>(path, { signal }),
  );
  if (at === undefined) return undefined;
  if (error instanceof ApiError && error.code === 404) return { workload: undefined, complete: true };
  return { workload: data, complete: false, ...(loading ? {} : { error }) };
}
