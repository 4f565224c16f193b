/**
 * What pods take from each node, those that SkyFlow made apart from those of others; kept by adding and taking away, pod by pod.
 */
import type { NodeObservation, ResourceList } from '@skyflow/contracts';
import { addResources, subtractResources } from '@skyflow/domain';
import type { StoreChange } from '@skyflow/kube-client';
import type { KeptNode, KeptPod } from '../cluster/kept-objects.js';

/** Whose usage of a node a change of a pod changed. */
export type UsageChange = 'none' | 'own' | 'others';

type Sums = Map<string, ResourceList>;

export class NodeUsage {
  private readonly others: Sums = new Map();
  private readonly own: Sums = new Map();

  apply(change: StoreChange<KeptPod>): UsageChange {
    const before = change.type === 'added' ? undefined : change.previous;
    const after = change.type === 'deleted' ? undefined : change.object;
    if (sameTaking(before, after)) return 'none';
    this.count(before, subtractResources);
    this.count(after, addResources);
    // A pod that changed hands changes both; what others take is the one that is in the log.
    return before !== undefined && after !== undefined && before.isOwn !== after.isOwn
      ? 'others'
      : (after ?? before)?.isOwn === true
        ? 'own'
        : 'others';
  }

  /** Nodes by name, each with what others take from it. */
  observe(nodes: Iterable<KeptNode>): NodeObservation[] {
    return [...nodes]
      .map(({ observation }) => ({ ...observation, requestedByOthers: this.others.get(observation.name) ?? {} }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What SkyFlow's pods take, by node. */
  ownUsage(): ReadonlyMap<string, ResourceList> {
    return this.own;
  }

  private count(pod: KeptPod | undefined, operation: typeof addResources): void {
    if (pod?.takes === undefined || pod.nodeName === undefined) return;
    const sums = pod.isOwn === true ? this.own : this.others;
    const sum = operation(sums.get(pod.nodeName) ?? {}, pod.takes);
    const left = Object.entries(sum).filter(([, amount]) => amount > 0);
    if (left.length === 0) sums.delete(pod.nodeName);
    else sums.set(pod.nodeName, Object.fromEntries(left));
  }
}

function sameTaking(a: KeptPod | undefined, b: KeptPod | undefined): boolean {
  if (a?.takes === undefined && b?.takes === undefined) return true;
  return a?.nodeName === b?.nodeName && a?.isOwn === b?.isOwn && JSON.stringify(a?.takes) === JSON.stringify(b?.takes);
}
