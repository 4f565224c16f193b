/**
 * Carries out what controllers decide. Creates, updates and deletes go through the API's own rules; status, bindings and
 * finalizers go straight to the store, on the newest version, because each of them has one writer.
 */
import {
  type Api,
  type RequestContext,
  type ResourceClient,
  type ResourceDefinition,
  type ResourceStore,
  isStatus,
  LocalClient,
} from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import type { EventDraft, ObjectTarget, Write } from '../controllers/reconcile.js';
import { timestamp, withCondition } from '../model/object-facts.js';
import type { Pod } from '../model/pod.js';
import type { ClusterState } from './cluster-state.js';
import { EventRecorder } from './event-recorder.js';

const CONTROLLERS = 'kube-controller-manager';
const TOPOLOGY_LABELS = new Set(['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']);
const CONTEXT: RequestContext = { user: { name: CONTROLLERS, groups: ['system:masters'] }, requestId: CONTROLLERS };

export interface WriteApplierOptions {
  api: Api;
  state: ClusterState;
  /** Events kept; the oldest go. */
  eventLimit: number;
  nowMs: () => number;
}

export class WriteApplier {
  readonly #api: Api;
  readonly #state: ClusterState;
  readonly #client: LocalClient;
  readonly #definitions: ReadonlyMap<string, ResourceDefinition>;
  readonly #events: EventRecorder;
  readonly #nowMs: () => number;

