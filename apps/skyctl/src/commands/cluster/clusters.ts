/** Clusters by name, and changes of their spec. */
import type { Cluster } from '@skyflow/contracts';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { CLUSTER, objectPath } from '../../gateway/kinds.js';
import { getObject } from '../../gateway/listing.js';
import { FIELD_MANAGER } from '../create/submit.js';

/** All of them, before anything is changed: a wrong name changes nothing. @throws CliError for one that is not there. */
export async function clustersNamed(gateway: GatewayClient, names: readonly string[]): Promise<Cluster[]> {
  const clusters: Cluster[] = [];
  for (const name of new Set(names)) clusters.push((await getObject(gateway, CLUSTER, undefined, name)) as Cluster);
  return clusters;
}

export async function patchSpec(gateway: GatewayClient, name: string, spec: Record<string, unknown>): Promise<void> {
  await gateway.json({
    method: 'PATCH',
    path: objectPath(CLUSTER, undefined, name),
    query: { fieldManager: FIELD_MANAGER },
    contentType: 'application/merge-patch+json',
    body: { spec },
  });
}
