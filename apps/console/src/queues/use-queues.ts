/** Queues with what they use now: a Queue itself does not change when workloads in it do, so that the stream does not tell it. */
import { useMemo } from 'react';
import type { Queue } from '@skyflow/contracts';
import { useMoment, useObjects, usePolled, useSession } from '../api/hooks.js';
import { listPath } from '../api/objects.js';

const ASKED_EVERY_MS = 700;
const NONE: readonly Queue[] = [];

/** Which there are, as the stream or the moment tells; how they are, as the API says. */
export function useQueues(): readonly Queue[] {
  const { api } = useSession();
  const told = useObjects('queues');
  const past = useMoment() !== undefined;
  const ask = !past && told.length > 0;
  const { data = NONE } = usePolled(ask ? 'queues' : 'no queues', ask ? ASKED_EVERY_MS : undefined, async (signal) =>
    ask ? (await api.json<{ items: Queue[] }>(listPath('queues'), { signal })).items : NONE,
  );
  return useMemo(() => withStatus(told, data), [told, data]);
}

/** The queues that are told, each with the status that was read of it. */
export function withStatus(told: readonly Queue[], read: readonly Queue[]): readonly Queue[] {
  const statuses = new Map(read.map(({ metadata, status }) => [metadata.uid, status]));
  return told.map((queue) => {
    const status = statuses.get(queue.metadata.uid);
    return status === undefined ? queue : { ...queue, status };
  });
}
