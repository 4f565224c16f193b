/** The state machine of clusters and machines as a fold of the log. */
import {
  PROVISIONING_STATE_VERSION,
  type ProvisioningState,
  decodeProvisioning,
  encodeProvisioning,
  evolveProvisioning,
  initialProvisioning,
} from '@skyflow/domain';
import type { Fold } from '@skyflow/event-log';

export const provisioningFold: Fold<ProvisioningState> = {
  version: PROVISIONING_STATE_VERSION,
  initial: initialProvisioning,
  evolve: evolveProvisioning,
  encode: encodeProvisioning,
  decode: decodeProvisioning,
};
