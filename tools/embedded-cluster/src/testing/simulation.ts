/**
 * Controllers against a cluster that is only state: no API, no queue, time as given. Tests drive it write by write and look
 * at every state in between.
 */
import type { KubeObject } from '@skyflow/contracts';
import type { ClusterView, ObjectTarget, Write } from '../controllers/reconcile.js';
import { ClusterState } from '../engine/cluster-state.js';
import { isDeleting, timestamp } from '../model/object-facts.js';
import type { Node, Pod } from '../model/pod.js';

export class Simulation {
  readonly state = new ClusterState(new Set());
  readonly events: string[] = [];
  nowMs = Date.parse('2026-01-01T00:00:00Z');
  #version = 0;

  get view(): ClusterView {
    return this.state;
  }

  add(object: KubeObject): KubeObject {
    this.#version++;
    const { generateName } = object.metadata;
    const name = object.metadata.name === '' ? `${generateName ?? ''}${this.#version}` : object.metadata.name;
    const metadata = {
      ...object.metadata,
      name,
      uid: `uid-${this.#version}`,
      generation: 1,
      creationTimestamp: timestamp(this.nowMs),
    };
    return this.put({ ...object, metadata });
  }

  put(object: KubeObject): KubeObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    this.state.put(stored);
    return stored;
  }

  apply(writes: readonly Write[], after: () => void = () => undefined): void {
    for (const write of writes) {
      this.#applyOne(write);
      after();
    }
  }

  /** Pods that are neither deleted nor being so. */
  pods(): Pod[] {
    return this.state.list('Pod').filter((pod) => !isDeleting(pod));
  }

  setPod(pod: Pod, status: Pod['status']): void {
    const live = this.state.get('Pod', pod.metadata.namespace, pod.metadata.name);
    if (live !== undefined) this.put({ ...live, status });
  }

  #applyOne(write: Write): void {
    switch (write.op) {
      case 'create':
        this.add(write.object);
        return;
      case 'update':
        this.put(write.object);
        return;
      case 'updateStatus': {
        const live = this.#find(write.object.kind, write.object.metadata);
        if (live !== undefined) this.put({ ...live, status: write.object['status'] });
        return;
      }
      case 'delete':
        this.#delete(write.target);
        return;
      case 'removeFinalizer':
        this.#removeFinalizer(write.target, write.finalizer);
        return;
      case 'bind':
        this.put({ ...write.pod, spec: { ...write.pod.spec, nodeName: write.node } });
        return;
      case 'event':
        this.events.push(`${write.event.reason}: ${write.event.message}`);
    }
  }

  #delete(target: ObjectTarget): void {
    const live = this.#find(target.kind, target);
    if (live === undefined) return;
    if ((live.metadata.finalizers ?? []).length === 0) this.state.remove(live);
    else this.put({ ...live, metadata: { ...live.metadata, deletionTimestamp: timestamp(this.nowMs) } });
  }

  #removeFinalizer(target: ObjectTarget, finalizer: string): void {
    const live = this.#find(target.kind, target);
    if (live === undefined) return;
    const finalizers = (live.metadata.finalizers ?? []).filter((each) => each !== finalizer);
    if (isDeleting(live) && finalizers.length === 0) this.state.remove(live);
    else this.put({ ...live, metadata: { ...live.metadata, finalizers } });
  }

  #find(kind: string, { namespace, name }: { namespace?: string; name: string }): KubeObject | undefined {
    return this.state.get(kind, namespace, name);
  }
}

export const ready = (nowMs: number): NonNullable<Pod['status']> => ({
  phase: 'Running',
  podIP: '10.244.0.9',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timestamp(nowMs) }],
});

export const ended = (phase: 'Succeeded' | 'Failed', exitCode: number, nowMs: number): NonNullable<Pod['status']> => ({
  phase,
  containerStatuses: [
    {
      name: 'c',
      image: '',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode, reason: 'Error', finishedAt: timestamp(nowMs) } },
      lastState: {},
    },
  ],
});

export const node = (name: string, allocatable: Record<string, string>, spec: Node['spec'] = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec,
  status: { allocatable: { pods: '110', ...allocatable } },
});

export const pod = (name: string, requests: Record<string, string>, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', resources: { requests } }], ...spec },
});
