/**
 * The process runtime: the kubelet of a cluster whose containers are processes on this machine. It keeps one runner per pod,
 * writes what the runners report, and leaves nothing behind.
 */
import { badRequest, StatusError } from '@skyflow/apimachinery';
import { mkdir, rm } from 'node:fs/promises';
import { type EventDraft, type Outcome, NOTHING, targetOf } from '../controllers/reconcile.js';
import type { ClusterState } from '../engine/cluster-state.js';
import type { DelayQueue } from '../engine/delay-queue.js';
import type { WriteApplier } from '../engine/write-applier.js';
import type { CrashBackoff } from '../kubelet/crash-backoff.js';
import type { AttachWanted, LogRequest, PodRuntime } from '../kubelet/pod-runtime.js';
import type { ContainerPlace } from './container-place.js';
import type { ContainerRunner } from './container-runner.js';
import type { RemoteProcess } from './remote-process.js';
import { podStatus } from '../kubelet/pod-status.js';
import type { VirtualDefaults } from '../kubelet/virtual-behaviour.js';
import { isDeleting, sameJson } from '../model/object-facts.js';
import { isFinished } from '../model/pod-facts.js';
import type { Pod } from '../model/pod.js';
import type { ContainerLog } from './container-log.js';
import { binaryData, textData } from './config-data.js';
import type { Guardian } from './guardian.js';
import type { PodAddressPool } from './pod-addresses.js';
import { type PodRunnerHost, PodRunner } from './pod-runner.js';
import { serviceEnv } from './service-env.js';
import { sweepStrays } from './stray-sweep.js';

/** What is read of the cluster: pods, and what they refer to. */
export type PodReader = Pick<ClusterState, 'get' | 'list'>;
/** How pods are reported and removed, and events are said. */
export type PodWriter = Pick<WriteApplier, 'apply' | 'updateStatus' | 'event'>;

/** What all runtimes of a process share. */
export interface PodHost {
  delays: DelayQueue;
  guardian: Guardian;
  addresses: PodAddressPool;
}

export interface ProcessRuntimeOptions extends PodHost {
  state: PodReader;
  applier: PodWriter;
  /** Where pods have their directories; emptied at start and removed at stop. */
  sandboxes: string;
  backoff: CrashBackoff;
  defaults: VirtualDefaults;
  hostIp(node: string): string;
  isLost(node: string): boolean;
  /** Where this cluster's API is reached, for KUBERNETES_SERVICE_HOST and _PORT. */
  apiAddress(): { host: string; port: number } | undefined;
  onError(error: unknown): void;
}

const SWEEP_DELAY_MS = 50;

