/**
 * One embedded cluster: store, API, controllers, scheduler, kubelets, and a port if it is given one. Everything in memory;
 * what it holds is gone when it stops.
 */
import { ApiServer, isStatus, type LocalClient, SchemaSet, StatusError } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { describedNativeSchemas, nativeSchemas } from '@skyflow/kube-schema';
import { timingSafeEqual } from 'node:crypto';
import { admission } from '../api/admission.js';
import { connectHandlers } from '../api/connect-handlers.js';
import { registerConnectTarget } from '../api/connect-target.js';
import { clusterDefinitions, kindsInNamespaces, servedApiKinds } from '../api/definitions.js';
import { ServiceAddresses } from '../api/service-addresses.js';
import type { ClusterSettings } from '../config/cluster-settings.js';
import type { Faults } from '../control/faults.js';
import { NOTHING, targetOf } from '../controllers/reconcile.js';
import type { PodRuntime } from '../kubelet/pod-runtime.js';
import { VirtualRuntime } from '../kubelet/virtual-runtime.js';
import type { Guardian } from '../process/guardian.js';
import type { PodAddressPool } from '../process/pod-addresses.js';
import { ProcessRuntime } from '../process/process-runtime.js';
import { ServiceProxy } from '../service-proxy/service-proxy.js';
import type { TlsListener } from '../tls/tls-listener.js';
import { ClusterState } from './cluster-state.js';
import { reconcileKey } from './controllers.js';
import type { Delayed, DelayQueue } from './delay-queue.js';
import { HttpFront } from './http-front.js';
import { ObservedBackend, type StoreWrite } from './observed-backend.js';
import { KUBELET_VERSION, kubernetesService, microTime, nodeIp, seedObjects } from './seed.js';
import { keysFor, queueKey } from './triggers.js';
import { WorkQueue } from './work-queue.js';
import { WriteApplier } from './write-applier.js';

/** What all clusters of a process share. */
export interface ClusterEnvironment {
  delays: DelayQueue;
  /** Needed to listen. */
  tls?: TlsListener;
  /** Needed by the process runtime only. */
  processes?: {
    guardian: Guardian;
    addresses: PodAddressPool;
    directory: string;
    /** Second octet of another cluster's service network 127.x.0.0/16. */
    nextServiceOctet(): number;
  };
  onError(error: unknown, where: { cluster: string; what: string }): void;
}

/** All of 127.0.0.0/8 answers on Linux; elsewhere only 127.0.0.1 does. */
const CAN_BIND_LOOPBACK = process.platform === 'linux';

const shared = once(() => {
  const definitions = clusterDefinitions(connectHandlers);
  const byKind = new Map(definitions.map((definition) => [definition.kind, definition]));
  const openApiSchemas = once(() => new SchemaSet(describedNativeSchemas()));
  return { definitions, byKind, schemas: new SchemaSet(nativeSchemas()), openApiSchemas };
});

export class EmbeddedCluster {
  readonly settings: ClusterSettings;
  readonly server: ApiServer;
  readonly state = new ClusterState(servedApiKinds);
  readonly #environment: ClusterEnvironment;
  readonly #queue: WorkQueue;
  readonly #applier: WriteApplier;
  readonly #runtime: PodRuntime;
  readonly #proxy: ServiceProxy | undefined;
  readonly #lost = new Map<string, number>();
  readonly #token: string;
  /** First two octets of the service network. */
  readonly #servicePrefix: string;
  #front: HttpFront | undefined;
  #lease: Delayed | undefined;
  #nextPodIp = 0;

