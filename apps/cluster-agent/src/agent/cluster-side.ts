/**
 * The agent's half that faces the cluster: kubeconfig, session, caches, reconciler, reachability. It works from whatever desired
 * state is known and needs no NATS.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { namespacesToRemove } from '@skyflow/domain';
import { LABEL_WORKLOAD_UID } from '@skyflow/contracts';
import { Pacer, runReconciler, WorkQueue, type KubeConnection } from '@skyflow/kube-client';
import { type Logger, type Metrics, timeRequests } from '@skyflow/service';
import { ObjectApplier } from '../apply/object-applier.js';
import { MissingReferences } from '../apply/missing-references.js';
import { Obstacles } from '../apply/obstacles.js';
import { namespaceKey, workKey, WorkloadReconciler } from '../apply/workload-reconciler.js';
import { ClusterConfig } from '../cluster/cluster-config.js';
import { ClusterSession, type ClusterListeners } from '../cluster/cluster-session.js';
import { watchReachability, type ReachabilityState } from '../cluster/reachability.js';
import { DependencyIndex } from '../desired/dependency-index.js';
import type { DesiredChange, DesiredSource } from '../desired/desired-source.js';
import type { GivenNetworks } from '../mesh/cluster-networks.js';
import { gatewayAddress, type GatewayPlace } from '../mesh/gateway/gateway-address.js';
import { MeshSide } from '../mesh/mesh-side.js';
import { ClusterReporter } from '../report/cluster-reporter.js';
import { Idleness } from '../report/idleness.js';
import { NodeUsage } from '../report/node-usage.js';
import { OwnUsage } from '../report/own-usage.js';
import type { ObservationWriter } from '../report/observation-writer.js';
import { WorkReporter } from '../report/work-reporter.js';
import type { Unsealer } from '../secrets/unsealer.js';

export interface ClusterSideOptions {
  cluster: string;
  clusterUid: string;
  /** Core NATS; nothing happens while there is no connection. */
  publish: (subject: string, text: string) => void;
  kubeconfig: string | undefined;
  kubeContext: string | undefined;
  /** Where the mesh gateway is, as far as it is set. */
  gateway: GatewayPlace;
  networks: GivenNetworks;
  /** `<namespace>/<name>` of the Secret for probes on nodes; absent: there are none. */
  nodeProbeSecret: string | undefined;
  /** Where the agent keeps what it needs after a restart. */
  directory: string | undefined;
  source: DesiredSource;
  unsealer: Unsealer;
  /** The agent's public key; see ClusterObserved. */
  sealingKey: string;
  /** Undefined while the log is away. */
  writer: () => ObservationWriter | undefined;
  onReachability: (state: ReachabilityState) => void;
  /** The kubeconfig changed under us: everything is to be made anew. */
  onConfigChange: () => void;
  logger: Logger;
  metrics: Metrics;
  signal: AbortSignal;
}

/** Objects worked on at a time; each waits for an answer of the API most of the time. */
const WORKERS = 16;
const QUEUE_CAP_MS = 30_000;
const CONFIG_RETRY_MS = 2_000;
/** Reading a small file costs nothing. */
const CONFIG_CHECK_MS = 5_000;
/** Everything is looked at again now and then, in case a change was missed by a bug of anyone. */
const RESYNC_MS = 600_000;

export class ClusterSide {
  private current: ClusterSession | undefined;
  private usage = new NodeUsage();
  private readonly idleness = new Idleness();
  private state: ReachabilityState | undefined;
  private goodAt = 0;
  private readonly config: ClusterConfig;
  private readonly queue = new WorkQueue({ capMs: QUEUE_CAP_MS });
  private readonly dependencies = new DependencyIndex();
  private readonly clusterReporter: ClusterReporter;
  private readonly ownUsage: OwnUsage;
  private reporter: WorkReporter | undefined;
  private mesh: MeshSide | undefined;

  constructor(private readonly options: ClusterSideOptions) {
    this.config = new ClusterConfig(options.kubeconfig, options.kubeContext);
    this.clusterReporter = new ClusterReporter({
      clusterUid: options.clusterUid,
      sealingKey: options.sealingKey,
      session: () => this.current,
      usage: () => this.usage,
      reachability: () => this.state,
      writer: options.writer,
      onError: (error) => options.logger.warn({ err: error }, 'the state of the cluster could not be reported yet'),
    });
    this.ownUsage = new OwnUsage({
      cluster: options.cluster,
      clusterUid: options.clusterUid,
      usage: () =>
        this.state?.reachable === true && this.current?.hasSynced === true ? this.usage.ownUsage() : undefined,
      publish: options.publish,
    });
    options.source.onChange((change) => this.desiredChanged(change));
  }

