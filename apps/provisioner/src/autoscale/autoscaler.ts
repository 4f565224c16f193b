/**
 * Machines and clusters on demand: looks every few seconds which waiting work more machines of a cluster, or a cluster that is stopped, would
 * admit, asked from the scheduler, which tries it on a fork of its state; and on which machines nothing runs, asked from the cluster. What it
 * wants is a step in the log; the state machine does it. Of what cannot be asked nothing is decided.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  type IdleMachine,
  type ProvisionedCluster,
  type ProvisioningState,
  type Step,
  clusterToStart,
  comingNodes,
  decideSteps,
  fewestFor,
  grown,
  isScalable,
  mayStart,
  mostAdded,
  shrunk,
} from '@skyflow/domain';
import type { DeciderParts, ServiceContext } from '@skyflow/service';
import { escrowName } from '../active/escrow-name.js';
import { appendDecided } from '../active/own-entries.js';
import type { EscrowKeys } from '../escrow/escrow-keys.js';
import type { AgentsHeard } from './agents-heard.js';
import type { SchedulerAnswers } from './ask-scheduler.js';
import { type NodeUse, readUse, setUnschedulable, shapeOfNew } from './node-use.js';
import { Stops } from './stops.js';

export interface AutoscalerOptions extends Pick<DeciderParts<ProvisioningState>, 'projection' | 'writer'> {
  context: Pick<ServiceContext, 'logger'>;
  keys: () => EscrowKeys;
  scheduler: SchedulerAnswers;
  agents: Pick<AgentsHeard, 'of'>;
  everyMs: number;
  epoch: number;
}

/** Looks at what a new machine brings before more are asked for: its agent has to report it, the scheduler to use it. */
const SETTLE_LOOKS = 3;

export class Autoscaler {
  /** By uid and machine: since when a node has had nothing to do, ms. */
  private readonly idle = new Map<string, number>();
  /** Clusters for which machines, or which themselves, would have helped at the last look. */
  private readonly asked = new Set<string>();
  private readonly stops: Stops;
  private readonly settleMs: number;

  constructor(private readonly options: AutoscalerOptions) {
    this.stops = new Stops(options.scheduler, options.agents);
    this.settleMs = SETTLE_LOOKS * options.everyMs;
  }

  /** Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { projection, everyMs } = this.options;
    while (!signal.aborted) {
      for (const cluster of cheapestFirst(projection.state)) {
        await this.attempt(cluster.ref.name, signal, () => this.look(structuredClone(cluster), signal));
      }
      await this.attempt('*', signal, () => this.start());
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async attempt(cluster: string, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (signal.aborted) return;
      this.options.context.logger.warn({ err: error, cluster }, 'nothing is decided on its number of machines');
    }
  }

  private async look(cluster: ProvisionedCluster, signal: AbortSignal): Promise<void> {
    const { keys, projection } = this.options;
    const { uid } = cluster.ref;
    const { kubeconfig } = cluster.escrow;
    const isStopping = cluster.phase === 'Stopping' && cluster.stop?.confirmed === false;
    if ((!isScalable(cluster) && !isStopping) || kubeconfig === undefined) {
      if (cluster.phase === 'Active') this.asked.delete(uid);
      return;
    }
    const text = keys().open(kubeconfig, escrowName(uid, 'kubeconfig'));
    const seen = await readUse(text, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      return error instanceof Error ? error : new Error(String(error));
    });
    this.stops.note(cluster, seen instanceof Error ? undefined : seen);
    const stop = isStopping
      ? await this.stops.verdict(cluster, seen, projection.state.position)
      : await this.stops.due(cluster, seen, projection.state.position);
    if (stop !== undefined) {
      await this.append(uid, { step: stop });
      return;
    }
    if (seen instanceof Error) throw seen;
    if (!isStopping) await this.fit(cluster, seen.nodes, text, signal);
  }

  /** More machines, or fewer. */
  private async fit(
    cluster: ProvisionedCluster,
    nodes: readonly NodeUse[],
    kubeconfig: string,
    signal: AbortSignal,
  ): Promise<void> {
    const idle = this.idleOf(cluster, nodes);
    const isSettled = Date.now() >= (cluster.active?.atMs ?? 0) + this.settleMs;
    if (isSettled && (await this.grow(cluster, nodes))) return;
    const step = shrunk(cluster, idle, Date.now());
    if (step === undefined) return;
    // What comes between the look and this is seen: nothing comes after it.
    await setUnschedulable(kubeconfig, step.remove, true, signal);
    const again = this.idleOf(cluster, (await readUse(kubeconfig, signal)).nodes).map(({ machine }) => machine);
    if (step.remove.every((machine) => again.includes(machine))) await this.append(cluster.ref.uid, { step });
    else await setUnschedulable(kubeconfig, step.remove, false, signal);
  }