  constructor({ api, state, eventLimit, nowMs }: WriteApplierOptions) {
    this.#api = api;
    this.#state = state;
    this.#nowMs = nowMs;
    this.#client = new LocalClient(api, CONTROLLERS);
    this.#definitions = new Map(api.definitions.map((definition) => [definition.kind, definition]));
    this.#events = new EventRecorder(
      {
        create: (event) => this.resource('Event').create(event),
        get: (namespace, name) => state.get('Event', namespace, name),
        replace: (event) => this.replace(event),
        remove: async (namespace, name) => {
          await this.resource('Event').delete({ namespace, name });
        },
      },
      eventLimit,
    );
  }

  /** Typed access by kind. @throws Error for a kind that the cluster does not serve. */
  resource<T extends KubeObject = KubeObject>(kind: string): ResourceClient<T> {
    return this.#client.for<T>(this.#definition(kind));
  }

  /** @throws StatusError; that the object or its namespace is going meanwhile is no error. */
  async apply(write: Write): Promise<void> {
    try {
      await this.#carryOut(write);
    } catch (error) {
      const isRefused = write.op === 'create' && isStatus(error, 'Forbidden');
      if (!isStatus(error, 'NotFound') && !isRefused) throw error;
    }
  }

  /** In a namespace that is going or gone the event is lost, as in Kubernetes. */
  async event(about: KubeObject, event: EventDraft): Promise<void> {
    try {
      await this.#events.record(about, event, this.#nowMs());
    } catch (error) {
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Forbidden')) throw error;
    }
  }

  async #carryOut(write: Write): Promise<void> {
    switch (write.op) {
      case 'create': {
        const created = await this.resource(write.object.kind).create(write.object);
        if (write.announce === undefined) return;
        const { about, source } = write.announce;
        const message = `Created ${created.kind === 'Pod' ? 'pod' : created.kind}: ${created.metadata.name}`;
        return this.event(about, announcement(created, source, message));
      }
      case 'update':
        await this.resource(write.object.kind).update(write.object);
        return;
      case 'updateStatus':
        return this.updateStatus(write.object);
      case 'delete':
        return this.#delete(write.target, write);
      case 'removeFinalizer':
        return this.#removeFinalizer(write.target, write.finalizer);
      case 'bind':
        return this.bind(write.pod, write.node);
      case 'event':
        return this.event(write.about, write.event);
    }
  }

  /** Puts this status on the newest version of the same object. */
  async updateStatus(object: KubeObject): Promise<void> {
    const live = this.#live(object.kind, object.metadata.namespace, object.metadata.name, object.metadata.uid);
    if (live === undefined) return;
    await this.#storeOf(object.kind).update({ ...live, status: object['status'] }, CONTEXT, { subresource: 'status' });
  }

  /** Stores the object as it is, past all rules. */
  async replace(object: KubeObject): Promise<void> {
    await this.#storeOf(object.kind).update(object, CONTEXT, {});
  }

  async bind(pod: Pod, node: string): Promise<void> {
    const live = this.#state.get('Pod', pod.metadata.namespace, pod.metadata.name);
    if (live === undefined || live.metadata.uid !== pod.metadata.uid) return;
    const scheduled = { type: 'PodScheduled', status: 'True' as const };
    const conditions = withCondition(live.status?.conditions, scheduled, timestamp(this.#nowMs())).map((condition) => {
      if (condition.type !== 'PodScheduled') return condition;
      const { reason: _reason, message: _message, ...rest } = condition;
      return rest;
    });
    const bound = {
      ...live,
      metadata: { ...live.metadata, labels: { ...live.metadata.labels, ...this.#topologyOf(node) } },
      spec: { ...live.spec, nodeName: node },
      status: { ...live.status, phase: 'Pending', conditions },
    };
    await this.#storeOf('Pod').update(bound, CONTEXT, {});
    await this.event(pod, {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${pod.metadata.namespace ?? ''}/${pod.metadata.name} to ${node}`,
      source: 'default-scheduler',
    });
  }

  /** A pod says in which zone and region it is (KEP-4742). */
  #topologyOf(node: string): Record<string, string> {
    const labels = this.#state.get('Node', undefined, node)?.metadata.labels ?? {};
    return Object.fromEntries(Object.entries(labels).filter(([name]) => TOPOLOGY_LABELS.has(name)));
  }

  async #delete(
    { kind, namespace, name, uid }: ObjectTarget,
    options: { gracePeriodSeconds?: number; propagation?: 'Background' | 'Foreground' | 'Orphan' },
  ): Promise<void> {
    await this.resource(kind).delete(
      { name, ...(namespace === undefined ? {} : { namespace }) },
      {
        preconditions: { uid },
        ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
        ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }),
      },
    );
  }

  async #removeFinalizer({ kind, namespace, name, uid }: ObjectTarget, finalizer: string): Promise<void> {
    const live = this.#live(kind, namespace, name, uid);
    if (live?.metadata.finalizers?.includes(finalizer) !== true) return;
    const { finalizers: _old, ...metadata } = live.metadata;
    const left = live.metadata.finalizers.filter((each) => each !== finalizer);
    const next = { ...live, metadata: left.length === 0 ? metadata : { ...metadata, finalizers: left } };
    await this.#storeOf(kind).update(next, CONTEXT, {});
  }

  #live(kind: string, namespace: string | undefined, name: string, uid: string | undefined): KubeObject | undefined {
    const live: KubeObject | undefined = this.#state.get(kind, namespace, name);
    return uid !== undefined && live?.metadata.uid !== uid ? undefined : live;
  }

  #storeOf(kind: string): ResourceStore {
    return this.#api.resource(this.#definition(kind)).store;
  }

  #definition(kind: string): ResourceDefinition {
    const definition = this.#definitions.get(kind);
    if (definition === undefined) throw new Error(`kind ${kind} is not served by this cluster`);
    return definition;
  }
}

const announcement = (created: KubeObject, source: string, message: string): EventDraft =>
  created.kind === 'ReplicaSet'
    ? {
        type: 'Normal',
        reason: 'ScalingReplicaSet',
        message: `Scaled up replica set ${created.metadata.name} from 0 to ${String((created['spec'] as { replicas?: number }).replicas ?? 1)}`,
        source,
      }
    : { type: 'Normal', reason: 'SuccessfulCreate', message, source };
