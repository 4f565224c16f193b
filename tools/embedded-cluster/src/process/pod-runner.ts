/**
 * One pod in the process runtime, from its binding to its end: volumes, init containers one after the other, then all
 * containers, restarts with back-off, deadline, and termination with grace. It reports; it never writes to the API.
 */
import type { EventDraft } from '../controllers/reconcile.js';
import type { Delayed } from '../engine/delay-queue.js';
import { restartsAfter } from '../kubelet/container-record.js';
import { backoffMessage, backoffMs, type CrashBackoff } from '../kubelet/crash-backoff.js';
import type { PodRecords } from '../kubelet/pod-status.js';
import { behaviourOf, type VirtualDefaults } from '../kubelet/virtual-behaviour.js';
import { millis } from '../model/object-facts.js';
import { restartPolicyOf } from '../model/pod-facts.js';
import type { Container, Pod } from '../model/pod.js';
import { ContainerConfigError, containerEnv, type EnvSources } from './container-env.js';
import { type ContainerHost, ContainerRunner } from './container-runner.js';
import { HOST_MARK } from './guardian.js';
import { canMount } from './mount-namespace.js';
import { MountError, Sandbox, type VolumeSources } from './sandbox.js';

export interface PodRunnerHost extends Pick<ContainerHost, 'delays' | 'guardian' | 'sweep'> {
  readonly sandboxes: string;
  readonly backoff: CrashBackoff;
  readonly defaults: VirtualDefaults;
  envSources(pod: Pod): EnvSources;
  volumeSources(pod: Pod): VolumeSources;
  /** What every container gets: PATH, service variables, … */
  baseEnv(pod: Pod): Record<string, string>;
  report(runner: PodRunner): void;
  event(pod: Pod, event: Omit<EventDraft, 'source'>): void;
}

/** How long a pod waits before it looks again for a config map that is missing. */
const MOUNT_RETRY_MS = 5000;
/** A container that ran this long before it ended starts its back-off afresh. */
const STABLE_MS = 600_000;

export class PodRunner {
  readonly podIP: string;
  readonly sandbox: Sandbox;
  readonly init: ContainerRunner[];
  readonly main: ContainerRunner[];
  verdict: { reason: string; message: string } | undefined;
  /** All containers have ended and none will start again. */
  finished = false;
  readonly #host: PodRunnerHost;
  readonly #stop = new AbortController();
  readonly #lifetime: Promise<void>;
  #pod: Pod;
  #killAtMs = Infinity;
  #reportPending = false;
  /** What waits for something outside the pod, such as a config map. */
  readonly #retries = new Set<() => void>();

  constructor(host: PodRunnerHost, pod: Pod, podIP: string) {
    this.#host = host;
    this.#pod = pod;
    this.podIP = podIP;
    this.sandbox = new Sandbox(host.sandboxes, pod);
    const containerHost = this.#containerHost();
    const runners = (containers: readonly Container[] | undefined, reason: string): ContainerRunner[] =>
      (containers ?? []).map((container) => new ContainerRunner(containerHost, container, reason));
    this.init = runners(pod.spec.initContainers, 'PodInitializing');
    this.main = runners(pod.spec.containers, this.init.length > 0 ? 'PodInitializing' : 'ContainerCreating');
    this.#lifetime = this.#live();
  }

  get pod(): Pod {
    return this.#pod;
  }

  get records(): PodRecords {
    return { init: this.init.map(({ record }) => record), main: this.main.map(({ record }) => record) };
  }

  runnerOf(container: string): ContainerRunner | undefined {
    return [...this.main, ...this.init].find(({ record }) => record.container.name === container);
  }

