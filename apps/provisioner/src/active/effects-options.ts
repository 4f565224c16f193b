/** What carrying out needs. */
import type { ClusterDriver as ClusterDriverName } from '@skyflow/contracts';
import type { ProvisionedCluster, ProvisionMachine, Step } from '@skyflow/domain';
import type { ClusterDriver } from '../drivers/cluster-driver.js';
import type { MachineDriver } from '../drivers/machine-driver.js';
import type { EscrowKeys } from '../escrow/escrow-keys.js';
import type { MachineKeys } from './machine-keys.js';

export interface EffectsOptions {
  clusterDrivers: Record<ClusterDriverName, ClusterDriver>;
  machineDrivers: Partial<Record<ProvisionMachine['driver'], MachineDriver>>;
  keys: () => EscrowKeys;
  machineKeys: MachineKeys;
  /** Name of this machine: driver processes on another one are not ours to end. */
  host: string;
  readyMs: number;
  /** For so long a rented machine may take until one can log in and Docker answers. */
  bootMs: number;
  /** Pause between looks at a machine that boots. */
  lookMs: number;
  runMs: number;
}

/** That which makes Kubernetes of this cluster. */
export const clusterDriverOf = (
  { clusterDrivers }: Pick<EffectsOptions, 'clusterDrivers'>,
  { spec }: Pick<ProvisionedCluster, 'spec'>,
): ClusterDriver => clusterDrivers[spec.driver ?? 'rke'];

/** Resolves when the steps are in the log. */
export type Append = (...steps: Step[]) => Promise<void>;
