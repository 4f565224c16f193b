/** A workload's place in its queue, as its status tells it. */
import { DEFAULT_QUEUE, type WorkloadQueueStatus, type WorkloadStatus } from '@skyflow/contracts';
import type { ObjectRecord } from './object-record.js';
import type { ObjectTable } from './object-table.js';
import type { QueueBook } from './queue-book.js';

/** The status with the queue in it, where queues or priorities are used at all. */
export function withQueue(
  record: ObjectRecord,
  status: WorkloadStatus,
  table: ObjectTable,
  book: QueueBook,
): WorkloadStatus {
  const { workload } = record;
  if (workload === undefined) return status;
  const { facts, priority } = workload;
  if (facts.queue === DEFAULT_QUEUE && priority === 0 && table.count('Queue') === 0) return status;
  const waiting = book.placeOf(record);
  const queue: WorkloadQueueStatus = { name: facts.queue, ...(priority !== 0 && { priority }), ...waiting };
  const { phase, reason, message, ...rest } = status;
  if (phase !== 'PENDING' || waiting === undefined || status.placed > 0) return { ...status, queue };
  const place = `place ${String(waiting.place)} of ${String(waiting.of)} in queue ${facts.queue}`;
  return {
    phase,
    ...(reason !== undefined && { reason }),
    message: message === undefined ? place : `${place}: ${message}`,
    ...rest,
    queue,
  };
}
