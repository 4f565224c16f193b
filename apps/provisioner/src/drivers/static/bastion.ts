/** The host that others are reached over. */
import type { ProvisionSpec } from '@skyflow/contracts';
import type { SshTarget } from './ssh-session.js';

export function bastionOf({ ssh }: Pick<ProvisionSpec, 'ssh'>): SshTarget | undefined {
  const { bastion, keyPath } = ssh ?? {};
  if (bastion === undefined) return undefined;
  return {
    address: bastion.address,
    port: bastion.port ?? 22,
    user: bastion.user,
    keyPath: bastion.keyPath ?? keyPath ?? '',
    hostKey: bastion.hostKey,
  };
}