  get session(): ClusterSession | undefined {
    return this.current;
  }

  get meshSide(): MeshSide | undefined {
    return this.mesh;
  }

  get reachability(): ReachabilityState | undefined {
    return this.state;
  }

  /** Since when nothing runs there that somebody wants, ms since the epoch. Undefined: something does, or it cannot be seen now. */
  get idleSince(): number | undefined {
    const isSeen = this.state?.reachable === true && this.current?.hasSynced === true;
    return isSeen ? this.idleness.since(Date.now()) : undefined;
  }

  /** When the API was last reachable, ms since the epoch; 0: never. */
  get knownGoodAt(): number {
    return this.state?.reachable === true ? Date.now() : this.goodAt;
  }

  /** The log can be written again: what happened meanwhile is to be told. */
  writerChanged(): void {
    this.clusterReporter.mark(true);
    this.mesh?.writerChanged();
    for (const uid of this.options.source.state?.desired.work.keys() ?? []) this.reporter?.mark(uid);
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { signal } = this.options;
    const reporting = this.clusterReporter.run(signal);
    this.ownUsage.start();
    signal.addEventListener('abort', () => this.ownUsage.stop(), { once: true });
    const connection = await this.connect();
    if (connection !== undefined) await this.runSession(connection);
    await reporting;
  }

