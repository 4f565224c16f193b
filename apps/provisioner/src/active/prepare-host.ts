/** A machine is reached, its key pinned, and looked at. */
import type { MachineStep } from '@skyflow/contracts';
import { type ProvisionedCluster, type ProvisionMachine, hostKeyOf } from '@skyflow/domain';
import { bastionOf } from '../drivers/static/bastion.js';
import { preflight } from '../drivers/static/preflight.js';
import { SshSession, type SshTarget } from '../drivers/static/ssh-session.js';
import { driverCluster } from './driver-cluster.js';

type Prepared = Omit<Extract<MachineStep, { type: 'Prepared' }>, 'type'>;

/** @throws ProvisionError naming what is in the way. */
export async function prepareHost(
  cluster: ProvisionedCluster,
  machine: ProvisionMachine,
  options: { needsDocker: boolean; rentedKeyPath?: string },
): Promise<Prepared> {
  const { spec } = cluster;
  const node = driverCluster(cluster, options.rentedKeyPath).nodes.find(({ name }) => name === machine.name);
  if (node === undefined) throw new Error(`machine ${machine.name} is not in the plan`);
  const host = spec.hosts?.find((each) => hostKeyOf(each) === machine.host);
  const target: SshTarget = { ...node, hostKey: host?.hostKey ?? machine.hostKey };
  await using session = await SshSession.open(target, bastionOf(spec));
  const facts = await preflight(session, {
    roles: machine.roles,
    needsDocker: options.needsDocker,
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
