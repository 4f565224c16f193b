/** What carrying out needs. */
import type { ProvisionMachine, Step } from '@skyflow/domain';
import type { ClusterDriver } from '../drivers/cluster-driver.js';
import type { MachineDriver } from '../drivers/machine-driver.js';
import type { EscrowKeys } from '../escrow/escrow-keys.js';

export interface EffectsOptions {
  clusterDriver: ClusterDriver;
  machineDrivers: Partial<Record<ProvisionMachine['driver'], MachineDriver>>;
  keys: () => EscrowKeys;
  /** Name of this machine: driver processes on another one are not ours to end. */
  host: string;
  readyMs: number;
  runMs: number;
}

/** Resolves when the steps are in the log. */
export type Append = (...steps: Step[]) => Promise<void>;
