/** What a sealed copy is bound to: that of one cluster does not open as another's. */
import type { EscrowKind } from '@skyflow/domain';

export const escrowName = (uid: string, what: EscrowKind): string => `provisioned/${uid}/${what}`;
