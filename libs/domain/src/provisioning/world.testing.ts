/**
 * A world for tests of the state machine: clouds, hosts and a driver that do what intents say, answer late or not at all, and a provisioner
 * that is killed before or after anything it does. Everything is drawn from the numbers that it is given.
 */
import type {
  ClusterStep,
  Entry,
  FailureClass,
  MachineStep,
  ProvisionFailure,
  ProvisionSpec,
} from '@skyflow/contracts';
import { decideSteps, type Step } from './decide-steps.js';
import { evolveProvisioning } from './evolve.js';
import { cloudsOf } from './offers.js';
import { planCluster } from './plan.js';
import type { Intent } from './intents.js';
import { react } from './react.js';
import { type ProvisionedCluster, type ProvisioningState, initialProvisioning } from './state.js';

const PACE = { firstMs: 1_000, mostMs: 60_000, visibleWithinMs: 5_000 };
const HOST = 'this-host';
const PROVISIONER = 'sky.evt.provisioner';

export interface WorldOptions {
  spec: ProvisionSpec;
  /** 0 to 1 each; 0.99 for ever once they are used up, which is "all goes well". */
  draws: readonly number[];
  /** Share of effects that fail, and of moments at which the provisioner is killed. */
  trouble: number;
}

export class World {
  readonly entries: { entry: Entry; subject: string }[] = [];
  state: ProvisioningState = initialProvisioning();
  nowMs = 1_000_000;
  /** `uid/region` of clusters that have a key and a firewall there. */
  readonly ground = new Set<string>();
  /** Regions that have no machine for anybody. */
  readonly full = new Set<string>();
  /** Whatever is asked of a cloud ends with this. */
  readonly troubles = new Map<string, ProvisionFailure>();
  /** Machines that the cloud has, by name; with the token of their creation. */
  readonly cloud = new Map<string, { token: string; terminated: boolean }>();
  /** Hosts on which the driver has left something. */
  readonly dirty = new Set<string>();
  /** Driver processes that are alive. */
  processes = 0;
  most = 0;
  private drawn = 0;
  private authority = 0;

