/** Which networks a cluster has: as its operator says, else as its nodes do. What other clusters believe of addresses here rests on it. */
import type { EntryData } from '@skyflow/contracts';
import { mergedCidrs } from '@skyflow/domain';
import type { KeptNode } from '../cluster/kept-objects.js';

export type ClusterNetworks = EntryData<'GatewayObserved'>['networks'] & {};

/** As far as they are set: CIDRs. */
export interface GivenNetworks {
  pods: readonly string[];
  services: readonly string[];
}

export function clusterNetworks(
  nodes: Iterable<Pick<KeptNode, 'podCidrs' | 'addresses'>>,
  given: GivenNetworks,
): ClusterNetworks {
  const all = [...nodes];
  const pods = given.pods.length > 0 ? given.pods : all.flatMap(({ podCidrs }) => podCidrs);
  const addresses = all.flatMap((node) => node.addresses);
  return {
    pods: mergedCidrs(pods),
    services: mergedCidrs(given.services),
    nodes: mergedCidrs(addresses.map((address) => `${address}/${address.includes(':') ? 128 : 32}`)),
  };
}
