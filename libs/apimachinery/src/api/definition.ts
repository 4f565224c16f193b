/** What the machinery must know of a resource to serve it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KubeObject, NameRule, ObjectKey, Schema, StatusCause, TableColumn } from '@skyflow/contracts';
import type { Duplex } from 'node:stream';
import type { DeleteOptions, RequestContext, ResourceStore } from '../store/resource-store.js';

export interface StrategyContext {
  nowMs: number;
  request: RequestContext;
  /** `status` when only that changes. */
  subresource?: string;
}

/** Kind-specific rules. All are pure; they may change the object given (it is the machinery's own copy). */
export interface ResourceStrategy {
  /** After defaulting by schema, before validation. */
  prepareForCreate?(object: KubeObject, context: StrategyContext): void;
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): void;
  /** Rules that the schema cannot say. Empty: valid. */
  validate?(object: KubeObject, context: StrategyContext): StatusCause[];
  validateUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): StatusCause[];
  /** Kubernetes warnings (RFC 7234 Warning header) on create and update. */
  warnings?(object: KubeObject): string[];
  /**
   * Seconds that a deleted object stays, marked, until whoever runs it deletes it again with 0 (a Pod and its kubelet).
   * Default: 0, gone at once.
   */
  gracePeriodSeconds?(object: KubeObject, options: DeleteOptions): number;
}

/** A subresource that the machinery does not serve itself: log, exec, attach, portforward, proxy, eviction, binding, … */
export interface ConnectHandler {
  methods: readonly string[];
  /** It knows what to do with the parameter `at`; others refuse it. */
  readsPast?: true;
  handle(
    call: {
      key: ObjectKey;
      query: URLSearchParams;
      /** What follows the subresource in the path (`proxy/some/path`), without the slash. */
      rest?: string;
      request: IncomingMessage;
      response: ServerResponse;
      body?: unknown;
      store: ResourceStore;
    },
    context: RequestContext,
  ): Promise<void>;
  /** WebSocket upgrades; the handler owns the socket. The context's signal aborts when it closes. */
  handleUpgrade?(
    call: {
      key: ObjectKey;
      query: URLSearchParams;
      request: IncomingMessage;
      socket: Duplex;
      head: Buffer;
      store: ResourceStore;
    },
    context: RequestContext,
  ): Promise<void>;
}

export interface ResourceDefinition {
  /** '' for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames?: readonly string[];
  /** e.g. `all`. */
  categories?: readonly string[];
  namespaced: boolean;
  /** Default: all of create delete deletecollection get list patch update watch. */
  verbs?: readonly string[];
  /** Schema of the whole object. */
  schema: Schema;
  /** Name of the schema in OpenAPI, e.g. `io.k8s.api.apps.v1.Deployment`. */
  schemaName: string;
  /** Fields that `fieldSelector` may name besides metadata.name and metadata.namespace; dotted path → value. */
  selectableFields?: Record<string, (object: KubeObject) => string>;
  columns?: readonly TableColumn[];
  /** What metadata.name must look like. Default: dns1123-subdomain. */
  nameRule?: NameRule;
  /** Serves /status: the main resource then cannot change status, and a create drops it (see `keepsStatusOnCreate`). */
  hasStatus?: boolean;
  /** A create may set status (Node, Namespace, Pod mirrors). Default false. */
  keepsStatusOnCreate?: boolean;
  /** A delete that takes it away answers with the object instead of a Status, as for pods and services. Default false. */
  returnsDeleted?: boolean;
  /** Dotted paths for the scale subresource (autoscaling/v1 Scale). */
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  /** metadata.generation is raised when anything but metadata and status changes. Default true. */
  tracksGeneration?: boolean;
  /** Patch types; strategic merge only where the schema has merge keys. Default: all but strategic for groups with a dot in custom kinds. */
  strategicMerge?: boolean;
  /** Defaults that depend on other fields; after those of the schema, before anybody looks at the object. In place. */
  completeDefaults?: (object: KubeObject) => void;
  strategy?: ResourceStrategy;
  connect?: Record<string, ConnectHandler>;
}
