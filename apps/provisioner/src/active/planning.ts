/** What a cluster would be made of: offers of its clouds, address ranges, and whether its driver can do it. Makes nothing. */
import type { ClusterStep } from '@skyflow/contracts';
import { type ProvisionedCluster, type ProvisioningState, planCluster } from '@skyflow/domain';
import { driverCluster } from './driver-cluster.js';
import { type EffectsOptions, clusterDriverOf } from './effects-options.js';
import { offersOfClouds } from './offers-of-clouds.js';

export type Planned = Extract<ClusterStep, { type: 'Planned' | 'Failed' }>;

export class Planning {
  constructor(private readonly options: EffectsOptions) {}

  /** What would make it impossible is found out here, before anything is made. @throws ProvisionError */
  async plan(state: ProvisioningState, cluster: ProvisionedCluster, signal: AbortSignal): Promise<Planned> {
    const { keys, machineKeys } = this.options;
    keys();
    const { spec, ref } = cluster;
    const { offers, leftOut } = await offersOfClouds(this.options, spec, signal);
    const step = planCluster(state, cluster, offers, Date.now(), leftOut);
    if (step.type === 'Failed') return step;
    const { attempt, kubernetesVersion, podCidr, serviceCidr, machines } = step;
    const plan = { attempt, kubernetesVersion, podCidr, serviceCidr, machines, offers };
    await clusterDriverOf(this.options, cluster).check(
      driverCluster({ ...cluster, plan }, machineKeys.pathOf(ref.uid)),
    );
    return step;
  }
}
