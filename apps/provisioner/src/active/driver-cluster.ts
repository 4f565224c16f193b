/** A cluster as its driver sees it: planned machines, with what is known of how to reach them. */
import { type ProvisionedCluster, hostKeyOf } from '@skyflow/domain';
import type { DriverCluster, DriverNode } from '../drivers/cluster-driver.js';

const SSH_PORT = 22;
/** Until an image has said how one gets into it. */
const CLOUD_USER = 'ubuntu';

/** @param rentedKeyPath file of the private key of machines that are rented. */
export function driverCluster(cluster: ProvisionedCluster, rentedKeyPath = ''): DriverCluster {
  const { ref, spec, plan } = cluster;
  if (plan === undefined) throw new Error(`cluster ${ref.name} has no plan`);
  return {
    name: ref.name,
    uid: ref.uid,
    spec,
    kubernetesVersion: plan.kubernetesVersion,
    podCidr: plan.podCidr,
    serviceCidr: plan.serviceCidr,
    nodes: plan.machines.map((machine): DriverNode => {
      const host = spec.hosts?.find((each) => hostKeyOf(each) === machine.host);
      const known = cluster.machines.get(machine.name);
      const internalAddress = host?.internalAddress ?? known?.internalAddress;
      const hostKey = host?.hostKey ?? known?.hostKey;
      const login = known?.login;
      const dockerSocket = host?.dockerSocket ?? login?.dockerSocket;
      return {
        name: machine.name,
        address: host?.address ?? known?.address ?? machine.name,
        ...(hostKey === undefined ? {} : { hostKey }),
        port: host?.port ?? login?.port ?? SSH_PORT,
        ...(internalAddress === undefined ? {} : { internalAddress }),
        user: host?.user ?? login?.user ?? CLOUD_USER,
        keyPath: host === undefined ? rentedKeyPath : (host.keyPath ?? spec.ssh?.keyPath ?? ''),
        roles: machine.roles,
        labels: host?.labels ?? {},
        ...(dockerSocket === undefined ? {} : { dockerSocket }),
      };
    }),
  };
}