export class ProcessRuntime implements PodRuntime {
  readonly #options: ProcessRuntimeOptions;
  readonly #runners = new Map<string, PodRunner>();
  readonly #host: PodRunnerHost;
  #strays = new Set<string>();
  #reports: Promise<void> = Promise.resolve();

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options;
    this.#host = this.#runnerHost();
  }

  /** Makes an empty directory for sandboxes. */
  async start(): Promise<void> {
    const { sandboxes } = this.#options;
    await rm(sandboxes, { recursive: true, force: true });
    await mkdir(sandboxes, { recursive: true, mode: 0o700 });
  }

  syncPod(namespace: string | undefined, name: string, _nowMs: number): Outcome {
    const key = `${namespace ?? ''}/${name}`;
    const pod = this.#options.state.get('Pod', namespace, name);
    const runner = this.#runners.get(key);
    if (runner !== undefined && runner.pod.metadata.uid !== pod?.metadata.uid) this.#forget(key, runner);
    const node = pod?.spec.nodeName ?? '';
    if (pod === undefined || node === '' || this.#options.isLost(node)) return NOTHING;
    const current = this.#runners.get(key);
    if (current === undefined) {
      if (isDeleting(pod)) return { writes: [{ op: 'delete', target: targetOf(pod), gracePeriodSeconds: 0 }] };
      if (!isFinished(pod)) this.#runners.set(key, new PodRunner(this.#host, pod, this.#options.addresses.take()));
      return NOTHING;
    }
    current.update(pod);
    // Someone else may have written over the status, as the node controller does for a lost node.
    this.#report(current);
    if (isDeleting(pod)) this.#end(current, pod);
    return NOTHING;
  }

  logs(request: LogRequest, signal: AbortSignal): AsyncIterable<string> {
    const log = this.#log(request);
    return log.read(request, signal);
  }

  execTarget(namespace: string, pod: string, container: string): ContainerPlace {
    return this.#running(namespace, pod, container).place;
  }

  attachTarget(namespace: string, pod: string, container: string, { stdin, tty }: AttachWanted): () => RemoteProcess {
    const target = this.#running(namespace, pod, container);
    const { spec } = target;
    if (tty && spec.tty !== true) {
      throw badRequest(`Unable to use a TTY - container ${container} did not allocate one; attach without -t`);
    }
    if (stdin && spec.stdin !== true) {
      throw badRequest(`container ${container} takes no input: its manifest has no stdin: true; attach without -i`);
    }
    return target.attach();
  }

  podAddress(namespace: string, pod: string): string {
    const runner = this.#runners.get(`${namespace}/${pod}`);
    if (runner === undefined || runner.finished) {
      throw badRequest(`unable to forward port because pod ${pod} is not running`);
    }
    return runner.podIP;
  }

  #running(namespace: string, pod: string, container: string): ContainerRunner {
    const target = this.#runners.get(`${namespace}/${pod}`)?.runnerOf(container);
    if (target?.running === true) return target;
    throw badRequest(`container ${container} of pod ${pod} is not running`);
  }

  async stop(): Promise<void> {
    const runners = [...this.#runners.values()];
    for (const runner of runners) runner.kill();
    await Promise.all(runners.map((runner) => runner.terminate(0)));
    await this.#reports;
    this.#runners.clear();
    await rm(this.#options.sandboxes, { recursive: true, force: true, maxRetries: 3 });
  }

  #log({ namespace, pod, container, previous }: LogRequest): ContainerLog {
    const runner = this.#runners.get(`${namespace}/${pod}`)?.runnerOf(container);
    const log = previous ? runner?.previousLog : runner?.log;
    if (log !== undefined) return log;
    if (previous) {
      const message = `previous terminated container "${container}" in pod "${pod}" not found`;
      throw new StatusError(400, 'BadRequest', message);
    }
    const phase = runner?.record.phase;
    const reason = phase?.is === 'waiting' ? phase.reason : 'ContainerCreating';
    throw new StatusError(400, 'BadRequest', `container "${container}" in pod "${pod}" is waiting to start: ${reason}`);
  }

  #end(runner: PodRunner, pod: Pod): void {
    const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
    void runner
      .terminate(graceMs)
      .then(() => this.#reports)
      .then(() => this.#options.applier.apply({ op: 'delete', target: targetOf(pod), gracePeriodSeconds: 0 }))
      .catch((error: unknown) => this.#options.onError(error));
  }

  /** The pod is gone from the API: so is all of it. */
  #forget(key: string, runner: PodRunner): void {
    this.#runners.delete(key);
    runner.kill();
    void runner
      .terminate(0)
      .then(() => runner.sandbox.remove())
      .catch((error: unknown) => this.#options.onError(error));
    this.#options.addresses.give(runner.podIP);
  }

  #report(runner: PodRunner): void {
    const { namespace, name, uid } = runner.pod.metadata;
    const pod = this.#options.state.get('Pod', namespace, name);
    const node = pod?.spec.nodeName ?? '';
    if (pod === undefined || pod.metadata.uid !== uid || this.#options.isLost(node)) return;
    const addresses = { hostIP: this.#options.hostIp(node), podIP: runner.podIP };
    const status = podStatus(pod, runner.records, addresses, Date.now(), runner.verdict);
    if (sameJson(status, pod.status)) return;
    this.#write(() => this.#options.applier.updateStatus({ ...pod, status }));
  }

  /** One write after the other, so that the last report is the last written. */
  #write(write: () => Promise<void>): void {
    this.#reports = this.#reports.then(write).catch((error: unknown) => this.#options.onError(error));
  }

  #runnerHost(): PodRunnerHost {
    const { delays, guardian, sandboxes, backoff, defaults, state, applier } = this.#options;
    const objectOf = (kind: string, pod: Pod, name: string) => state.get(kind, pod.metadata.namespace, name);
    return {
      delays,
      guardian,
      sandboxes,
      backoff,
      defaults,
      sweep: (containerId) => this.#sweep(containerId),
      report: (runner) => this.#report(runner),
      event: (pod, event) => {
        const draft: EventDraft = { ...event, source: 'kubelet', host: pod.spec.nodeName ?? '' };
        this.#write(() => applier.event(pod, draft));
      },
      envSources: (pod) => ({
        configMap: (name) => textData(objectOf('ConfigMap', pod, name)),
        secret: (name) => textData(objectOf('Secret', pod, name)),
        podIP: '',
        hostIP: this.#options.hostIp(pod.spec.nodeName ?? ''),
        nodeAllocatable: state.get('Node', undefined, pod.spec.nodeName ?? '')?.status?.allocatable ?? {},
      }),
      volumeSources: (pod) => ({
        configMap: (name) => binaryData(objectOf('ConfigMap', pod, name)),
        secret: (name) => binaryData(objectOf('Secret', pod, name)),
      }),
      baseEnv: (pod) => this.#baseEnv(pod),
    };
  }

  #baseEnv(pod: Pod): Record<string, string> {
    const services = this.#options.state.list('Service', pod.metadata.namespace);
    const api = this.#options.apiAddress();
    return {
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      ...(pod.spec['enableServiceLinks'] === false ? {} : serviceEnv(services)),
      ...(api === undefined ? {} : { KUBERNETES_SERVICE_HOST: api.host, KUBERNETES_SERVICE_PORT: String(api.port) }),
    };
  }

  /** Containers that end together are swept together. */
  #sweep(containerId: string): void {
    if (this.#strays.size === 0) {
      this.#options.delays.at(Date.now() + SWEEP_DELAY_MS, () => {
        const ids = this.#strays;
        this.#strays = new Set();
        sweepStrays(ids).catch((error: unknown) => this.#options.onError(error));
      });
    }
    this.#strays.add(containerId);
  }
}
