/**
 * Room that is kept for the first of a queue that finds none, so that those behind it fill only what it cannot use ("back-fill that
 * never delays the head"). It is kept on the nodes that lack least for it; as nobody else is placed there meanwhile, what they lack
 * only gets less, and the choice stays, until it fits. Nodes are chosen by the cluster's own scheduler: what it would put on such a node is
 * not given to the cluster (`countFitsBeside`).
 */
import type { Candidate } from '../pipeline/shape-view.js';
import { fitsOnEmptyNode, leftOnNode } from '../room.js';
import { type RoundCluster, type RoundTable, keep } from '../round-table.js';
import { type Shape, maskOf } from '../shape.js';

interface Place {
  cluster: RoundCluster;
  /** Nodes where a replica fits when they are empty. */
  mask: Uint8Array;
  replicas: number;
  /** The scarcest share that the best node is left with; negative: it lacks so much. */
  left: number;
}

/**
 * Keeps room for `replicas`, where they would fit on an empty cluster; `onOne`: on one cluster only.
 * @param candidates up to date, without those that the workload may not use. Returns the clusters on which room is kept.
 */
export function keepRoom(
  table: RoundTable,
  shape: Shape,
  candidates: readonly Candidate[],
  replicas: number,
  onOne: boolean,
): RoundCluster[] {
  const places = candidates
    .flatMap(({ cluster }) => placeOn(cluster, shape) ?? [])
    .filter((place) => !onOne || place.replicas >= replicas);
  // What could not be placed if nothing else ran would keep the room from all others for ever.
  if (places.reduce((sum, place) => sum + place.replicas, 0) < replicas) return [];
  places.sort((a, b) => b.left - a.left || a.cluster.index - b.cluster.index);
  const kept: RoundCluster[] = [];
  let wanted = replicas;
  for (const { cluster, mask, replicas: most } of places) {
    if (wanted <= 0) break;
    const here = Math.min(most, wanted);
    keep(table, cluster, shape, here, mask);
    kept.push(cluster);
    wanted -= here;
  }
  return kept;
}

function placeOn(cluster: RoundCluster, shape: Shape): Place | undefined {
  const { room } = cluster;
  const { layout } = room;
  const allowed = maskOf(shape, layout);
  const mask = new Uint8Array(layout.nodes.length);
  let left = Number.NEGATIVE_INFINITY;
  let replicas = 0;
  for (let node = 0; node < mask.length; node++) {
    if (allowed !== undefined && allowed[node] === 0) continue;
    const most = fitsOnEmptyNode(layout, shape.request, node);
    if (most === 0) continue;
    mask[node] = 1;
    replicas += most;
    left = Math.max(left, leftOnNode(room, shape.request, node));
  }
  return replicas === 0 ? undefined : { cluster, mask, replicas, left };
}
