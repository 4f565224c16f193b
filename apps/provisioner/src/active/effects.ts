/**
 * Carries out what the state machine says, with the drivers; gives back the steps that came of it. Decides nothing. A driver's failure is a
 * step; only faults of ours are thrown.
 */
import type { MachineStep } from '@skyflow/contracts';
import {
  type Intent,
  type ProvisionedCluster,
  type ProvisioningState,
  type ProvisionMachine,
  type Step,
  planCluster,
} from '@skyflow/domain';
import { type MachineDriver, UnknownOutcomeError } from '../drivers/machine-driver.js';
import { ProvisionError, failureOf } from '../provision-error.js';
import { factsOf, verifyCluster } from '../verify/verify-cluster.js';
import type { Append, EffectsOptions } from './effects-options.js';
import { DriverRuns } from './driver-runs.js';
import { driverCluster } from './driver-cluster.js';
import { escrowed } from './escrowed.js';
import { escrowName } from './escrow-name.js';
import { prepareHost } from './prepare-host.js';

export class Effects {
  private readonly runs: DriverRuns;

  constructor(private readonly options: EffectsOptions) {
    this.runs = new DriverRuns(options);
  }

  /** None: nothing could be said, ask again. */
  async carryOut(
    state: ProvisioningState,
    cluster: ProvisionedCluster,
    intent: Intent,
    append: Append,
    signal: AbortSignal,
  ): Promise<Step[]> {
    switch (intent.do) {
      case 'record': {
        const machines = (intent.machines ?? []).map(({ name, step }): Step => ({ machine: name, step }));
        if (intent.steps.some(({ type }) => type === 'Deleted' || type === 'Failed')) {
          await this.options.clusterDriver.forget(cluster.ref.uid);
        }
        return [...intent.steps.map((step): Step => ({ step })), ...machines];
      }
      case 'plan':
        return [await this.plan(state, cluster, signal)];
      case 'initialise':
        return this.initialise(cluster);
      case 'run':
        return this.runs.run(cluster, intent, append, signal);
      case 'recoverRun':
        return this.runs.recover(cluster);
      case 'verify':
        return [await this.verify(cluster, signal)];
      case 'createMachine':
      case 'resolveMachine':
      case 'prepareMachine':
      case 'deleteMachine':
      case 'confirmDeletion':
        return this.machine(cluster, intent.do, intent.machine, signal);
    }
  }

  /** What would make it impossible is found out here, before anything is made. */
  private async plan(state: ProvisioningState, cluster: ProvisionedCluster, signal: AbortSignal): Promise<Step> {
    try {
      this.options.keys();
      const { spec } = cluster;
      const { cloud } = spec;
      const offers = cloud === undefined ? [] : await this.machineDriver(cloud.provider).offers({ spec, signal });
      const step = planCluster(state, cluster, offers);
      if (step.type === 'Planned') {
        const { attempt, kubernetesVersion, podCidr, serviceCidr, machines } = step;
        const plan = { attempt, kubernetesVersion, podCidr, serviceCidr, machines, offers };
        await this.options.clusterDriver.check(driverCluster({ ...cluster, plan }));
      }
      return { step };
    } catch (error) {
      return { step: { type: 'AttemptFailed', failure: failureOf(error) } };
    }
  }

  private async initialise(cluster: ProvisionedCluster): Promise<Step[]> {
    try {
      const made = await this.options.clusterDriver.initialise(driverCluster(cluster));
      const keys = this.options.keys();
      const { caFingerprint, configSha256 } = made;
      return [
        { step: escrowed(cluster, 'state', made.state, caFingerprint, keys) },
        { step: escrowed(cluster, 'kubeconfig', made.kubeconfig, caFingerprint, keys, await factsOf(made.kubeconfig)) },
        { step: { type: 'StateInitialised', caFingerprint, configSha256 } },
      ];
    } catch (error) {
      return [{ step: { type: 'AttemptFailed', failure: failureOf(error) } }];
    }
  }

  private async verify(cluster: ProvisionedCluster, signal: AbortSignal): Promise<Step> {
    const { kubeconfig } = cluster.escrow;
    if (kubeconfig === undefined) throw new Error('a cluster without a sealed kubeconfig cannot be verified');
    const skipped = cluster.run?.ended?.hosts.length ?? 0;
    try {
      const seen = await verifyCluster({
        kubeconfig: this.options.keys().open(kubeconfig, escrowName(cluster.ref.uid, 'kubeconfig')),
        nodes: Math.max(1, (cluster.plan?.machines.length ?? 1) - skipped),
        withinMs: this.options.readyMs,
        signal,
      });
      return { step: { type: 'Activated', ...seen, configSha256: cluster.run?.configSha256 ?? '' } };
    } catch (error) {
      signal.throwIfAborted();
      return { step: { type: 'AttemptFailed', failure: failureOf(error) } };
    }
  }

  private async machine(
    cluster: ProvisionedCluster,
    act: 'createMachine' | 'resolveMachine' | 'prepareMachine' | 'deleteMachine' | 'confirmDeletion',
    name: string,
    signal: AbortSignal,
  ): Promise<Step[]> {
    const machine = cluster.machines.get(name);
    if (machine === undefined) return [];
    const context = { cluster: cluster.ref, spec: cluster.spec, signal };
    const steps = (step: MachineStep): Step[] => [{ machine: name, step }];
    try {
      const driver = this.machineDriver(machine.driver);
      switch (act) {
        case 'createMachine':
          return steps({ type: 'Created', ...(await driver.create(machine, context)) });
        case 'resolveMachine': {
          const found = await driver.find(machine, context);
          return steps(
            found === undefined
              ? { type: 'CreateFailed', failure: NOT_MADE }
              : { type: 'Created', ...found, adopted: true },
          );
        }
        case 'prepareMachine':
          return steps({ type: 'Prepared', ...(await prepareHost(cluster, machine)) });
        case 'deleteMachine':
          await driver.delete(machine, context);
          return steps({ type: 'DeleteAccepted' });
        case 'confirmDeletion':
          return steps(
            (await driver.isGone(machine, context))
              ? { type: 'DeleteConfirmed' }
              : { type: 'DeleteFailed', failure: STILL_THERE },
          );
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof UnknownOutcomeError) return steps({ type: 'CreateUnknown', message: error.message });
      const failure = failureOf(error);
      if (act === 'createMachine') return steps({ type: 'CreateFailed', failure });
      if (act === 'prepareMachine') return steps({ type: 'HostFailed', failure });
      if (act === 'resolveMachine') return [];
      return steps({ type: 'DeleteFailed', failure });
    }
  }

  private machineDriver(name: ProvisionMachine['driver']): MachineDriver {
    const driver = this.options.machineDrivers[name];
    if (driver !== undefined) return driver;
    const advice = 'it builds on machines that there are: skyctl create cluster NAME --provision --hosts FILE';
    throw new ProvisionError('config', `this provisioner cannot rent machines of ${name}`, advice);
  }
}

const NOT_MADE = {
  class: 'network',
  message: 'its creation had no answer, and it is not there',
  advice: 'it is asked for again',
} as const;

const STILL_THERE = {
  class: 'unknown',
  message: 'the provider still lists it after its deletion',
  advice: 'it is asked for again; if it stays, delete it at the provider',
} as const;
