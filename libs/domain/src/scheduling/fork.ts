/**
 * A fork of the state: fold what might happen into it, decide on it, throw it away. Nothing of it is seen in the state it was made
 * of. It costs what is looked at, not what exists.
 *
 * It is a view: it holds until the state it was made of is folded further. Use it within one turn of the event loop.
 */
import { ForkedMap, ForkedSet } from './copy-on-write.js';
import { forkQueueing } from './queueing/fork-queueing.js';
import { forkWorkloadTerms } from './placement/workload-terms.js';
import type { QueueTerms } from './queueing/terms.js';
import { newResourceColumns } from './resource-columns.js';
import { copyRoom } from './room.js';
import type { Shape } from './shape.js';
import {
  type ClusterRecord,
  NO_SHARES,
  type NamespaceRecord,
  type SchedulingState,
  type Share,
  type WaitingGroup,
  type WorkloadRecord,
} from './state.js';

/** Names every part of the state, so that one that is added and not forked does not compile. */
export function forkScheduling(base: SchedulingState): SchedulingState {
  const shapes = new ForkedMap(base.shapes, (shape: Shape): Shape => ({ ...shape }));
  const terms = new ForkedMap(base.terms, (each: QueueTerms): QueueTerms => ({ ...each }));
  const { queueing, lines } = forkQueueing(base.queueing, terms, shapes);
  const workload = (record: WorkloadRecord): WorkloadRecord => ({
    ...record,
    // Workloads and the table of shapes point to the same copy.
    shape: shapes.get(record.shape.key) ?? record.shape,
    terms: terms.get(record.terms.key) ?? record.terms,
    line: record.line && lines.get(record.line),
    shares: record.shares.length === 0 ? NO_SHARES : record.shares.map(shareCopy),
  });
  return {
    position: base.position,
    epoch: base.epoch,
    clusters: new ForkedMap(base.clusters, clusterCopy),
    workloads: new ForkedMap(base.workloads, workload),
    namespaces: new ForkedMap(base.namespaces, namespaceCopy),
    dependencies: new ForkedMap(base.dependencies),
    orphans: new ForkedMap(base.orphans),
    workEpochs: new ForkedMap(base.workEpochs),
    columns: newResourceColumns(base.columns.names),
    policies: new ForkedMap(base.policies, (own) => new Map(own)),
    labelTexts: base.labelTexts,
    originTexts: base.originTexts,
    workloadTerms: forkWorkloadTerms(base.workloadTerms),
    queues: new ForkedMap(base.queues),
    priorityClasses: new ForkedMap(base.priorityClasses),
    queueing,
    shapes,
    terms,
    dependents: new ForkedMap(base.dependents, (uids) => new ForkedSet(uids)),
    undecided: new ForkedSet(base.undecided),
    waiting: new ForkedMap(base.waiting, groupCopy),
    unissued: new ForkedSet(base.unissued),
    releasable: new ForkedSet(base.releasable),
    moving: new ForkedSet(base.moving),
    rollouts: new ForkedSet(base.rollouts),
    rebalancing: new ForkedSet(base.rebalancing),
    balancing: new ForkedSet(base.balancing),
    stuck: new ForkedSet(base.stuck),
    displaced: new ForkedMap(base.displaced, (uids) => new ForkedSet(uids)),
    waits: { open: new ForkedMap(base.waits.open), ended: [...base.waits.ended] },
    deletedNamespaces: new ForkedSet(base.deletedNamespaces),
    improvedAt: base.improvedAt,
    topologyAt: base.topologyAt,
  };
}

const clusterCopy = (cluster: ClusterRecord): ClusterRecord => ({
  ...cluster,
  room: copyRoom(cluster.room),
  shares: new ForkedSet(cluster.shares),
});

const shareCopy = (share: Share): Share => ({
  ...share,
  carried: { ...share.carried },
  packing: [...share.packing],
});

const namespaceCopy = (namespace: NamespaceRecord): NamespaceRecord => ({
  ...namespace,
  clusters: new ForkedSet(namespace.clusters),
});

const groupCopy = (group: WaitingGroup): WaitingGroup => ({
  ...group,
  members: new ForkedMap(group.members),
  reasons: new Map(group.reasons),
  waitsIn: new Map(group.waitsIn),
});
