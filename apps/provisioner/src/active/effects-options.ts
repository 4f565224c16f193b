/** What carrying out needs. */
import type { ProvisionMachine, Step } from '@skyflow/domain';
import type { ClusterDriver } from '../drivers/cluster-driver.js';
import type { MachineDriver } from '../drivers/machine-driver.js';
import type { EscrowKeys } from '../escrow/escrow-keys.js';
import type { MachineKeys } from './machine-keys.js';

export interface EffectsOptions {
  clusterDriver: ClusterDriver;
  machineDrivers: Partial<Record<ProvisionMachine['driver'], MachineDriver>>;
  keys: () => EscrowKeys;
  machineKeys: MachineKeys;
  /** Name of this machine: driver processes on another one are not ours to end. */
  host: string;
  readyMs: number;
  /** For so long a rented machine may take until one can log in and Docker answers. */
  bootMs: number;
  runMs: number;
}

/** Resolves when the steps are in the log. */
export type Append = (...steps: Step[]) => Promise<void>;