  /** The pod changed, or something that it may be waiting for. */
  update(pod: Pod): void {
    this.#pod = pod;
    for (const retry of this.#retries) retry();
  }

  /** Ends the pod; a later call may only shorten the grace. Resolves when all processes are gone. Never rejects. */
  async terminate(graceMs: number): Promise<void> {
    const atMs = Date.now() + graceMs;
    if (atMs < this.#killAtMs) {
      this.#killAtMs = atMs;
      this.#stop.abort();
      for (const runner of [...this.init, ...this.main]) {
        const { container } = runner.record;
        const message = `Stopping container ${container.name}`;
        if (runner.running) this.#say({ type: 'Normal', reason: 'Killing', message }, container);
        runner.stop(graceMs);
      }
    }
    await this.#lifetime;
  }

  /** SIGKILL to everything, at once. */
  kill(): void {
    this.#killAtMs = 0;
    this.#stop.abort();
    for (const runner of [...this.init, ...this.main]) runner.kill();
  }

  #stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  async #live(): Promise<void> {
    const deadline = this.#deadline();
    this.#changed();
    if (await this.#mount()) {
      const initialized = await this.#initialize();
      if (initialized) await Promise.all(this.main.map((runner) => this.#supervise(runner)));
    }
    for (const runner of this.init) runner.stop(0);
    deadline?.cancel();
    this.finished = true;
    this.#changed();
  }

  #deadline(): Delayed | undefined {
    const { activeDeadlineSeconds } = this.#pod.spec;
    if (activeDeadlineSeconds === undefined) return undefined;
    const atMs = (millis(this.#pod.status?.startTime) || Date.now()) + activeDeadlineSeconds * 1000;
    return this.#host.delays.at(atMs, () => {
      this.verdict = {
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      };
      void this.terminate((this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
    });
  }

  async #mount(): Promise<boolean> {
    let said = '';
    while (!this.#stopping()) {
      try {
        await this.sandbox.mountVolumes(this.#pod, this.#host.volumeSources(this.#pod));
        return true;
      } catch (error) {
        if (!(error instanceof MountError)) throw error;
        if (error.message !== said) {
          said = error.message;
          this.#host.event(this.#pod, { type: 'Warning', reason: 'FailedMount', message: error.message });
        }
        await this.#pause(MOUNT_RETRY_MS, true);
      }
    }
    return false;
  }

  /** False: an init container failed for good, or the pod is being stopped. */
  async #initialize(): Promise<boolean> {
    for (const runner of this.init) {
      if (this.#stopping()) return false;
      if (runner.record.container.restartPolicy === 'Always') {
        void this.#supervise(runner);
        continue;
      }
      if (!(await this.#supervise(runner))) return false;
    }
    if (this.#stopping()) return false;
    for (const runner of this.main) runner.wait('ContainerCreating', '');
    return true;
  }

  /** Runs a container until it need not run any more. True: it ended with 0. */
  async #supervise(runner: ContainerRunner): Promise<boolean> {
    const { container } = runner.record;
    const isInit = this.init.includes(runner) && container.restartPolicy !== 'Always';
    const podPolicy = restartPolicyOf(this.#pod);
    const policy = container.restartPolicy ?? (isInit && podPolicy === 'Always' ? 'OnFailure' : podPolicy);
    for (let crashes = 1; ; crashes++) {
      if (this.#stopping()) return false;
      const startedAtMs = Date.now();
      const exitCode = await this.#runOnce(runner);
      if (exitCode !== undefined && (this.#stopping() || !restartsAfter(policy, exitCode))) {
        this.#changed();
        return exitCode === 0;
      }
      if (Date.now() - startedAtMs > STABLE_MS) crashes = 1;
      const waitMs = exitCode === undefined ? MOUNT_RETRY_MS : backoffMs(crashes, this.#host.backoff);
      if (exitCode !== undefined && waitMs > 0) {
        const message = backoffMessage(waitMs, container.name, this.#pod.metadata.name);
        runner.wait('CrashLoopBackOff', message);
        this.#say({ type: 'Warning', reason: 'BackOff', message }, container);
      } else if (exitCode !== undefined) {
        runner.wait('ContainerCreating', '');
      }
      await this.#pause(waitMs, exitCode === undefined);
    }
  }

  /** Undefined: it could not be configured; the record says why. */
  async #runOnce(runner: ContainerRunner): Promise<number | undefined> {
    try {
      const state = await runner.run();
      if (state.reason === 'StartError') {
        this.#say(
          { type: 'Warning', reason: 'Failed', message: `Error: ${state.message ?? ''}` },
          runner.record.container,
        );
      }
      return state.exitCode;
    } catch (error) {
      if (!(error instanceof ContainerConfigError)) throw error;
      runner.wait('CreateContainerConfigError', error.message);
      this.#say({ type: 'Warning', reason: 'Failed', message: `Error: ${error.message}` }, runner.record.container);
      return undefined;
    }
  }

  /** Ends early when the pod is being stopped; a retry also when something changed. */
  #pause(ms: number, isRetry = false): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        delayed.cancel();
        signal.removeEventListener('abort', end);
        this.#retries.delete(end);
        resolve();
      };
      const delayed = this.#host.delays.at(Date.now() + ms, end);
      signal.addEventListener('abort', end, { once: true });
      if (isRetry) this.#retries.add(end);
    });
  }

  #containerHost(): ContainerHost {
    const { delays, guardian, sweep } = this.#host;
    return {
      delays,
      guardian,
      podIP: this.podIP,
      podUid: this.#pod.metadata.uid ?? '',
      stopping: () => this.#stopping(),
      sweep,
      environment: (container) => this.#environment(container),
      directories: async (container) => ({
        own: await this.sandbox.containerDirectory(container),
        working: await this.sandbox.workingDirectory(container),
        root: await this.sandbox.rootDirectory(container),
      }),
      mounts: (container) => (canMount() ? this.sandbox.mounts(this.#pod, container) : []),
      simulatedRun: () => behaviourOf(this.#pod, this.#host.defaults),
      changed: () => this.#changed(),
      say: (event, container) => this.#say(event, container),
    };
  }

  #environment(container: Container): Record<string, string> {
    const own = containerEnv(this.#pod, container, { ...this.#host.envSources(this.#pod), podIP: this.podIP });
    return {
      ...this.#host.baseEnv(this.#pod),
      HOME: this.sandbox.root,
      HOSTNAME: this.#pod.spec.hostname ?? this.#pod.metadata.name,
      POD_IP: this.podIP,
      ...this.#mountHints(container),
      ...own,
      [HOST_MARK]: this.#host.guardian.mark,
    };
  }

  /** Where volumes are, on a machine on which they cannot be at their mount paths. */
  #mountHints(container: Container): Record<string, string> {
    const mounts = this.sandbox.mounts(this.#pod, container);
    if (mounts.length === 0 || canMount()) return {};
    return { SKYFLOW_MOUNTS: JSON.stringify(Object.fromEntries(mounts.map(({ path, source }) => [path, source]))) };
  }

  #say(event: Omit<EventDraft, 'source'>, container: Container): void {
    const list = this.#pod.spec.containers.includes(container) ? 'containers' : 'initContainers';
    this.#host.event(this.#pod, { ...event, fieldPath: `spec.${list}{${container.name}}` });
  }

  /** Changes of one turn make one report. */
  #changed(): void {
    if (this.#reportPending) return;
    this.#reportPending = true;
    queueMicrotask(() => {
      this.#reportPending = false;
      this.#host.report(this);
    });
  }
}
