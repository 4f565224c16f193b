/** The virtual runtime: pods live by delays and annotations, nothing runs. See virtual-step.ts for their life. */
import { StatusError } from '@skyflow/apimachinery';
import { type Outcome, type Write, NOTHING, targetOf } from '../controllers/reconcile.js';
import type { ClusterState } from '../engine/cluster-state.js';
import { sameJson, timestamp } from '../model/object-facts.js';
import type { Pod } from '../model/pod.js';
import type { ContainerPlace } from '../process/container-place.js';
import type { RemoteProcess } from '../process/remote-process.js';
import type { LogRequest, PodRuntime } from './pod-runtime.js';
import { virtualStep, type VirtualSettings } from './virtual-step.js';

export interface VirtualRuntimeOptions extends VirtualSettings {
  state: ClusterState;
  /** A free pod address. */
  allocateIp(): string;
  hostIp(node: string): string;
  isLost(node: string): boolean;
}

export class VirtualRuntime implements PodRuntime {
  readonly #options: VirtualRuntimeOptions;

  constructor(options: VirtualRuntimeOptions) {
    this.#options = options;
  }

  syncPod(namespace: string | undefined, name: string, nowMs: number): Outcome {
    const { state } = this.#options;
    const pod = state.get('Pod', namespace, name);
    const node = pod?.spec.nodeName ?? '';
    if (pod === undefined || node === '' || this.#options.isLost(node)) return NOTHING;
    const addresses = {
      hostIP: this.#options.hostIp(node),
      podIP: pod.status?.podIP ?? this.#options.allocateIp(),
    };
    const { status, stopped, againAtMs } = virtualStep(pod, addresses, nowMs, this.#options);
    const writes: Write[] = [];
    if (status !== undefined && !sameJson(status, pod.status)) {
      writes.push({ op: 'updateStatus', object: { ...pod, status } });
      writes.push(...startEvents(pod, status.phase));
    }
    if (stopped === true) writes.push({ op: 'delete', target: targetOf(pod), gracePeriodSeconds: 0 });
    return { writes, ...(againAtMs === undefined ? {} : { againAtMs }) };
  }

  async *logs({ namespace, pod: name, container }: LogRequest): AsyncGenerator<string, void, undefined> {
    const pod = this.#options.state.get('Pod', namespace, name);
    const started = pod?.status?.containerStatuses?.find((status) => status.name === container)?.state;
    if (started?.running === undefined && started?.terminated === undefined) {
      const message = `container "${container}" in pod "${name}" is waiting to start: ${started?.waiting?.reason ?? 'ContainerCreating'}`;
      throw new StatusError(400, 'BadRequest', message);
    }
    yield await Promise.resolve(
      `[skyflow] container ${container} is virtual: nothing runs, so it has said nothing (${timestamp(Date.now())}).\n`,
    );
  }

  execTarget(_namespace: string, pod: string, container: string): ContainerPlace {
    throw isVirtual(`container ${container} of pod ${pod}`, 'there is nothing to run a command in');
  }

  attachTarget(_namespace: string, pod: string, container: string): () => RemoteProcess {
    throw isVirtual(`container ${container} of pod ${pod}`, 'there is nothing to be attached to');
  }

  podAddress(_namespace: string, pod: string): string {
    throw isVirtual(`pod ${pod}`, 'nobody listens on its ports');
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

const isVirtual = (what: string, why: string): StatusError =>
  new StatusError(400, 'BadRequest', `${what} is virtual: ${why}; use a cluster with the process runtime`);

function startEvents(pod: Pod, phase: string | undefined): Write[] {
  if (phase !== 'Running' || pod.status?.phase === 'Running') return [];
  return pod.spec.containers.map(({ name }) => ({
    op: 'event',
    about: pod,
    event: {
      type: 'Normal',
      reason: 'Started',
      message: 'Container started',
      source: 'kubelet',
      host: pod.spec.nodeName ?? '',
      fieldPath: `spec.containers{${name}}`,
    },
  }));
}
