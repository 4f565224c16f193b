/**
 * Reports what the cluster can hold and whether its API can be used, when that materially changed. Numbers are debounced;
 * reachability is told at once. Nodes that cannot be seen now are told as last known, never as none.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { canonicalJson } from '@skyflow/domain';
import { Backoff } from '@skyflow/kube-client';
import type { ClusterSession } from '../cluster/cluster-session.js';
import type { ReachabilityState } from '../cluster/reachability.js';
import type { AgentState, ClusterObservation } from '../desired/agent-state.js';
import type { NodeUsage } from './node-usage.js';
import type { ObservationWriter } from './observation-writer.js';

export interface ClusterReporterOptions {
  /** Undefined while there is no usable kubeconfig. */
  session: () => ClusterSession | undefined;
  usage: () => NodeUsage;
  reachability: () => ReachabilityState | undefined;
  /** Undefined while the log is away. */
  writer: () => ObservationWriter | undefined;
  onError: (error: unknown) => void;
}

/** Pods of others come and go in bursts. */
const DEBOUNCE_MS = 500;
const AWAY_PAUSE = { baseMs: 200, capMs: 5_000 };

export class ClusterReporter {
  private isDirty = false;
  private isUrgent = false;
  private wake: (() => void) | undefined;

  constructor(private readonly options: ClusterReporterOptions) {}

  /** Something about the cluster may have changed; `urgent`: its reachability did. */
  mark(urgent = false): void {
    this.isDirty = true;
    this.isUrgent ||= urgent;
    this.wake?.();
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(AWAY_PAUSE);
    const stop = (): void => this.wake?.();
    signal.addEventListener('abort', stop, { once: true });
    for (;;) {
      if (!this.isDirty) await new Promise<void>((resolve) => (this.wake = resolve));
      if (signal.aborted) return;
      if (!this.isUrgent) await delay(DEBOUNCE_MS, undefined, { signal }).catch(() => undefined);
      try {
        if (await this.flush()) backoff.reset();
        else await backoff.pause(signal);
      } catch (error) {
        this.isDirty = true;
        this.options.onError(error);
        await backoff.pause(signal);
      }
    }
  }

  /** False: not now; what is to be told stays so. */
  private async flush(): Promise<boolean> {
    const writer = this.options.writer();
    if (writer === undefined) return false;
    this.isDirty = false;
    this.isUrgent = false;
    await writer.write((state) => {
      const next = this.observe(state);
      if (next === undefined || canonicalJson(next) === canonicalJson(state.cluster)) return [];
      return [{ type: 'ClusterObserved', data: next }];
    });
    return true;
  }

  /** Undefined: not enough is known yet to say anything new. */
  private observe(state: AgentState): ClusterObservation | undefined {
    const reachability = this.options.reachability();
    if (reachability === undefined) return undefined;
    const session = this.options.session();
    const isKnown = session !== undefined && session.nodes.hasSynced && session.pods.hasSynced;
    if (reachability.reachable && !isKnown) return undefined;
    const { kubernetesVersion, message } = reachability;
    return {
      kubernetesVersion: kubernetesVersion === '' ? (state.cluster?.kubernetesVersion ?? '') : kubernetesVersion,
      nodes: isKnown ? this.options.usage().observe(session.nodes.store.values()) : (state.cluster?.nodes ?? []),
      reachable: reachability.reachable,
      ...(reachability.reachable ? {} : { reason: 'ApiUnreachable', message }),
    };
  }
}
