/**
 * Whether a gang of several workloads could be placed if nothing else ran. Said only where it is certain: more replicas of one shape than
 * empty nodes take, or more of a resource than there is in all. A gang of different shapes may fit by these numbers and yet by no packing.
 */
import { humanAmount } from '../../resources/format.js';
import { countFitsWhenEmpty } from '../room.js';
import type { RoundCluster } from '../round-table.js';
import type { Shape } from '../shape.js';
import type { WorkloadRecord } from '../state.js';
import { type RoundContext, candidatesOf, missingOf } from './round-context.js';

/** Replicas of one shape that the gang still needs, and whose they are. */
interface Need {
  shape: Shape;
  replicas: number;
  names: string[];
}

interface Lack {
  needs: string;
  has: string;
  /** What there is of what is needed. */
  share: number;
}

/** With the numbers, to follow the name of the gang; undefined: it may fit once others are gone, or no cluster is there. `together`: on one cluster. */
export function neverTogether(
  context: RoundContext,
  members: readonly WorkloadRecord[],
  together: boolean,
): string | undefined {
  const { clusters } = context.round.table;
  const needs = needsOf(context, members);
  if (clusters.length === 0) return undefined;
  const lacks = (together ? clusters.map((cluster) => [cluster]) : [clusters]).map((on) => lackOn(context, needs, on));
  const [least] = lacks.toSorted((a, b) => (b?.share ?? 1) - (a?.share ?? 1));
  if (least === undefined || lacks.includes(undefined)) return undefined;
  const where = together ? 'no cluster that it may use has more than' : 'all clusters that it may use have';
  return `it would not fit if nothing else ran: it needs ${least.needs}, ${where} ${least.has}`;
}

function needsOf(context: RoundContext, members: readonly WorkloadRecord[]): Need[] {
  const byShape = new Map<Shape, Need>();
  for (const workload of members) {
    const { shape, ref } = workload;
    const need = byShape.get(shape) ?? { shape, replicas: 0, names: [] };
    need.replicas += missingOf(context, workload);
    need.names.push(ref.name);
    byShape.set(shape, need);
  }
  return [...byShape.values()];
}

function lackOn(context: RoundContext, needs: readonly Need[], on: readonly RoundCluster[]): Lack | undefined {
  const usable = new Set<RoundCluster>();
  for (const { shape, replicas, names } of needs) {
    const open = candidatesOf(context, shape).filter(({ refused, cluster }) => !refused && on.includes(cluster));
    const fits = open.reduce(
      (sum, { cluster: { room }, mask }) => sum + countFitsWhenEmpty(room.layout, shape.request, mask),
      0,
    );
    if (fits < replicas) {
      const whose = names.length > 1 ? `${names[0] ?? ''} and ${String(names.length - 1)} like it` : (names[0] ?? '');
      const needed = `room for ${String(replicas)} replicas of ${whose}`;
      return { needs: needed, has: `room for ${String(fits)}`, share: fits / replicas };
    }
    for (const { cluster } of open) usable.add(cluster);
  }
  return lackInAll(context, needs, usable);
}

/** Of some resource, where all replicas together ask for more than all nodes together have. */
function lackInAll(
  { state }: RoundContext,
  needs: readonly Need[],
  usable: ReadonlySet<RoundCluster>,
): Lack | undefined {
  const totals = new Map<number, number>();
  for (const { shape, replicas } of needs) {
    shape.request.columns.forEach((column, index) => {
      totals.set(column, (totals.get(column) ?? 0) + replicas * (shape.request.amounts[index] ?? 0));
    });
  }
  for (const [column, needed] of [...totals].sort(([a], [b]) => a - b)) {
    const has = [...usable].reduce((sum, { room }) => sum + (room.layout.totalAllocatable[column] ?? 0), 0);
    if (has >= needed) continue;
    const resource = state.columns.names[column] ?? '';
    const text = (amount: number): string => `${humanAmount(resource, amount)} ${resource}`;
    return { needs: text(needed), has: text(has), share: has / needed };
  }
  return undefined;
}
