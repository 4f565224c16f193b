/** A rented machine gets an address, boots, lets one in and has Docker; until then it is waited for, and after a while it is told for what. */
import { setTimeout as pause } from 'node:timers/promises';
import type { MachineStep } from '@skyflow/contracts';
import type { ProvisionedCluster, ProvisionMachine } from '@skyflow/domain';
import type { MachineContext, MachineDriver } from '../drivers/machine-driver.js';
import { ProvisionError } from '../provision-error.js';
import { prepareHost } from './prepare-host.js';

export interface RentedOptions {
  driver: MachineDriver;
  cluster: ProvisionedCluster;
  machine: ProvisionMachine;
  context: MachineContext;
  /** Of the private key. */
  keyFile: string;
  bootMs: number;
  /** Pause between looks. */
  lookMs: number;
  needsDocker: boolean;
}

/** What is so while a machine boots: sshd, the key in it, Docker come one after the other. */
const WHILE_IT_BOOTS: ReadonlySet<string> = new Set(['host', 'auth', 'docker', 'network']);
/** So many looks in vain, and it is told what is in the way. */
const LOOKS_UNTOLD = 8;

/** Prepared, or what it still waits for if that was not told before. @throws ProvisionError with what was in the way last. */
export async function prepareRented(options: RentedOptions): Promise<MachineStep> {
  const { driver, cluster, machine, context, keyFile, bootMs, lookMs, needsDocker } = options;
  const lateMs = machine.sinceMs + bootMs;
  for (let looks = 1; ; looks++) {
    try {
      const found = await driver.find(machine, context);
      if (found?.address === undefined) throw NO_ADDRESS;
      const { address, internalAddress, login } = found;
      const known: ProvisionMachine = {
        ...machine,
        address,
        ...(internalAddress === undefined ? {} : { internalAddress }),
        ...(login === undefined ? {} : { login }),
      };
      const machines = new Map(cluster.machines).set(machine.name, known);
      const prepared = await prepareHost({ ...cluster, machines }, known, { needsDocker, rentedKeyPath: keyFile });
      return { type: 'Prepared', ...prepared };
    } catch (error) {
      context.signal.throwIfAborted();
      const isBooting = error instanceof ProvisionError && WHILE_IT_BOOTS.has(error.failure.class);
      if (!isBooting) throw error;
      if (Date.now() > lateMs) throw lateOf(error, bootMs);
      const awaits = `it is not ready yet: ${error.message}`;
      if (looks >= LOOKS_UNTOLD && awaits !== machine.failure?.message) {
        return { type: 'Created', providerId: machine.providerId ?? '', awaits };
      }
    }
    await pause(lookMs, undefined, { signal: context.signal });
  }
}

const NO_ADDRESS = new ProvisionError('host', 'it has no address yet', 'look at it in the console of the cloud');

function lateOf({ failure }: ProvisionError, bootMs: number): ProvisionError {
  const message = `it was not ready within ${String(Math.round(bootMs / 1000))} s: ${failure.message}`;
  return new ProvisionError(
    'host',
    message,
    'look at its console output; SKYFLOW_PROVISION_BOOT_MS gives it more time',
  );
}
