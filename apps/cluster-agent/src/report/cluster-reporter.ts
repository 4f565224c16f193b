/**
 * Reports what the cluster can hold and whether its API can be used, when that materially changed. Numbers are debounced;
 * reachability is told at once. Nodes that cannot be seen now are told as last known, never as none.
 */
import { nextClusterReport, type ClusterObservation } from '@skyflow/domain';
import { Backoff } from '@skyflow/kube-client';
import type { ClusterSession } from '../cluster/cluster-session.js';
import type { ReachabilityState } from '../cluster/reachability.js';
import type { NodeUsage } from './node-usage.js';
import type { ObservationWriter } from './observation-writer.js';

export interface ClusterReporterOptions {
  /** uid of the Cluster object. */
  clusterUid: string;
  /** The agent's public key; see ClusterObserved. */
  sealingKey: string;
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
      if (!this.isDirty && !signal.aborted) await new Promise<void>((resolve) => (this.wake = resolve));
      await this.pauseUnlessUrgent(DEBOUNCE_MS, signal);
      if (signal.aborted) return;
      try {
        if (await this.flush()) backoff.reset();
        else await this.pauseUnlessUrgent(backoff.nextMs(), signal);
      } catch (error) {
        this.isDirty = true;
        this.options.onError(error);
        await backoff.pause(signal);
      }
    }
  }

  private async pauseUnlessUrgent(pauseMs: number, signal: AbortSignal): Promise<void> {
    if (this.isUrgent || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), pauseMs);
    this.wake = () => {
      if (this.isUrgent || signal.aborted) resolve(undefined);
    };
    await promise;
    clearTimeout(timer);
  }

  /** False: not now; what is to be told stays so. */
  private async flush(): Promise<boolean> {
    const writer = this.options.writer();
    this.isUrgent = false;
    if (writer === undefined) return false;
    this.isDirty = false;
    // A commit holds only so many nodes; each pass sees what the one before has told.
    while (await this.tellNext(writer)) {
      // Told piece by piece.
    }
    return true;
  }

  /** False: everything is told. */
  private async tellNext(writer: ObservationWriter): Promise<boolean> {
    let isNews = false;
    await writer.write((state) => {
      const last = state.cluster?.uid === this.options.clusterUid ? state.cluster.observation : undefined;
      const next = this.observe(last);
      const report = next === undefined ? undefined : nextClusterReport(last, next);
      isNews = report !== undefined;
      return report === undefined ? [] : [report];
    });
    return isNews;
  }

  /** Undefined: not enough is known yet to say anything new. */
  private observe(last: ClusterObservation | undefined): ClusterObservation | undefined {
    const reachability = this.options.reachability();
    if (reachability === undefined) return undefined;
    const session = this.options.session();
    const isKnown = session !== undefined && session.nodes.hasSynced && session.pods.hasSynced;
    if (reachability.reachable && !isKnown) return undefined;
    const { kubernetesVersion, message } = reachability;
    return {
      kubernetesVersion: kubernetesVersion === '' ? (last?.kubernetesVersion ?? '') : kubernetesVersion,
      nodes: isKnown ? this.options.usage().observe(session.nodes.store.values()) : (last?.nodes ?? []),
      reachable: reachability.reachable,
      ...(reachability.reachable ? {} : { reason: 'ApiUnreachable', message }),
      sealingKey: this.options.sealingKey,
    };
  }
}
