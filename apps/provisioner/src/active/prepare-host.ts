/** A machine is reached, its key pinned, and looked at. */
import type { MachineStep } from '@skyflow/contracts';
import { type ProvisionedCluster, type ProvisionMachine, hostKeyOf } from '@skyflow/domain';
import { preflight } from '../drivers/static/preflight.js';
import { SshSession, type SshTarget } from '../drivers/static/ssh-session.js';
import { driverCluster } from './driver-cluster.js';

type Prepared = Omit<Extract<MachineStep, { type: 'Prepared' }>, 'type'>;

/** @throws ProvisionError naming what is in the way. */
export async function prepareHost(
  cluster: ProvisionedCluster,
  machine: ProvisionMachine,
  rentedKeyPath = '',
): Promise<Prepared> {
  const { spec } = cluster;
  const node = driverCluster(cluster, rentedKeyPath).nodes.find(({ name }) => name === machine.name);
  if (node === undefined) throw new Error(`machine ${machine.name} is not in the plan`);
  const host = spec.hosts?.find((each) => hostKeyOf(each) === machine.host);
  const target: SshTarget = { ...node, hostKey: host?.hostKey ?? machine.hostKey };
  await using session = await SshSession.open(target, bastionOf(cluster));
  const facts = await preflight(session, {
    roles: machine.roles,
    nowMs: () => Date.now(),
    ...(node.dockerSocket === undefined ? {} : { dockerSocket: node.dockerSocket }),
  });
  const { address, internalAddress } = node;
  return {
    address,
    ...(internalAddress === undefined ? {} : { internalAddress }),
    hostKey: session.hostKey,
    facts,
  };
}

function bastionOf({ spec }: ProvisionedCluster): SshTarget | undefined {
  const { bastion, keyPath } = spec.ssh ?? {};
  if (bastion === undefined) return undefined;
  return {
    address: bastion.address,
    port: bastion.port ?? 22,
    user: bastion.user,
    keyPath: bastion.keyPath ?? keyPath ?? '',
    hostKey: bastion.hostKey,
  };
}
