/** The state machine of clusters and machines as a fold of the log. */
import { type ProvisioningState, provisioningStateFold } from '@skyflow/domain';
import type { Fold } from '@skyflow/event-log';

export const provisioningFold: Fold<ProvisioningState> = provisioningStateFold;
