/**
 * Pods of a hollow node that really run: by the process runtime of the embedded clusters (@skyflow/embedded-cluster), as a client
 * of the real API. What it reads of the API is what a kubelet may: its pods, and the config maps and secrets that they name.
 *
 * Processes listen on loopback, and the API takes no loopback address for an endpoint: pods show an address of 10.244.0.0/16
 * that stands for it.
 */
import {
  ProcessRuntime,
  type Pod,
  type PodHost,
  type PodReader,
  type PodWriter,
  type VirtualSettings,
} from '@skyflow/embedded-cluster';
import { resources, type KubeClient, type KubeObject } from '@skyflow/kube-client';
import type { HollowNode } from './node-object.js';
import { PodEvents } from './pod-events.js';
import { referencesOf } from './pod-references.js';

export type StoredPod = KubeObject & Pod;

export interface ProcessPodsOptions {
  client: KubeClient;
  node: HollowNode;
  host: PodHost;
  /** Of containers that name no command. */
  defaults: VirtualSettings['defaults'];
  /** Where pods have their directories. */
  directory: string;
  pod: (key: string) => StoredPod | undefined;
  writeStatus: (pod: StoredPod) => Promise<void>;
  remove: (key: string) => Promise<void>;
  onError: (error: unknown) => void;
}

const HOST_IP = '127.0.0.1';
const SHOWN = '10.244';
const BACKOFF = { baseMs: 10_000, maxMs: 300_000 };
/** A pod that waits for a config map is looked at again. */
const LOOK_AGAIN_MS = 5_000;

export class ProcessPods {
  readonly runtime: ProcessRuntime;
  private readonly references = new Map<string, KubeObject>();
  private readonly events: PodEvents;

  constructor(private readonly options: ProcessPodsOptions) {
    const { host, directory, node, onError } = options;
    this.events = new PodEvents(options.client);
    this.runtime = new ProcessRuntime({
      ...host,
      state: this.reader(),
      applier: this.writer(),
      sandboxes: `${directory}/${node.name}`,
      backoff: BACKOFF,
      defaults: options.defaults,
      hostIp: () => HOST_IP,
      isLost: () => false,
      apiAddress: () => undefined,
      onError,
    });
  }

  /** Looks at a pod that changed, or is gone. Resolves with when to look again. */
  async sync(key: string, signal: AbortSignal): Promise<number | undefined> {
    const pod = this.options.pod(key);
    if (pod !== undefined) await this.read(pod, signal);
    const [namespace, name = ''] = key.split('/');
    const { writes } = this.runtime.syncPod(namespace, name, Date.now());
    for (const write of writes) await this.writer().apply(write);
    return pod?.status?.phase === 'Pending' ? LOOK_AGAIN_MS : undefined;
  }

  private async read(pod: StoredPod, signal: AbortSignal): Promise<void> {
    const { namespace = 'default' } = pod.metadata;
    for (const { kind, name } of referencesOf(pod)) {
      const resource = kind === 'Secret' ? resources.secrets : resources.configMaps;
      const key = `${kind}/${namespace}/${name}`;
      const found = await this.options.client.find<KubeObject>(resource, { namespace, name }, { signal });
      if (found === undefined) this.references.delete(key);
      else this.references.set(key, { ...found, kind });
    }
  }

  private reader(): PodReader {
    const { options, references } = this;
    const find = (kind: string, namespace: string | undefined, name: string): KubeObject | undefined => {
      if (kind === 'Node') return { kind, metadata: { name }, status: { allocatable: allocatableOf(options.node) } };
      if (kind !== 'Pod') return references.get(`${kind}/${namespace ?? ''}/${name}`);
      const pod = options.pod(`${namespace ?? ''}/${name}`);
      return pod && withAddress(withoutProjected(pod), SHOWN, options.host.addresses.prefix);
    };
    // Services are for kube-proxy, which is not here: pods have no variables of them.
    return { get: find as PodReader['get'], list: () => [] };
  }

  private writer(): PodWriter {
    const { options } = this;
    const inner = options.host.addresses.prefix;
    return {
      updateStatus: (pod) => options.writeStatus(withAddress(pod as StoredPod, inner, SHOWN)),
      apply: async (write) => {
        if (write.op === 'delete') await options.remove(`${write.target.namespace ?? ''}/${write.target.name}`);
      },
      event: (about, event) => this.events.tell(about, event),
    };
  }
}

const allocatableOf = ({ cpu, memory }: HollowNode): Record<string, string> => ({ cpu, memory });

/** Admission gives every pod the token of its service account; processes are not given one. */
function withoutProjected(pod: StoredPod): StoredPod {
  const left = new Set((pod.spec.volumes ?? []).filter((volume) => 'projected' in volume).map(({ name }) => name));
  if (left.size === 0) return pod;
  const without = <T extends { volumeMounts?: { name: string }[] }>(containers: T[]): T[] =>
    containers.map((container) => ({
      ...container,
      volumeMounts: (container.volumeMounts ?? []).filter(({ name }) => !left.has(name)),
    }));
  const { containers, initContainers, volumes = [], ...spec } = pod.spec;
  return {
    ...pod,
    spec: {
      ...spec,
      volumes: volumes.filter(({ name }) => !left.has(name)),
      containers: without(containers),
      ...(initContainers === undefined ? {} : { initContainers: without(initContainers) }),
    },
  };
}

/** The pod with addresses of one prefix shown as those of another. */
function withAddress(pod: StoredPod, from: string, to: string): StoredPod {
  const status = pod.status as (Pod['status'] & { podIPs?: { ip: string }[] }) | undefined;
  const { podIP, podIPs } = status ?? {};
  const shown = (ip: string): string => (ip.startsWith(`${from}.`) ? to + ip.slice(from.length) : ip);
  if (status === undefined || podIP === undefined) return pod;
  const ips = podIPs === undefined ? {} : { podIPs: podIPs.map(({ ip }) => ({ ip: shown(ip) })) };
  return { ...pod, status: { ...status, podIP: shown(podIP), ...ips } };
}