  constructor(private readonly options: WorldOptions) {
    this.append('ObjectCreated', 'sky.cmd.0', {
      object: {
        apiVersion: 'skyflow.io/v1',
        kind: 'Cluster',
        metadata: { name: 'prod', uid: 'u1-00000000', creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: { manager: 'k8', provision: options.spec },
      },
    });
  }

  get cluster(): ProvisionedCluster | undefined {
    return this.state.clusters.get('u1-00000000');
  }

  /** The cloud takes a machine back. */
  lose(name: string): void {
    this.cloud.delete(name);
    this.record([{ machine: name, step: { type: 'Lost', message: 'it is not listed any more' } }]);
  }

  delete(): void {
    const ref = { kind: 'Cluster', name: 'prod', uid: 'u1-00000000' };
    this.append('ObjectDeleted', 'sky.cmd.0', { ref });
    this.append('ObjectReleased', 'sky.evt.scheduler', { epoch: 1, ref });
  }

  change(spec: ProvisionSpec): void {
    this.append('ObjectUpdated', 'sky.cmd.0', {
      object: {
        apiVersion: 'skyflow.io/v1',
        kind: 'Cluster',
        metadata: { name: 'prod', uid: 'u1-00000000', creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: { manager: 'k8', provision: spec },
      },
      expect: 0,
    });
  }

  /** Acts until nothing is to be done any more; the number of acts. */
  settle(most = 3_000): number {
    for (let acts = 0; acts < most; acts++) if (!this.step()) return acts;
    return most;
  }

  /** One act. False: nothing is to be done, now or later. */
  step(): boolean {
    const { cluster } = this;
    if (cluster === undefined) return false;
    const { intents, wakeAtMs } = react(this.state, cluster, this.nowMs, PACE);
    const intent = intents[Math.floor(this.draw() * intents.length)] ?? intents[0];
    if (intent === undefined) {
      if (wakeAtMs === undefined || wakeAtMs === Number.POSITIVE_INFINITY) return false;
      this.nowMs = Math.max(this.nowMs + 1, wakeAtMs);
      return true;
    }
    this.nowMs += 100;
    const isKilledBefore = this.draw() < this.options.trouble / 3;
    if (isKilledBefore) return true;
    const steps = this.perform(cluster, intent);
    const isKilledAfter = this.draw() < this.options.trouble / 3;
    if (!isKilledAfter) this.record(steps);
    return true;
  }

  record(steps: readonly Step[]): void {
    const { cluster } = this;
    if (cluster === undefined) return;
    for (const { type, data } of decideSteps(cluster, steps, 1, this.nowMs)) this.append(type, PROVISIONER, data);
  }

  private append(type: Entry['type'], subject: string, data: object): void {
    const entry = { type, v: 1, at: this.nowMs, actor: 'test', corr: 'c', data } as unknown as Entry;
    this.entries.push({ entry: structuredClone(entry), subject });
    evolveProvisioning(this.state, entry, { position: this.entries.length, subject });
  }

  private draw(): number {
    return this.options.draws[this.drawn++] ?? 0.99;
  }

  private failure(...classes: FailureClass[]): ProvisionFailure | undefined {
    if (this.draw() >= this.options.trouble) return undefined;
    const cause = classes[Math.floor(this.draw() * classes.length)] ?? 'unknown';
    return { class: cause, message: `it failed (${cause})`, line: 'the line', advice: 'do something' };
  }

  private perform(cluster: ProvisionedCluster, intent: Intent): Step[] {
    switch (intent.do) {
      case 'record':
        return [
          ...intent.steps.map((step) => ({ step })),
          ...(intent.machines ?? []).map(({ name, step }) => ({ machine: name, step })),
        ];
      case 'plan':
        return [{ step: planCluster(this.state, cluster, offersTo(cluster), this.nowMs) }];
      case 'layGroundwork': {
        const failure = this.failure('network', 'auth', 'quota');
        if (failure === undefined || this.draw() < 0.5) this.ground.add(groundOf(cluster));
        return [
          { step: failure === undefined ? { type: 'GroundworkLaid', facts: {} } : { type: 'AttemptFailed', failure } },
        ];
      }
      case 'clearGroundwork': {
        const failure = this.failure('network');
        if (failure === undefined) this.ground.delete(groundOf(cluster));
        return [{ step: failure === undefined ? { type: 'GroundworkCleared' } : { type: 'AttemptFailed', failure } }];
      }
      case 'createMachine':
      case 'resolveMachine':
      case 'prepareMachine':
      case 'deleteMachine':
      case 'confirmDeletion':
        return [{ machine: intent.machine, step: this.machineStep(cluster, intent.machine, intent.do) }];
      case 'initialise':
        return this.initialise();
      case 'run':
        return this.run(cluster, intent);
      case 'recoverRun':
        this.processes = 0;
        return [{ step: ended(cluster.run?.run ?? 0, 'Unknown', INTERRUPTED) }];
      case 'verify': {
        const failure = this.failure('healthcheck', 'network');
        if (failure !== undefined) return [{ step: { type: 'AttemptFailed', failure } }];
        const nodes = cluster.plan?.machines.length ?? 0;
        return [{ step: { type: 'Activated', kubernetesVersion: 'v1.28.12', nodes, configSha256: 'c' } }];
      }
    }
  }

  private machineStep(cluster: ProvisionedCluster, name: string, act: Intent['do']): MachineStep {
    const machine = cluster.machines.get(name);
    if (machine === undefined) throw new Error(`no machine ${name}`);
    const isStatic = machine.driver === 'static';
    const trouble = this.troubles.get(machine.driver);
    switch (act) {
      case 'createMachine': {
        if (isStatic) return { type: 'Created', providerId: `ssh://${machine.host ?? ''}` };
        const failure = this.full.has(machine.offer?.region ?? '')
          ? NO_ROOM
          : (trouble ?? this.failure('capacity', 'quota', 'network'));
        if (failure !== undefined) return { type: 'CreateFailed', failure };
        if (this.cloud.get(name)?.token !== machine.token) {
          this.cloud.set(name, { token: machine.token, terminated: false });
        }
        if (!this.ground.has(`${cluster.ref.uid}/${machine.offer?.region ?? ''}`))
          throw new Error('a machine without groundwork');
        const isLost = this.draw() < this.options.trouble;
        return isLost ? { type: 'CreateUnknown', message: 'no answer' } : { type: 'Created', providerId: `i-${name}` };
      }
      case 'resolveMachine':
        return this.cloud.has(name)
          ? { type: 'Created', providerId: `i-${name}`, adopted: true }
          : { type: 'CreateRepeated' };
      case 'prepareMachine': {
        const failure = this.failure('host', 'docker', 'config', 'auth');
        return failure === undefined
          ? { type: 'Prepared', address: machine.host ?? '10.0.0.1', hostKey: 'k', facts: {} }
          : { type: 'HostFailed', failure };
      }
      case 'deleteMachine': {
        const failure = this.failure('network');
        if (failure !== undefined) return { type: 'DeleteFailed', failure };
        const there = this.cloud.get(name);
        if (there !== undefined) there.terminated = true;
        return { type: 'DeleteAccepted' };
      }
      default: {
        const there = this.cloud.get(name);
        if (there?.terminated === true) this.cloud.delete(name);
        return there === undefined || there.terminated
          ? { type: 'DeleteConfirmed' }
          : { type: 'DeleteFailed', failure: { class: 'unknown', message: 'still there', advice: '' } };
      }
    }
  }

  private initialise(): Step[] {
    const failure = this.failure('config', 'unknown');
    if (failure !== undefined) return [{ step: { type: 'AttemptFailed', failure } }];
    const caFingerprint = `ca-${String(++this.authority)}`;
    const copy = { version: 1, sha256: 's', caFingerprint, key: 'k', sealed: 'x' };
    const escrowed = (what: 'state' | 'kubeconfig'): { step: ClusterStep } => ({
      step: { type: 'Escrowed', what, ...copy },
    });
    const done: ClusterStep = { type: 'StateInitialised', caFingerprint, configSha256: 'c' };
    return [escrowed('state'), escrowed('kubeconfig'), { step: done }];
  }

  /** RunStarted is in the log before the process is there; the end may never be. */
  private run(cluster: ProvisionedCluster, intent: Extract<Intent, { do: 'run' }>): Step[] {
    const run = cluster.runCount + 1;
    const operation = cluster.operation?.type ?? (intent.command === 'remove' ? 'Delete' : 'Create');
    const started: ClusterStep = {
      type: 'RunStarted',
      run,
      operation,
      command: intent.command,
      configSha256: 'c',
      recovery: intent.recovery,
      host: HOST,
      deadlineMs: this.nowMs + 1,
    };
    this.record([{ step: started }]);
    this.processes++;
    this.most = Math.max(this.most, this.processes);
    for (const machine of cluster.machines.values()) {
      if (intent.command !== 'remove') this.dirty.add(machine.name);
    }
    if (this.draw() < this.options.trouble / 3) return [];
    this.record([{ step: { type: 'RunProgressed', run, stage: this.draw() < 0.5 ? 'etcd' : 'worker' } }]);
    this.processes--;
    const failure = this.failure('host', 'network', 'healthcheck', 'addon', 'stuckUpgrade', 'stalled', 'dangerous');
    if (failure !== undefined) return [{ step: ended(run, failure.class === 'host' ? 'Partial' : 'Failed', failure) }];
    if (intent.command === 'remove') this.dirty.clear();
    return [{ step: { type: 'RunEnded', run, outcome: 'Done' } }];
  }
}

const groundOf = ({ ref, groundwork }: ProvisionedCluster): string => `${ref.uid}/${groundwork?.region ?? ''}`;

const NO_ROOM: ProvisionFailure = { class: 'capacity', message: 'InsufficientInstanceCapacity', advice: 'wait' };

const INTERRUPTED: ProvisionFailure = { class: 'interrupted', message: 'killed', advice: 'none' };

const ended = (run: number, outcome: 'Failed' | 'Partial' | 'Unknown', failure: ProvisionFailure): ClusterStep => ({
  type: 'RunEnded',
  run,
  outcome,
  failure,
});

const offersTo = ({ spec }: ProvisionedCluster): typeof OFFERS => {
  const clouds: string[] = spec.cloud === undefined ? [] : cloudsOf(spec.cloud);
  return OFFERS.filter(({ provider }) => clouds.includes(provider));
};

export const OFFERS = [
  { provider: 'gcp', region: 'us-central1', zone: 'a', type: 'e2-standard-2', cpus: 2, memoryGiB: 8, hourly: 0.09 },
  { provider: 'gcp', region: 'europe-west1', zone: 'b', type: 'e2-standard-2', cpus: 2, memoryGiB: 8, hourly: 0.15 },
  { provider: 'aws', region: 'eu-west-1', zone: 'a', type: 'm5.large', cpus: 2, memoryGiB: 8, hourly: 0.1 },
  { provider: 'aws', region: 'eu-west-1', zone: 'b', type: 'm5.large', cpus: 2, memoryGiB: 8, hourly: 0.1 },
  { provider: 'aws', region: 'eu-west-1', zone: 'a', type: 'm5.xlarge', cpus: 4, memoryGiB: 16, hourly: 0.2 },
  { provider: 'aws', region: 'us-east-1', zone: 'a', type: 'm5.large', cpus: 2, memoryGiB: 8, hourly: 0.3 },
];
