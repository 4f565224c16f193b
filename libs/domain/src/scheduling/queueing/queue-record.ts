/** A Queue as the scheduler knows it, read leniently from the stored object. */
import type { StoredObject } from '@skyflow/contracts';
import { InvalidQuantityError } from '../../resources/quantity.js';
import { parseAmount } from '../../resources/resource-list.js';
import { isRecord, recordsIn } from '../pod-spec.js';

/** Base units. */
export interface QuotaRecord {
  nominal: number;
  /** Absent: no limit. */
  borrowing?: number;
  lending?: number;
}

export interface QueueRecord {
  name: string;
  uid: string;
  weight: number;
  parent: string | undefined;
  /** By resource. */
  quotas: Record<string, QuotaRecord>;
  withinQueue: 'LowerPriority' | 'Never';
  reclaim: 'Never' | 'LowerPriority' | 'Any';
}

export function queueRecordOf({ metadata, spec }: StoredObject): QueueRecord {
  const read = isRecord(spec) ? spec : {};
  const preemption = isRecord(read.preemption) ? read.preemption : {};
  return {
    name: metadata.name,
    uid: metadata.uid,
    weight: typeof read.weight === 'number' && read.weight > 0 ? read.weight : 1,
    parent: typeof read.parent === 'string' && read.parent !== '' ? read.parent : undefined,
    quotas: Object.fromEntries(recordsIn(read.quotas).flatMap(quotaIn)),
    withinQueue: preemption.withinQueue === 'Never' ? 'Never' : 'LowerPriority',
    reclaim: preemption.reclaim === 'Never' || preemption.reclaim === 'Any' ? preemption.reclaim : 'LowerPriority',
  };
}

/** Of a queue that workloads name and that is not there. */
export const queueWithoutObject = (name: string): QueueRecord => ({
  name,
  uid: '',
  weight: 1,
  parent: undefined,
  quotas: {},
  withinQueue: 'LowerPriority',
  reclaim: 'LowerPriority',
});

function quotaIn(value: Record<string, unknown>): [string, QuotaRecord][] {
  const { resource } = value;
  if (typeof resource !== 'string' || resource === '') return [];
  const nominal = amountOf(resource, value.nominal);
  if (nominal === undefined) return [];
  const borrowing = amountOf(resource, value.borrowingLimit);
  const lending = amountOf(resource, value.lendingLimit);
  return [
    [resource, { nominal, ...(borrowing !== undefined && { borrowing }), ...(lending !== undefined && { lending }) }],
  ];
}

function amountOf(resource: string, value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  try {
    return parseAmount(resource, value);
  } catch (error) {
    if (error instanceof InvalidQuantityError) return undefined;
    throw error;
  }
}
