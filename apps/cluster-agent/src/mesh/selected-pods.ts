/** The pods that services select, watched: one watch per namespace and selector, whoever made the pods. */
import type { EndpointPod } from '@skyflow/domain';
import {
  keptMetadata,
  Reflector,
  resources,
  type KubeClient,
  type KubeMetadata,
  type KubeObject,
} from '@skyflow/kube-client';

export interface SelectedPod extends EndpointPod {
  metadata: KubeMetadata;
  [field: string]: unknown;
}

interface Watch {
  reflector: Reflector<SelectedPod>;
  stop: AbortController;
  /** uids of the services that look at it. */
  users: Set<string>;
}

export class SelectedPods {
  private readonly watches = new Map<string, Watch>();
  private readonly keys = new Map<string, string>();

  /** @param onChange told the uids of the services whose pods changed. */
  constructor(
    private readonly client: KubeClient,
    private readonly onChange: (services: ReadonlySet<string>) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Watches what the service selects; what it selected before and nobody else does is let go. */
  follow(uid: string, namespace: string, selector: Readonly<Record<string, string>>): void {
    const labelSelector = Object.entries(selector)
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(',');
    const key = `${namespace} ${labelSelector}`;
    if (this.keys.get(uid) === key) return;
    this.forget(uid);
    this.keys.set(uid, key);
    const watch = this.watches.get(key) ?? this.start(key, namespace, labelSelector);
    watch.users.add(uid);
    if (watch.reflector.hasSynced) this.onChange(new Set([uid]));
  }

  forget(uid: string): void {
    const key = this.keys.get(uid);
    const watch = key === undefined ? undefined : this.watches.get(key);
    this.keys.delete(uid);
    if (key === undefined || watch === undefined) return;
    watch.users.delete(uid);
    if (watch.users.size > 0) return;
    watch.stop.abort();
    this.watches.delete(key);
  }

  /** Undefined until a first complete list is there: only then does the absence of a pod mean anything. */
  of(uid: string): SelectedPod[] | undefined {
    const watch = this.watches.get(this.keys.get(uid) ?? '');
    return watch?.reflector.hasSynced === true ? [...watch.reflector.store.values()] : undefined;
  }

  /** The same from a list of its own, made now. Undefined: the service follows none. @throws KubeApiError */
  async listed(uid: string, signal: AbortSignal): Promise<SelectedPod[] | undefined> {
    const key = this.keys.get(uid);
    if (key === undefined) return undefined;
    const [namespace = '', labelSelector = ''] = key.split(' ', 2);
    const { items } = await this.client.list<KubeObject>(resources.pods, { namespace, labelSelector, signal });
    return items.map(keepSelected);
  }

  /** All addresses of pods that are watched here. */
  addresses(): Set<string> {
    const pods = [...this.watches.values()].flatMap(({ reflector }) => [...reflector.store.values()]);
    return new Set(pods.flatMap(({ status }) => status?.podIP ?? []));
  }

  private start(key: string, namespace: string, labelSelector: string): Watch {
    const users = new Set<string>();
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.signal]);
    const reflector = new Reflector<SelectedPod>({
      client: this.client,
      resource: resources.pods,
      namespace,
      labelSelector,
      keep: keepSelected,
      onChange: () => this.onChange(users),
    });
    const watch = { reflector, stop, users };
    this.watches.set(key, watch);
    void reflector.run(signal);
    // An empty list changes nothing in the store and is news all the same.
    void reflector.whenSynced(signal).then(
      () => this.onChange(users),
      () => undefined,
    );
    return watch;
  }
}

/** What endpoints are made of, and nothing else. */
function keepSelected(object: KubeObject): SelectedPod {
  const spec = object['spec'] as EndpointPod['spec'];
  const status = object['status'] as EndpointPod['status'];
  return {
    metadata: keptMetadata(object.metadata, 'deletionTimestamp'),
    spec: {
      containers: portsOf(spec?.containers),
      initContainers: portsOf(spec?.initContainers),
    },
    status: {
      ...(status?.phase === undefined ? {} : { phase: status.phase }),
      ...(status?.podIP === undefined ? {} : { podIP: status.podIP }),
      ...((status?.podIPs ?? []).length < 2 ? {} : { podIPs: status?.podIPs ?? [] }),
      conditions: (status?.conditions ?? []).filter(({ type }) => type === 'Ready'),
    },
  };
}

type Containers = NonNullable<NonNullable<EndpointPod['spec']>['containers']>;

const portsOf = (containers: Containers | undefined): Containers =>
  (containers ?? []).map(({ ports, restartPolicy }) => ({
    ...(ports === undefined ? {} : { ports }),
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
  }));
