/** What pods that SkyFlow did not make take from each node; kept by adding and taking away, pod by pod. */
import type { NodeObservation, ResourceList } from '@skyflow/contracts';
import { addResources, subtractResources } from '@skyflow/domain';
import type { StoreChange } from '@skyflow/kube-client';
import type { KeptNode, KeptPod } from '../cluster/kept-objects.js';

export class NodeUsage {
  private readonly taken = new Map<string, ResourceList>();

  /** True when the usage of a node changed. */
  apply(change: StoreChange<KeptPod>): boolean {
    const before = change.type === 'added' ? undefined : change.previous;
    const after = change.type === 'deleted' ? undefined : change.object;
    if (sameTaking(before, after)) return false;
    if (before?.takes !== undefined) this.add(before.nodeName, before.takes, subtractResources);
    if (after?.takes !== undefined) this.add(after.nodeName, after.takes, addResources);
    return true;
  }

  /** Nodes by name, each with what others take from it. */
  observe(nodes: Iterable<KeptNode>): NodeObservation[] {
    return [...nodes]
      .map(({ observation }) => ({ ...observation, requestedByOthers: this.taken.get(observation.name) ?? {} }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private add(node: string | undefined, amounts: ResourceList, operation: typeof addResources): void {
    if (node === undefined) return;
    const sum = operation(this.taken.get(node) ?? {}, amounts);
    const left = Object.entries(sum).filter(([, amount]) => amount > 0);
    if (left.length === 0) this.taken.delete(node);
    else this.taken.set(node, Object.fromEntries(left));
  }
}

function sameTaking(a: KeptPod | undefined, b: KeptPod | undefined): boolean {
  if (a?.takes === undefined && b?.takes === undefined) return true;
  return a?.nodeName === b?.nodeName && JSON.stringify(a?.takes) === JSON.stringify(b?.takes);
}
