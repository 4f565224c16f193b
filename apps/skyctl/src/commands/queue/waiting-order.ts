/** Who of the pending workloads waits for a place, in the order in which they are looked at. */
import { DEFAULT_QUEUE, type Job } from '@skyflow/contracts';

export const queueOf = ({ spec }: Job): string => spec.queue ?? DEFAULT_QUEUE;
export const placeOf = ({ status }: Job): number => status?.queue?.place ?? 0;

/** In the order of queues. Where nobody uses queues and priorities the API gives nobody a place: the oldest goes first. */
export function waitingOf(pending: readonly Job[], queues: readonly string[]): Job[] {
  const waiting = pending
    .filter((job) => isWaiting(job) && (queues.length === 0 || queues.includes(queueOf(job))))
    .sort((a, b) => (queueOf(a) === queueOf(b) ? placeOf(a) - placeOf(b) : queueOf(a) < queueOf(b) ? -1 : 1));
  return waiting.every((job) => placeOf(job) === 0) ? inOrderOfAge(waiting) : waiting;
}

/** Some of its replicas have no place. (Others are pending because their pods are.) */
const isWaiting = ({ spec, status }: Job): boolean =>
  status?.queue === undefined
    ? (status?.placed ?? 0) < (status?.replicas ?? spec.replicas)
    : status.queue.place !== undefined;

function inOrderOfAge(jobs: readonly Job[]): Job[] {
  const keyOf = ({ metadata }: Job): string => `${metadata.creationTimestamp} ${metadata.name}`;
  return jobs
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .map((job, index) => {
      const queue = { name: queueOf(job), place: index + 1, of: jobs.length };
      return job.status === undefined ? job : { ...job, status: { ...job.status, queue } };
    });
}
