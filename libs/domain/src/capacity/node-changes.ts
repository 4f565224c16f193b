/**
 * How the nodes of a cluster are told: whole while they are few; in pieces that a commit can hold, and from then on only what
 * changed, when they are many. Thousands of nodes with their labels are megabytes, and one of them changes every second.
 */
import type { EntryData, NodeObservation } from '@skyflow/contracts';
import { canonicalJson } from '../native/fingerprint.js';

export type NodeChanges = EntryData<'NodesObserved'>;
export type ClusterObservation = EntryData<'ClusterObserved'>;

/** What is to be told next of a cluster; undefined: nothing. Told until there is nothing more to tell. */
export type ClusterReport =
  { type: 'ClusterObserved'; data: ClusterObservation } | { type: 'NodesObserved'; data: NodeChanges } | undefined;

/** Clusters up to this size are always told whole: it costs little, and each entry can be read by itself. */
const FEW_NODES = 50;
/** Of the nodes in one entry, as JSON. */
const PIECE_BYTES = 256 * 1024;

/** `last` as the log has it, `next` as it is. Both with nodes sorted by name. */
export function nextClusterReport(last: ClusterObservation | undefined, next: ClusterObservation): ClusterReport {
  const few = next.nodes.length <= FEW_NODES;
  if (last === undefined) {
    return { type: 'ClusterObserved', data: { ...next, nodes: few ? next.nodes : fitting(next.nodes) } };
  }
  if (few) {
    const known = { ...last, keepsNodes: undefined };
    return canonicalJson(known) === canonicalJson(next) ? undefined : { type: 'ClusterObserved', data: next };
  }
  if (headOf(last) !== headOf(next)) {
    return { type: 'ClusterObserved', data: { ...next, nodes: [], keepsNodes: true } };
  }
  const changes = changesOf(last.nodes, next.nodes);
  return changes === undefined ? undefined : { type: 'NodesObserved', data: changes };
}

/** Everything known of a cluster after it was observed anew. */
export const withObservation = (
  last: ClusterObservation | undefined,
  { keepsNodes, ...next }: ClusterObservation,
): ClusterObservation => ({ ...next, nodes: keepsNodes === true ? (last?.nodes ?? []) : next.nodes });

/** The nodes after some of them changed, sorted by name. */
export function withNodeChanges(
  nodes: readonly NodeObservation[],
  { nodes: changed, removed }: NodeChanges,
): NodeObservation[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  for (const name of removed) byName.delete(name);
  for (const node of changed) byName.set(node.name, node);
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const headOf = ({ nodes: _nodes, keepsNodes: _keeps, ...head }: ClusterObservation): string => canonicalJson(head);

/** As many of the changes as one entry holds. */
function changesOf(before: readonly NodeObservation[], now: readonly NodeObservation[]): NodeChanges | undefined {
  const known = new Map(before.map((node) => [node.name, node]));
  const changed = now.filter((node) => {
    const old = known.get(node.name);
    known.delete(node.name);
    return old === undefined || canonicalJson(old) !== canonicalJson(node);
  });
  const removed = [...known.keys()];
  return changed.length === 0 && removed.length === 0 ? undefined : { nodes: fitting(changed), removed };
}

/** The first of the nodes that fit one entry; at least one. */
function fitting(nodes: readonly NodeObservation[]): NodeObservation[] {
  let bytes = 0;
  const end = nodes.findIndex((node) => (bytes += JSON.stringify(node).length) > PIECE_BYTES);
  return end < 0 ? [...nodes] : nodes.slice(0, Math.max(1, end));
}