  /** @param token that requests over HTTP must carry. */
  constructor(settings: ClusterSettings, token: string, environment: ClusterEnvironment) {
    this.settings = settings;
    this.#servicePrefix = settings.servicePrefix ?? servicePrefixOf(settings, environment);
    this.#token = token;
    this.#environment = environment;
    const { definitions, byKind, schemas, openApiSchemas } = shared();
    const backend = new ObservedBackend((write) => this.#onWrite(write), {
      historyLimit: settings.watchHistory,
      // Versions rise from life to life, so that a watch of the one before is told to list again.
      firstVersion: Date.now(),
    });
    const namespaces = byKind.get('Namespace');
    if (namespaces === undefined) throw new Error('the kind Namespace must be served');
    this.server = new ApiServer({
      definitions,
      backend,
      schemas,
      openApiSchemas,
      managedFields: settings.managedFields,
      admission: [
        admission({
          view: this.state,
          namespaces,
          services: new ServiceAddresses(this.#servicePrefix, () => this.state.list('Service')),
        }),
      ],
      version: versionInfo(),
      title: `Embedded cluster ${settings.name}`,
      authenticate: ({ headers }) =>
        this.#knows(headers.authorization) ? { name: 'embedded-admin', groups: ['system:masters'] } : undefined,
      onError: (error, { path }) => environment.onError(error, { cluster: settings.name, what: path }),
    });
    this.#applier = new WriteApplier({
      api: this.server.api,
      state: this.state,
      eventLimit: settings.eventLimit,
      nowMs: Date.now,
    });
    this.#queue = new WorkQueue(
      environment.delays,
      (key) => this.#reconcile(key),
      (key, error) => {
        // Someone else was faster: the queue tries again with what is there now.
        if (!isStatus(error, 'Conflict')) this.#onError(error, key);
      },
    );
    this.#runtime = this.#makeRuntime();
    this.#proxy = settings.runtime === 'process' ? new ServiceProxy(this.state, CAN_BIND_LOOPBACK) : undefined;
    const pods = byKind.get('Pod');
    if (pods !== undefined) {
      registerConnectTarget(backend.storeOf(pods), {
        logs: (request, signal) => this.#runtime.logs(request, signal),
        execTarget: (namespace, pod, container) => this.#runtime.execTarget(namespace, pod, container),
        attachTarget: (...about) => this.#runtime.attachTarget(...about),
        podAddress: (namespace, pod) => this.#runtime.podAddress(namespace, pod),
        pod: (namespace, name) => this.state.get('Pod', namespace, name),
        bind: (pod, node) => this.#applier.bind(pod, node),
        evict: async (pod, { gracePeriodSeconds, dryRun }) => {
          if (dryRun) return;
          const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
          await this.#applier.apply({ op: 'delete', target: targetOf(pod), ...grace });
        },
      });
    }
  }

  get name(): string {
    return this.settings.name;
  }

  /** Undefined when it does not listen. */
  get url(): string | undefined {
    return this.#front === undefined ? undefined : `https://127.0.0.1:${this.#front.port}`;
  }

  get port(): number | undefined {
    return this.#front?.port;
  }

  get token(): string {
    return this.#token;
  }

  /** The API for code in this process. */
  client(name: string): LocalClient {
    return this.server.client(name);
  }

  /** Whether nothing is queued now (what waits for a time does not count). */
  get idle(): boolean {
    return this.#queue.idle;
  }

  /** Fills the cluster, and opens its port if it is to listen. @throws Error when the port is taken. */
  async start(listen: boolean): Promise<void> {
    if (this.#runtime instanceof ProcessRuntime) await this.#runtime.start();
    const { tls, delays } = this.#environment;
    if (listen && tls !== undefined) {
      const front = new HttpFront(this.server, tls, delays);
      await front.listen(this.settings.port, this.settings.preferredPort);
      this.#front = front;
    }
    const prefix = this.#runtime instanceof ProcessRuntime ? this.#environment.processes?.addresses.prefix : undefined;
    const podNetwork = prefix === undefined ? undefined : `${prefix}.0.0/16`;
    const terms = { servicePrefix: this.#servicePrefix, podNetwork, nowMs: Date.now() };
    for (const object of seedObjects(this.settings, terms)) await this.#applier.resource(object.kind).create(object);
    if (this.settings.leaseRenewalMs > 0) this.#renewLeases();
  }

  /** Replaces what is switched on. @throws Error for a node that is not there. */
  async setFaults(faults: Faults): Promise<void> {
    const lost = new Set(faults.lostNodes ?? []);
    for (const node of lost) {
      if (this.state.get('Node', undefined, node) === undefined) {
        throw new StatusError(404, 'NotFound', `lostNodes: cluster ${this.name} has no node "${node}"`);
      }
    }
    for (const node of [...this.#lost.keys()].filter((each) => !lost.has(each))) this.#recoverNode(node);
    for (const node of lost) {
      if (!this.#lost.has(node)) this.#lost.set(node, Date.now());
      this.#queue.add(queueKey('Node', undefined, node));
    }
    await this.#front?.setFaults(faults);
  }

  async stop(): Promise<void> {
    this.#lease?.cancel();
    this.#queue.stop();
    this.server.close();
    await this.#proxy?.stop();
    await this.#runtime.stop();
    await this.#front?.close();
  }

  #makeRuntime(): PodRuntime {
    const { settings, state } = this;
    const { delays, processes } = this.#environment;
    const common = {
      state,
      backoff: settings.crashBackoff,
      defaults: settings.virtual,
      hostIp: (node: string) => this.#hostIp(node),
      isLost: (node: string) => this.#lost.has(node),
    };
    if (settings.runtime === 'virtual') return new VirtualRuntime({ ...common, allocateIp: () => this.#podIp() });
    if (processes === undefined) throw new Error('the process runtime needs a directory for its sandboxes');
    return new ProcessRuntime({
      ...common,
      applier: this.#applier,
      delays,
      guardian: processes.guardian,
      addresses: processes.addresses,
      sandboxes: `${processes.directory}/${encodeURIComponent(settings.name)}`,
      apiAddress: () => (this.port === undefined ? undefined : { host: '127.0.0.1', port: this.port }),
      onError: (error) => this.#onError(error, 'process runtime'),
    });
  }

  #onWrite(write: StoreWrite): void {
    const old = this.state.byUid(write.object.metadata.uid ?? '');
    const dependents = write.deleted ? this.state.dependentsOf(write.object.metadata.uid ?? '') : [];
    if (write.deleted) this.state.remove(write.object);
    else this.state.put(write.object);
    for (const key of keysFor({ ...write, ...(old === undefined ? {} : { old }) }, this.state)) this.#queue.add(key);
    const { kind, metadata: written } = write.object;
    if (write.deleted && kind === 'Service' && written.name === 'kubernetes' && written.namespace === 'default') {
      this.#queue.add(queueKey('KubernetesService'));
    }
    for (const { metadata } of dependents) this.#queue.add(queueKey('GarbageCollector', undefined, metadata.uid));
  }

  async #reconcile(key: string): Promise<{ againAtMs?: number }> {
    const { settings } = this;
    const outcome = await reconcileKey(this.state, key, Date.now(), {
      namespacedKinds: kindsInNamespaces,
      jobBackoff: settings.jobBackoff,
      nodeLifecycle: {
        lostSinceMs: (node) => this.#lost.get(node),
        monitorGraceMs: settings.nodeMonitorGraceMs,
      },
      kubernetesService: () => kubernetesService(this.#servicePrefix),
      syncPod: (namespace, name, nowMs) => this.#runtime.syncPod(namespace, name, nowMs),
      syncService: (namespace, name, nowMs) => this.#proxy?.sync(namespace, name, nowMs) ?? NOTHING,
    });
    for (const write of outcome.writes) await this.#applier.apply(write);
    return outcome;
  }

  #recoverNode(node: string): void {
    this.#lost.delete(node);
    this.#queue.add(queueKey('Node', undefined, node));
    for (const { metadata } of this.state.podsOnNode(node)) {
      this.#queue.add(queueKey('Kubelet', metadata.namespace, metadata.name));
    }
  }

  #renewLeases(): void {
    this.#lease = this.#environment.delays.at(Date.now() + this.settings.leaseRenewalMs, () => {
      const leases = this.state
        .list('Lease', 'kube-node-lease')
        .filter(({ metadata }) => !this.#lost.has(metadata.name));
      const renewed = leases.map((lease) => this.#applier.replace(withRenewal(lease, Date.now())));
      void Promise.all(renewed).catch((error: unknown) => this.#onError(error, 'node leases'));
      this.#renewLeases();
    });
  }

  #hostIp(node: string): string {
    const at = this.settings.nodes.findIndex(({ name }) => name === node);
    return nodeIp(Math.max(at, 0));
  }

  /** 10.244.0.0/16, in turn; virtual pods do not listen, so meeting an address again after 64 k pods does no harm. */
  #podIp(): string {
    const host = (this.#nextPodIp++ % 64_000) + 2;
    return `10.244.${host >> 8}.${host & 255}`;
  }

  #knows(authorization: string | undefined): boolean {
    const given = Buffer.from(authorization?.replace(/^Bearer /i, '') ?? '');
    const wanted = Buffer.from(this.#token);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  #onError(error: unknown, what: string): void {
    this.#environment.onError(error, { cluster: this.name, what });
  }
}

/** Services of clusters whose pods really run answer on loopback; others have addresses for show. */
function servicePrefixOf({ runtime }: ClusterSettings, { processes }: ClusterEnvironment): string {
  if (runtime === 'virtual' || processes === undefined || !CAN_BIND_LOOPBACK) return '10.96';
  return `127.${processes.nextServiceOctet()}`;
}

function withRenewal(lease: KubeObject, nowMs: number): KubeObject {
  return { ...lease, spec: { ...(lease['spec'] as object), renewTime: microTime(nowMs) } };
}

function versionInfo() {
  const [major = '1', minor = '36'] = KUBELET_VERSION.slice(1).split('.');
  return {
    major,
    minor,
    gitVersion: KUBELET_VERSION,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: `${process.platform}/${process.arch}`,
  };
}

/** Computed at the first call. */
function once<T>(compute: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= compute());
}
