/**
 * Who waits in which queue, and what the workloads of each hold: kept current by the fold, so that a status need not look at all
 * workloads. Places are counted when somebody asks.
 */
import { DEFAULT_QUEUE, type Position, type ResourceList } from '@skyflow/contracts';
import type { ObjectRecord } from './object-record.js';

interface Waiting {
  readonly position: Position;
  readonly priority: number;
  readonly since: string;
}

interface Page {
  /** By uid. */
  readonly waiting: Map<string, Waiting>;
  readonly used: ResourceList;
  admitted: number;
  /** Positions of those that wait, sorted, by priority; undefined: to be counted again. */
  order: Map<number, Float64Array> | undefined;
}

export interface QueueFigures {
  readonly used: Readonly<ResourceList>;
  readonly admitted: number;
  readonly waiting: number;
  /** creationTimestamp of the oldest that waits. */
  readonly oldest: string | undefined;
}

const NOTHING: QueueFigures = { used: {}, admitted: 0, waiting: 0, oldest: undefined };

export class QueueBook {
  private readonly pages = new Map<string, Page>();

  /** Names of queues that any workload is or was in. */
  names(): Iterable<string> {
    return this.pages.keys();
  }

  /** Adds (or takes away) a workload. `pods`: replicas that it holds. */
  count(record: ObjectRecord, pods: number, sign: 1 | -1): void {
    const { workload } = record;
    if (workload === undefined) return;
    const queue = workload.facts.queue;
    let page = this.pages.get(queue);
    if (page === undefined) {
      this.pages.set(queue, (page = { waiting: new Map(), used: {}, admitted: 0, order: undefined }));
    }
    if (waits(record)) {
      if (sign > 0) {
        const { createdPosition: position, priority } = workload;
        page.waiting.set(record.uid, { position, priority, since: record.creationTimestamp });
      } else page.waiting.delete(record.uid);
      page.order = undefined;
    } else if (isAdmitted(record)) page.admitted += sign;
    if (pods === 0) return;
    for (const [resource, amount] of Object.entries(workload.facts.requests)) {
      page.used[resource] = (page.used[resource] ?? 0) + sign * pods * amount;
    }
  }

  figures(queue: string): QueueFigures {
    const page = this.pages.get(queue);
    if (page === undefined) return NOTHING;
    let first: Waiting | undefined;
    for (const each of page.waiting.values()) {
      if (first === undefined || each.position < first.position) first = each;
    }
    return { used: page.used, admitted: page.admitted, waiting: page.waiting.size, oldest: first?.since };
  }

  /** Where a workload is among those that wait in its queue: 1 is first. Undefined: it does not wait. */
  placeOf(record: ObjectRecord): { place: number; of: number } | undefined {
    const page = this.pages.get(record.workload?.facts.queue ?? DEFAULT_QUEUE);
    const own = page?.waiting.get(record.uid);
    if (page === undefined || own === undefined) return undefined;
    page.order ??= orderOf(page.waiting);
    let before = 0;
    for (const [priority, positions] of page.order) {
      if (priority > own.priority) before += positions.length;
      else if (priority === own.priority) before += countBelow(positions, own.position);
    }
    return { place: before + 1, of: page.waiting.size };
  }
}

/** Whether any of its replicas wait for a place. */
const waits = ({ deletedAt, workload }: ObjectRecord): boolean =>
  deletedAt === 0 &&
  workload !== undefined &&
  workload.phase !== 'COMPLETED' &&
  workload.phase !== 'FAILED' &&
  (workload.decision === undefined ? workload.facts.replicas > 0 : workload.decision.unplaced > 0);

const isAdmitted = ({ deletedAt, workload }: ObjectRecord): boolean =>
  deletedAt === 0 &&
  workload?.decision?.unplaced === 0 &&
  workload.phase !== 'COMPLETED' &&
  workload.phase !== 'FAILED';

function orderOf(waiting: ReadonlyMap<string, Waiting>): Map<number, Float64Array> {
  const lists = new Map<number, number[]>();
  for (const { priority, position } of waiting.values()) {
    const list = lists.get(priority);
    if (list === undefined) lists.set(priority, [position]);
    else list.push(position);
  }
  return new Map(Array.from(lists, ([priority, list]) => [priority, Float64Array.from(list).sort()]));
}

/** How many of the sorted numbers are less. */
function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
