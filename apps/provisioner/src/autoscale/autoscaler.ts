/**
 * Machines on demand: looks every few seconds which waiting work more machines of a cluster would admit, asked from the scheduler, which tries
 * it on a fork of its state; and on which machines nothing runs, asked from the cluster. What it wants is a step in the log; the state
 * machine does it. Of what cannot be asked nothing is decided.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  type IdleMachine,
  type ProvisionedCluster,
  type ProvisioningState,
  type Step,
  decideSteps,
  fewestFor,
  grown,
  isScalable,
  mostAdded,
  shrunk,
} from '@skyflow/domain';
import type { DeciderParts, ServiceContext } from '@skyflow/service';
import { escrowName } from '../active/escrow-name.js';
import { appendDecided } from '../active/own-entries.js';
import type { EscrowKeys } from '../escrow/escrow-keys.js';
import type { GainOf } from './ask-scheduler.js';
import { type NodeUse, readNodes, setUnschedulable, shapeOfNew } from './node-use.js';

export interface AutoscalerOptions extends Pick<DeciderParts<ProvisioningState>, 'projection' | 'writer'> {
  context: Pick<ServiceContext, 'logger'>;
  keys: () => EscrowKeys;
  gainOf: GainOf;
  everyMs: number;
  epoch: number;
}

/** Looks at what a new machine brings before more are asked for: its agent has to report it, the scheduler to use it. */
const SETTLE_LOOKS = 3;

export class Autoscaler {
  /** By uid and machine: since when a node has had nothing to do, ms. */
  private readonly idle = new Map<string, number>();
  /** Clusters for which machines would have helped at the last look. */
  private readonly asked = new Set<string>();

  constructor(private readonly options: AutoscalerOptions) {}

  /** Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { projection, context, everyMs } = this.options;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      for (const cluster of cheapestFirst(projection.state)) {
        try {
          await this.look(structuredClone(cluster), signal);
        } catch (error) {
          if (isOver()) return;
          context.logger.warn(
            { err: error, cluster: cluster.ref.name },
            'nothing is decided on its number of machines',
          );
        }
      }
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async look(cluster: ProvisionedCluster, signal: AbortSignal): Promise<void> {
    const { keys, everyMs } = this.options;
    const { uid } = cluster.ref;
    const { kubeconfig } = cluster.escrow;
    if (!isScalable(cluster) || kubeconfig === undefined) {
      this.asked.delete(uid);
      return;
    }
    const text = keys().open(kubeconfig, escrowName(uid, 'kubeconfig'));
    const nodes = await readNodes(text, signal);
    const idle = this.idleOf(cluster, nodes);
    const isSettled = Date.now() >= (cluster.active?.atMs ?? 0) + SETTLE_LOOKS * everyMs;
    if (isSettled && (await this.grow(cluster, nodes))) return;
    const step = shrunk(cluster, idle, Date.now());
    if (step === undefined) return;
    // What comes between the look and this is seen: nothing comes after it.
    await setUnschedulable(text, step.remove, true, signal);
    const again = this.idleOf(cluster, await readNodes(text, signal)).map(({ machine }) => machine);
    if (step.remove.every((machine) => again.includes(machine))) await this.append(uid, { step });
    else await setUnschedulable(text, step.remove, false, signal);
  }

  /** True: more machines are asked for. Only what two looks in a row have found is believed. */
  private async grow(cluster: ProvisionedCluster, nodes: readonly NodeUse[]): Promise<boolean> {
    const { gainOf } = this.options;
    const { uid, name } = cluster.ref;
    const most = mostAdded(cluster);
    const shape = shapeOfNew(nodes);
    let replicas = 0;
    const count =
      shape === undefined
        ? 0
        : await fewestFor(most, async (added) => {
            const gain = await gainOf(name, added, shape);
            replicas = Math.max(replicas, gain);
            return gain;
          });
    if (count === 0) {
      this.asked.delete(uid);
      return false;
    }
    if (!this.asked.has(uid)) this.asked.add(uid);
    else {
      this.asked.delete(uid);
      await this.append(uid, { step: grown(cluster, count, replicas) });
    }
    return true;
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
      const isStill = cluster !== undefined && isScalable(cluster);
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
