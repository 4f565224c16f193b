/** The step that keeps a sealed copy, one version after the last. */
import type { ClusterStep } from '@skyflow/contracts';
import type { EscrowKind, ProvisionedCluster } from '@skyflow/domain';
import type { EscrowKeys } from '../escrow/escrow-keys.js';
import { escrowName } from './escrow-name.js';

export function escrowed(
  cluster: ProvisionedCluster,
  what: EscrowKind,
  text: string,
  caFingerprint: string,
  keys: EscrowKeys,
  facts: { endpoint?: string } = {},
  version = (cluster.escrow[what]?.version ?? 0) + 1,
): ClusterStep {
  const { endpoint } = facts;
  return {
    type: 'Escrowed',
    what,
    version,
    caFingerprint,
    ...keys.seal(text, escrowName(cluster.ref.uid, what)),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
