/**
 * A kubelet that runs nothing: it registers a node, keeps its lease, and lets the pods that are bound to it live as the
 * embedded clusters' virtual pods do (@skyflow/embedded-cluster, virtual-step.ts): running after a delay, ended where they
 * run to completion, gone after a delete. It speaks as `system:node:<name>`, so the node authorizer is in force for it.
 * All state is in the API: a kubelet that is started again goes on where another one stopped.
 */
import {
  VIRTUAL_DEFAULTS,
  virtualStep,
  type PodHost,
  type ServerIdentity,
  type VirtualSettings,
} from '@skyflow/embedded-cluster';
import {
  isApiError,
  Reflector,
  resources,
  runReconciler,
  WorkQueue,
  type KubeClient,
  type KubeResource,
  type ReconcileResult,
} from '@skyflow/kube-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { KubeletServer } from './kubelet-server.js';
import { ProcessPods, type StoredPod } from './process-pods.js';
import { leaseSpec, nodeObject, nodeStatus, type HollowNode } from './node-object.js';

export interface HollowKubeletOptions {
  /** With the node's own rights; closed by `stop`. */
  client: KubeClient;
  node: HollowNode;
  /** Told of what failed and is tried again. */
  onError?: (error: unknown) => void;
  /** Pods run their commands on this machine. Default: they live by delays, and nothing runs. */
  processes?: { host: PodHost; directory: string; identity: ServerIdentity; clientCertificate: string };
}

const LEASE_RENEWAL_MS = 10_000;
const LEASE_RETRY_MS = 1_000;
const WORKERS = 4;
const HOST_IP = '127.0.0.1';
/** The kubelet's own back-off; jobs end after a second, so that tests need not wait. */
const SETTINGS: VirtualSettings = {
  defaults: { ...VIRTUAL_DEFAULTS, jobRunMs: 1_000 },
  backoff: { baseMs: 10_000, maxMs: 300_000 },
};

const leases: KubeResource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};
const LEASE_NAMESPACE = 'kube-node-lease';

export class HollowKubelet {
  private readonly stopping = new AbortController();
  private readonly queue = new WorkQueue({ capMs: 5_000 });
  private readonly pods: Reflector<StoredPod>;
  private running: Promise<unknown> = Promise.resolve();
  private addresses = 0;
  private readonly processes: ProcessPods | undefined;
  private readonly server: KubeletServer | undefined;

  constructor(private readonly options: HollowKubeletOptions) {
    const { processes } = options;
    if (processes !== undefined) {
      this.processes = this.processPods(processes);
      this.server = new KubeletServer({ runtime: this.processes.runtime, ...processes });
    }
    this.pods = new Reflector<StoredPod>({
      client: options.client,
      resource: resources.pods,
      fieldSelector: `spec.nodeName=${options.node.name}`,
      keep: (object) => object as StoredPod,
      onChange: ({ key }) => {
        this.queue.add(key);
      },
    });
  }

  /** Registers the node, and serves it until `stop`. @throws KubeApiError, KubeUnreachableError */
  async start(): Promise<void> {
    await this.processes?.runtime.start();
    await this.register(await this.server?.listen());
    const { signal } = this.stopping;
    this.running = Promise.all([
      this.keepLease(signal),
      this.pods.run(signal),
      runReconciler({
        queue: this.queue,
        reconciler: { reconcile: (key) => this.reconcile(key, signal) },
        workers: WORKERS,
        signal,
        onError: (_key, error) => this.options.onError?.(error),
      }),
    ]);
    await this.pods.whenSynced(signal);
  }

