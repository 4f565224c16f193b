/** Carries out what the state machine says of machines; gives back the steps that came of it. */
import type { MachineDriver as DriverName, MachineStep } from '@skyflow/contracts';
import type { Intent, ProvisionedCluster, ProvisioningState, ProvisionMachine, Step } from '@skyflow/domain';
import { type MachineContext, type MachineDriver, UnknownOutcomeError } from '../drivers/machine-driver.js';
import { ProvisionError, failureOf } from '../provision-error.js';
import { type EffectsOptions, clusterDriverOf } from './effects-options.js';
import { prepareHost } from './prepare-host.js';
import { prepareRented } from './prepare-rented.js';

type MachineIntent = Extract<Intent, { machine: string }>;

/** @throws ProvisionError naming what there is. */
export function machineDriverOf(
  { machineDrivers }: Pick<EffectsOptions, 'machineDrivers'>,
  name: DriverName,
): MachineDriver {
  const driver = machineDrivers[name];
  if (driver !== undefined) return driver;
  const there = Object.keys(machineDrivers).join(', ');
  const advice = 'machines that you have are used like this: skyctl create cluster NAME --provision --hosts FILE';
  throw new ProvisionError('config', `this provisioner has no machines of ${name}; there are ${there}`, advice);
}

export class MachineEffects {
  constructor(private readonly options: EffectsOptions) {}

  context(state: ProvisioningState, cluster: ProvisionedCluster, signal: AbortSignal): MachineContext {
    return {
      cluster: { name: cluster.ref.name, uid: cluster.ref.uid },
      owner: state.installation,
      spec: cluster.spec,
      groundwork: cluster.groundwork?.facts ?? {},
      publicKey: () => this.options.machineKeys.publicKeyOf(cluster),
      signal,
    };
  }

  /** None: nothing can be said yet, ask again. */
  async carryOut(
    state: ProvisioningState,
    cluster: ProvisionedCluster,
    intent: MachineIntent,
    signal: AbortSignal,
  ): Promise<Step[]> {
    const machine = cluster.machines.get(intent.machine);
    if (machine === undefined) return [];
    const steps = (step: MachineStep): Step[] => [{ machine: machine.name, step }];
    try {
      const step = await this.act(intent, machine, cluster, this.context(state, cluster, signal));
      return step === undefined ? [] : steps(step);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof UnknownOutcomeError) return steps({ type: 'CreateUnknown', message: error.message });
      const failure = failureOf(error);
      if (intent.do === 'createMachine') return steps({ type: 'CreateFailed', failure });
      if (intent.do === 'prepareMachine') return steps({ type: 'HostFailed', failure });
      if (intent.do === 'resolveMachine') return [];
      return steps({ type: 'DeleteFailed', failure });
    }
  }

  private async act(
    intent: MachineIntent,
    machine: ProvisionMachine,
    cluster: ProvisionedCluster,
    context: MachineContext,
  ): Promise<MachineStep | undefined> {
    const driver = machineDriverOf(this.options, machine.driver);
    switch (intent.do) {
      case 'createMachine':
        return { type: 'Created', ...(await driver.create(machine, context)) };
      case 'resolveMachine': {
        const found = await driver.find(machine, context);
        if (found !== undefined) return { type: 'Created', ...found, adopted: true };
        return intent.isLast === true ? { type: 'CreateRepeated' } : undefined;
      }
      case 'prepareMachine': {
        const { needsDocker } = clusterDriverOf(this.options, cluster);
        if (machine.driver === 'static')
          return { type: 'Prepared', ...(await prepareHost(cluster, machine, { needsDocker })) };
        const keyFile = await this.options.machineKeys.fileOf(cluster);
        const { bootMs, lookMs } = this.options;
        return await prepareRented({ driver, cluster, machine, context, keyFile, bootMs, lookMs, needsDocker });
      }
      case 'deleteMachine':
        await driver.delete(machine, context);
        return { type: 'DeleteAccepted' };
      case 'confirmDeletion':
        return (await driver.isGone(machine, context))
          ? { type: 'DeleteConfirmed' }
          : { type: 'DeleteFailed', failure: STILL_THERE };
    }
  }
}

const STILL_THERE = {
  class: 'unknown',
  message: 'it was told to end and is still listed',
  advice: 'nothing: it is told again, and looked for until it is gone',
} as const;