  /** True: more machines are asked for. Only what two looks in a row have found is believed. */
  private async grow(cluster: ProvisionedCluster, nodes: readonly NodeUse[]): Promise<boolean> {
    const { scheduler, projection } = this.options;
    const { uid, name } = cluster.ref;
    const allocatable = shapeOfNew(nodes);
    const most = allocatable === undefined ? 0 : mostAdded(cluster);
    if (allocatable === undefined || most === 0) return false;
    const coming = comingNodes(projection.state, Date.now(), this.settleMs);
    const anyway = coming.length === 0 ? 0 : await scheduler.placedWith(coming);
    let replicas = 0;
    const count = await fewestFor(most, async (added) => {
      const gain = (await scheduler.placedWith([...coming, { cluster: name, count: added, allocatable }])) - anyway;
      replicas = Math.max(replicas, gain);
      return Math.max(0, gain);
    });
    if (!this.isBelieved(uid, count > 0)) return count > 0;
    await this.append(uid, { step: grown(cluster, count, replicas) });
    return true;
  }

  /** A cluster that is not there, for work that nothing else would admit. */
  private async start(): Promise<void> {
    const { scheduler, projection } = this.options;
    const nowMs = Date.now();
    const found = await clusterToStart(projection.state, { nowMs, settleMs: this.settleMs }, (nodes) =>
      scheduler.placedWith(nodes),
    );
    for (const { ref, phase } of projection.state.clusters.values()) {
      if (phase === 'Stopped' && ref.uid !== found?.cluster.ref.uid) this.asked.delete(ref.uid);
    }
    if (found === undefined || !this.isBelieved(found.cluster.ref.uid, true)) return;
    await this.append(found.cluster.ref.uid, { step: found.step });
  }

  /** Whether it was so at the last look, too. */
  private isBelieved(uid: string, isSo: boolean): boolean {
    const wasSo = this.asked.delete(uid);
    if (isSo && !wasSo) this.asked.add(uid);
    return isSo && wasSo;
  }

  private idleOf({ ref, plan }: ProvisionedCluster, nodes: readonly NodeUse[]): IdleMachine[] {
    const nowMs = Date.now();
    return (plan?.machines ?? []).flatMap(({ name }) => {
      const key = `${ref.uid}/${name}`;
      if (nodes.find((node) => node.name === name)?.isIdle !== true) {
        this.idle.delete(key);
        return [];
      }
      const sinceMs = this.idle.get(key) ?? nowMs;
      this.idle.set(key, sinceMs);
      return [{ machine: name, sinceMs }];
    });
  }

  /** @throws NewerEpochError */
  private async append(uid: string, step: Step): Promise<void> {
    await appendDecided(this.options, ({ clusters }, nowMs) => {
      const cluster = clusters.get(uid);
      const isStill =
        cluster !== undefined && (isScalable(cluster) || mayStart(cluster, nowMs) || cluster.phase === 'Stopping');
      return isStill ? decideSteps(cluster, [step], this.options.epoch, nowMs) : [];
    });
  }
}

/** What one more machine costs. */
const hourlyOf = ({ plan }: ProvisionedCluster): number => plan?.machines[0]?.offer?.hourly ?? 0;

const cheapestFirst = ({ clusters }: ProvisioningState): ProvisionedCluster[] =>
  [...clusters.values()]
    .filter(({ spec }) => spec.cloud?.autoscale !== undefined)
    .sort((a, b) => hourlyOf(a) - hourlyOf(b) || (a.ref.uid < b.ref.uid ? -1 : 1));