  /** The node stays in the API; it shows NotReady when its lease has run out. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.processes?.runtime.stop();
    await this.server?.close();
    this.options.client.close();
  }

  private async register(kubeletPort: number | undefined): Promise<void> {
    const { client, node } = this.options;
    await client.create(resources.nodes, nodeObject(node)).catch(unlessThere);
    const status = nodeStatus(node, new Date().toISOString(), kubeletPort);
    await client.patch(resources.nodes, { name: node.name }, { status }, { subresource: 'status' });
    await client
      .create(leases, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: node.name, namespace: LEASE_NAMESPACE },
        spec: leaseSpec(node.name, microTime()),
      })
      .catch(unlessThere);
  }

  private async keepLease(signal: AbortSignal): Promise<void> {
    const { client, node, onError } = this.options;
    let pauseMs = LEASE_RENEWAL_MS;
    while (await slept(pauseMs, signal)) {
      try {
        const key = { namespace: LEASE_NAMESPACE, name: node.name };
        await client.patch(leases, key, { spec: leaseSpec(node.name, microTime()) }, { signal });
        pauseMs = LEASE_RENEWAL_MS;
      } catch (error) {
        if (signal.aborted) return;
        onError?.(error);
        pauseMs = LEASE_RETRY_MS * (1 + Math.random());
      }
    }
  }

  private async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    if (this.processes !== undefined) return this.reconcileProcesses(this.processes, key, signal);
    const pod = this.pods.store.get(key);
    if (pod === undefined) return { type: 'done' };
    const podIP = pod.status?.podIP ?? this.freeAddress();
    const { status, stopped, againAtMs } = virtualStep(pod, { hostIP: HOST_IP, podIP }, Date.now(), SETTINGS);
    try {
      if (status !== undefined && !isDeepStrictEqual(plain(status), plain(pod.status))) {
        await this.writeStatus({ ...pod, status }, signal);
      }
      if (stopped === true) await this.remove(pod, signal);
    } catch (error) {
      // Changed or gone meanwhile: the watch tells, and adds the key again.
      if (isApiError(error, 409) || isApiError(error, 404)) return { type: 'retry' };
      throw error;
    }
    return againAtMs === undefined
      ? { type: 'done' }
      : { type: 'requeue', afterMs: Math.max(0, againAtMs - Date.now()) };
  }

  private async reconcileProcesses(pods: ProcessPods, key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const afterMs = await pods.sync(key, signal);
    return afterMs === undefined ? { type: 'done' } : { type: 'requeue', afterMs };
  }

  private processPods({ host, directory }: NonNullable<HollowKubeletOptions['processes']>): ProcessPods {
    const { client, node, onError } = this.options;
    const { signal } = this.stopping;
    /** Changed or gone meanwhile: looked at again with what is there now. */
    const unlessStale = (pod: { metadata: StoredPod['metadata'] }, error: unknown): void => {
      if (signal.aborted) return;
      if (!isApiError(error, 409) && !isApiError(error, 404)) throw error;
      this.queue.add(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`);
    };
    return new ProcessPods({
      client,
      node,
      host,
      defaults: SETTINGS.defaults,
      directory,
      pod: (key) => this.pods.store.get(key),
      writeStatus: (pod) => this.writeStatus(pod, signal).catch((error: unknown) => unlessStale(pod, error)),
      remove: async (key) => {
        const pod = this.pods.store.get(key);
        if (pod !== undefined) await this.remove(pod, signal).catch((error: unknown) => unlessStale(pod, error));
      },
      onError: (error) => {
        if (!signal.aborted) onError?.(error);
      },
    });
  }

  private async writeStatus(pod: StoredPod, signal: AbortSignal): Promise<void> {
    const { namespace = 'default', name } = pod.metadata;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/status`;
    await this.options.client.request(path, { method: 'PUT', body: pod, signal });
  }

  private async remove({ metadata }: StoredPod, signal: AbortSignal): Promise<void> {
    const { namespace, name, uid } = metadata;
    await this.options.client.delete(
      resources.pods,
      { name, ...(namespace === undefined ? {} : { namespace }) },
      { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { preconditions: { uid } }), signal },
    );
  }

  /** Nobody is there: it is only to be unlike the others of the node. */
  private freeAddress(): string {
    this.addresses += 1;
    return `10.244.${this.options.node.at % 256}.${1 + (this.addresses % 254)}`;
  }
}

/** Null and absent are the same to the API. */
const plain = (value: object | undefined): unknown =>
  JSON.parse(JSON.stringify(value ?? {}, (_name, field: unknown) => (field === null ? undefined : field)));

const microTime = (): string => new Date().toISOString().replace('Z', '000Z');

function unlessThere(error: unknown): void {
  if (!isApiError(error, 409)) throw error;
}

/** False when the signal came first. */
const slept = (ms: number, signal: AbortSignal): Promise<boolean> => sleep(ms, true, { signal }).catch(() => false);
