/**
 * Carries out what the state machine says, with the drivers; gives back the steps that came of it. Decides nothing. A driver's failure is a
 * step; only faults of ours are thrown.
 */
import { type Intent, type ProvisionedCluster, type ProvisioningState, type Step } from '@skyflow/domain';
import { failureOf } from '../provision-error.js';
import { factsOf, verifyCluster } from '../verify/verify-cluster.js';
import { type Append, type EffectsOptions, clusterDriverOf } from './effects-options.js';
import { DriverRuns } from './driver-runs.js';
import { driverCluster } from './driver-cluster.js';
import { escrowed } from './escrowed.js';
import { escrowName } from './escrow-name.js';
import { Planning } from './planning.js';
import { MachineEffects, machineDriverOf } from './machine-effects.js';
import { sshKeyStep } from './machine-keys.js';

export class Effects {
  private readonly runs: DriverRuns;
  private readonly machines: MachineEffects;
  private readonly planning: Planning;

  constructor(private readonly options: EffectsOptions) {
    this.runs = new DriverRuns(options);
    this.machines = new MachineEffects(options);
    this.planning = new Planning(options);
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
        if (intent.steps.some(({ type }) => type === 'Deleted' || type === 'Failed' || type === 'Stopped')) {
          await clusterDriverOf(this.options, cluster).forget(cluster.ref.uid);
          await this.options.machineKeys.forget(cluster.ref.uid);
        }
        return [...intent.steps.map((step): Step => ({ step })), ...machines];
      }
      case 'plan':
        return this.plan(state, cluster, signal);
      case 'layGroundwork':
      case 'clearGroundwork':
        return [await this.groundwork(state, cluster, intent.do, signal)];
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
        return this.machines.carryOut(state, cluster, intent, signal);
    }
  }

  private async plan(state: ProvisioningState, cluster: ProvisionedCluster, signal: AbortSignal): Promise<Step[]> {
    try {
      const step = await this.planning.plan(state, cluster, signal);
      // The key of machines is sealed with the plan, before any of them is asked for.
      const isRented = step.type === 'Planned' && cluster.spec.cloud !== undefined;
      return [{ step }, ...(isRented ? [{ step: sshKeyStep(cluster, this.options.keys()) }] : [])];
    } catch (error) {
      return [{ step: { type: 'AttemptFailed', failure: failureOf(error) } }];
    }
  }

  /** Each call may be repeated: what is there already is what was meant. */
  private async groundwork(
    state: ProvisioningState,
    cluster: ProvisionedCluster,
    act: 'layGroundwork' | 'clearGroundwork',
    signal: AbortSignal,
  ): Promise<Step> {
    const { groundwork } = cluster;
    if (groundwork === undefined) throw new Error(`${act} without a region`);
    try {
      const driver = machineDriverOf(this.options, groundwork.provider);
      const context = this.machines.context(state, cluster, signal);
      if (act === 'layGroundwork') {
        return { step: { type: 'GroundworkLaid', facts: await driver.layGroundwork(groundwork.region, context) } };
      }
      await driver.clearGroundwork(groundwork.region, context);
      return { step: { type: 'GroundworkCleared' } };
    } catch (error) {
      signal.throwIfAborted();
      return { step: { type: 'AttemptFailed', failure: failureOf(error) } };
    }
  }

  private async initialise(cluster: ProvisionedCluster): Promise<Step[]> {
    try {
      const keyFile = await this.options.machineKeys.fileOf(cluster);
      const made = await clusterDriverOf(this.options, cluster).initialise(driverCluster(cluster, keyFile));
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
}
