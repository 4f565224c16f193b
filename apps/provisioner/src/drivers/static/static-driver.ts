/** Machines that are there already: nothing is made and nothing is ended, a host is only taken into use and let go. */
import type { ProvisionMachine } from '@skyflow/domain';
import type { CreatedMachine, MachineDriver } from '../machine-driver.js';

export class StaticDriver implements MachineDriver {
  offers(): Promise<[]> {
    return Promise.resolve([]);
  }

  layGroundwork(): Promise<Record<string, string>> {
    return Promise.resolve({});
  }

  clearGroundwork(): Promise<void> {
    return Promise.resolve();
  }

  create(machine: ProvisionMachine): Promise<CreatedMachine> {
    return Promise.resolve({ providerId: `ssh://${machine.host ?? ''}` });
  }

  find(machine: ProvisionMachine): Promise<CreatedMachine> {
    return this.create(machine);
  }

  regions(): readonly string[] {
    return [];
  }

  list(): Promise<[]> {
    return Promise.resolve([]);
  }

  endOrphan(): Promise<void> {
    return Promise.resolve();
  }

  /** What Kubernetes left on it was taken away before, by the driver of the cluster. */
  delete(): Promise<void> {
    return Promise.resolve();
  }

  isGone(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