  /** Waits for a usable kubeconfig, saying why there is none. Undefined: the signal aborted. */
  private async connect(): Promise<KubeConnection | undefined> {
    const { logger, signal } = this.options;
    while (!signal.aborted) {
      try {
        return await this.config.read();
      } catch (error) {
        const { message } = error as Error;
        if (this.state?.message !== message) logger.error({ detail: message }, 'no usable kubeconfig');
        this.reachabilityChanged({ reachable: false, message, kubernetesVersion: '' });
        await delay(CONFIG_RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  private async runSession(connection: KubeConnection): Promise<void> {
    const { logger, signal, source, writer } = this.options;
    const { metrics } = this.options;
    const client = { userAgent: 'skyflow-agent', time: timeRequests(metrics, 'kubernetes') };
    const session = new ClusterSession(connection, client, this.listeners());
    const obstacles = new Obstacles((uid) => this.reporter?.mark(uid));
    const missing = new MissingReferences(session, (uid) => this.reporter?.mark(uid));
    const reporter = new WorkReporter({
      session,
      obstacles,
      missing,
      state: () => source.projection?.state,
      writer,
      onEnded: (uid) => this.queue.add(workKey(uid)),
      onError: (error) => logger.warn({ err: error }, 'the state of workloads could not be reported yet'),
    });
    const reconciler = new WorkloadReconciler({
      session,
      applier: new ObjectApplier(session),
      state: () => source.state,
      dependencies: this.dependencies,
      obstacles,
      missing,
      reporter,
      unsealer: this.options.unsealer,
      enqueue: (key) => this.queue.add(key),
      logger,
    });
    const pacer = new Pacer({ most: WORKERS });
    this.current = session;
    this.reporter = reporter;
    const mesh = new MeshSide({
      session,
      state: () => source.state,
      reporting: () => source.projection,
      writer,
      cluster: this.options.cluster,
      clusterUid: this.options.clusterUid,
      gateway: {
        ...this.options.gateway,
        address: gatewayAddress(this.options.gateway.address, connection.server, this.options.clusterUid),
      },
      networks: this.options.networks,
      nodeProbeSecret: this.options.nodeProbeSecret,
      directory: this.options.directory,
      logger,
    });
    this.mesh = mesh;
    await Promise.all([
      session.run(signal),
      reporter.run(signal),
      mesh.run(signal),
      this.resync(session),
      this.watchConfig(),
      watchReachability({
        client: session.client,
        watchError: () => session.error,
        onChange: (state) => this.reachabilityChanged(state),
        signal,
      }),
      runReconciler({
        queue: this.queue,
        reconciler: {
          reconcile: (key, stop) =>
            pacer.run(
              () => metrics.operation('reconcile', () => reconciler.reconcile(key, stop), { signal: stop }),
              stop,
            ),
        },
        workers: WORKERS,
        signal,
        onError: (key, error, retryInMs) => logger.warn({ key, err: error, retryInMs }, 'work is tried again'),
      }),
    ]);
  }

  private listeners(): ClusterListeners {
    return {
      onWorkload: (change) => {
        // Whoever waits for this name can have it now.
        if (change.type === 'deleted') this.enqueueNamesakes(change.object.metadata);
        const { metadata } = change.type === 'modified' ? change.previous : change.object;
        const uid = metadata.labels?.[LABEL_WORKLOAD_UID];
        if (uid === undefined) return;
        this.reporter?.see(uid, change);
        this.queue.add(workKey(uid));
      },
      onDependency: ({ object }) => {
        for (const uid of this.dependencies.usersOf(object)) this.queue.add(workKey(uid));
      },
      onNamespace: ({ type, object }) => {
        if (type === 'deleted') this.enqueueIn(object.metadata.name);
      },
      onPod: (change) => {
        this.idleness.apply(change);
        const changed = this.usage.apply(change);
        if (changed === 'others') this.clusterReporter.mark();
        if (changed !== 'none') this.ownUsage.mark();
        const uid = change.object.metadata.labels?.[LABEL_WORKLOAD_UID];
        if (uid === undefined) return;
        this.reporter?.mark(uid);
        if (change.type === 'deleted' && this.options.source.state?.desired.withdrawn.has(uid) === true) {
          this.queue.add(workKey(uid));
        }
      },
      onNode: () => this.clusterReporter.mark(),
    };
  }

  private enqueueNamesakes({ namespace, name }: { namespace?: string; name: string }): void {
    for (const { ref } of this.options.source.state?.desired.work.values() ?? []) {
      if (ref.name === name && ref.namespace === namespace) this.queue.add(workKey(ref.uid));
    }
  }

  private enqueueIn(namespace: string): void {
    for (const { ref } of this.options.source.state?.desired.work.values() ?? []) {
      if (ref.namespace === namespace) this.queue.add(workKey(ref.uid));
    }
  }

  private desiredChanged(change: DesiredChange): void {
    const { state } = this.options.source;
    if (state === undefined) return;
    this.dependencies.update(state.desired, change);
    this.mesh?.desiredChanged(change);
    if (change.everything) this.enqueueEverything();
    for (const uid of change.uids) this.queue.add(workKey(uid));
    for (const name of change.namespaces) this.queue.add(namespaceKey(name));
  }

  private enqueueEverything(): void {
    const { state } = this.options.source;
    if (state === undefined) return;
    const { work, withdrawn } = state.desired;
    for (const uid of [...withdrawn.keys(), ...work.keys()]) this.queue.add(workKey(uid));
    // What an older state wanted, and was made again by it after it had been removed.
    for (const uid of this.current?.workloadUids() ?? []) this.queue.add(workKey(uid));
    for (const name of namespacesToRemove(state)) this.queue.add(namespaceKey(name));
    for (const uid of work.keys()) this.reporter?.mark(uid);
  }

  private reachabilityChanged(state: ReachabilityState): void {
    const before = this.state;
    this.state = state;
    if (state.reachable) this.goodAt = Date.now();
    this.options.onReachability(state);
    if (before?.reachable !== state.reachable || before.message !== state.message) {
      this.clusterReporter.mark(true);
      const level = state.reachable ? 'info' : 'warn';
      this.options.logger[level]({ reachable: state.reachable, detail: state.message }, 'reachability of the cluster');
    }
    // Requests that an API left hanging would hold up the work long after it is back. Not when it is back: that would break
    // the new watches, whose back-off would then pass for the next outage.
    if (before?.reachable === true && !state.reachable) this.current?.client.dropConnections();
    // What failed while it was away need not wait for its back-off.
    if (state.reachable && before?.reachable === false) {
      this.enqueueEverything();
      this.mesh?.enqueueEverything();
    }
  }

  /** An API that went away may have come back elsewhere, with another certificate, or for other credentials. */
  private async watchConfig(): Promise<void> {
    const { onConfigChange, signal } = this.options;
    for (;;) {
      await delay(CONFIG_CHECK_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (await this.config.hasChanged()) onConfigChange();
    }
  }

  /** Begins once everything is known, and again from time to time. */
  private async resync(session: ClusterSession): Promise<void> {
    const { signal } = this.options;
    // All of them: what is looked at before is let go, and would not be looked at again until the next time.
    await Promise.all(session.reflectors.map((reflector) => reflector.whenSynced(signal).catch(() => undefined)));
    while (!signal.aborted) {
      this.clusterReporter.mark(true);
      this.enqueueEverything();
      await delay(RESYNC_MS * (0.9 + Math.random() / 5), undefined, { signal }).catch(() => undefined);
    }
  }
}
