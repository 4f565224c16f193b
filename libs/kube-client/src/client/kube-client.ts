/**
 * A thin client of one Kubernetes API: the verbs, any resource, typed errors. It keeps no state but connections and what
 * discovery said; caching is the Reflector's work, retrying the WorkQueue's.
 */
import type { Readable } from 'node:stream';
import { json, text } from 'node:stream/consumers';
import { activeTrace, followSpan, inSpan } from '@skyflow/telemetry';
import type { KubeConnection } from '../kubeconfig/connection.js';
import { Deadline } from './deadline.js';
import { KubeApiError, KubeUnreachableError } from './kube-errors.js';
import type { KubeKey, KubeList, KubeObject, KubeResource, KubeWatchEvent } from './kube-object.js';
import { apiVersionOf } from './kube-object.js';
import { Transport, type KubeRequest, type QueryValue, type UpgradeRequest, type Upgraded } from './transport.js';
import { watchEvents } from './watch-events.js';

export interface CallOptions {
  signal?: AbortSignal;
  /** Default {@link DEFAULT_TIMEOUT_MS}. */
  timeoutMs?: number;
}

export interface ListOptions extends CallOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Page size. */
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  /** Items with nothing but their metadata, where the server can (PartialObjectMetadata); whole ones elsewhere. */
  metadataOnly?: boolean;
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Events after this version. */
  resourceVersion?: string;
  /** The server ends the watch after this time. */
  timeoutSeconds?: number;
  /** Without any event or bookmark for this long the watch ends with KubeUnreachableError. */
  inactivityMs?: number;
  signal: AbortSignal;
}

export interface ApplyOptions extends CallOptions {
  fieldManager: string;
  /** Take fields from other managers. */
  force?: boolean;
  dryRun?: boolean;
}

export interface DeleteOptions extends CallOptions {
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
}

export interface LogOptions {
  container?: string;
  follow?: boolean;
  tailLines?: number;
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  limitBytes?: number;
  timestamps?: boolean;
  previous?: boolean;
  signal?: AbortSignal;
}

/** Longer than an API server's own limit for one request (client-go has none; kube-apiserver cuts at 60 s). */
export const DEFAULT_TIMEOUT_MS = 30_000;

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

export interface KubeClientOptions {
  userAgent?: string;
  /** Is given every request, to measure it; not watches and streams, whose time says nothing. */
  time?: <T>(method: string, exchange: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>;
}

export class KubeClient {
  private readonly transport: Transport;
  private readonly discovered = new Map<string, KubeResource[]>();

  constructor(
    connection: KubeConnection,
    private readonly options: KubeClientOptions = {},
  ) {
    this.transport = new Transport(connection, options.userAgent ?? 'skyflow');
  }

  /** Any request; the answer parsed as JSON. In a trace it has a span. @throws KubeApiError, KubeUnreachableError */
  async request<T>(path: string, request: KubeRequest = {}): Promise<T> {
    const trace = activeTrace();
    if (trace === undefined) return this.exchange(path, request);
    const { method = 'GET', about } = request;
    const span = followSpan(about === undefined ? method : `${method} ${about}`, trace, {
      kind: 'client',
      attributes: { 'http.request.method': method, 'url.path': path, 'server.address': this.transport.origin },
    });
    return inSpan(span, () => this.exchange<T>(path, { ...request, traceparent: span.traceparent }));
  }

  private exchange<T>(path: string, request: KubeRequest): Promise<T> {
    const { time } = this.options;
    const exchange = (): Promise<T> => this.exchangeOnce(path, request);
    return time === undefined ? exchange() : time(request.method ?? 'GET', exchange, request.signal);
  }

  private async exchangeOnce<T>(path: string, request: KubeRequest): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, ...rest } = request;
    // One for the whole exchange: signals made of others cost more than the rest of a small request.
    const deadline = new Deadline(timeoutMs, signal);
    try {
      return (await json(await this.transport.send(path, { ...rest, signal: deadline.signal }))) as T;
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (error instanceof KubeApiError || error instanceof KubeUnreachableError) throw error;
      if (error instanceof Error && error.name === 'KubeConfigError') throw error;
      const why = deadline.isOver ? `no answer within ${timeoutMs} ms` : (error as Error).message;
      const what = `${this.transport.origin} is not reachable: ${why} (${rest.method ?? 'GET'} ${path})`;
      throw new KubeUnreachableError(what, { cause: error });
    } finally {
      deadline.clear();
    }
  }

  /** Any request; the bytes of the answer as they come. */
  stream(path: string, request: KubeRequest = {}): Promise<Readable> {
    return this.transport.send(path, { timeoutMs: DEFAULT_TIMEOUT_MS, ...request });
  }

  get<T extends KubeObject>(resource: KubeResource, key: KubeKey, options: CallOptions = {}): Promise<T> {
    return this.request<T>(pathOf(resource, key.namespace, key.name), { about: aboutOf(resource), ...options });
  }

  /** Like get, but undefined when there is no such object. */
  async find<T extends KubeObject>(
    resource: KubeResource,
    key: KubeKey,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    try {
      return await this.get<T>(resource, key, options);
    } catch (error) {
      if (error instanceof KubeApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** One page. */
  async list<T extends KubeObject>(resource: KubeResource, options: ListOptions = {}): Promise<KubeList<T>> {
    const { namespace, labelSelector, fieldSelector, limit, continue: token, resourceVersion, ...others } = options;
    const { metadataOnly, ...call } = others;
    const query = { labelSelector, fieldSelector, limit, continue: token, resourceVersion };
    const accept = metadataOnly === true ? { accept: METADATA_ONLY } : {};
    const path = pathOf(resource, namespace);
    const page = await this.request<Omit<KubeList<T>, 'items'> & { items: T[] | null }>(path, {
      query,
      about: aboutOf(resource),
      ...accept,
      ...call,
    });
    // Some kinds of real API servers give null for no items (a nil slice of Go).
    const items = page.items ?? [];
    // A list's items carry no apiVersion and kind of their own.
    for (const item of items) Object.assign(item, { apiVersion: apiVersionOf(resource), kind: resource.kind });
    return { ...page, items };
  }

  /** All pages, one after the other. Ends with 410 when the list's version expired on the way. */
  async *pages<T extends KubeObject>(
    resource: KubeResource,
    options: ListOptions = {},
  ): AsyncGenerator<KubeList<T>, void, undefined> {
    let token: string | undefined;
    do {
      const page = await this.list<T>(resource, { ...options, ...(token === undefined ? {} : { continue: token }) });
      token = page.metadata.continue === '' ? undefined : page.metadata.continue;
      yield page;
    } while (token !== undefined);
  }

  create<T extends KubeObject>(resource: KubeResource, object: KubeObject, options: CallOptions = {}): Promise<T> {
    return this.request<T>(pathOf(resource, object.metadata.namespace), {
      method: 'POST',
      body: object,
      about: aboutOf(resource),
      ...options,
    });
  }

  /** Server-side apply (KEP-555): creates or merges, owning the fields given. */
  applyServerSide<T extends KubeObject>(resource: KubeResource, object: KubeObject, options: ApplyOptions): Promise<T> {
    const { fieldManager, force, dryRun, ...call } = options;
    return this.request<T>(pathOf(resource, object.metadata.namespace, object.metadata.name), {
      method: 'PATCH',
      about: aboutOf(resource),
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager, force, dryRun: dryRun === true ? 'All' : undefined },
      body: { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind },
      ...call,
    });
  }

  /** JSON merge patch (RFC 7386), or any other by `contentType`. */
  patch<T extends KubeObject>(
    resource: KubeResource,
    key: KubeKey,
    body: unknown,
    options: CallOptions & { contentType?: string; subresource?: string; fieldManager?: string } = {},
  ): Promise<T> {
    const { contentType, subresource, fieldManager, ...call } = options;
    return this.request<T>(pathOf(resource, key.namespace, key.name, subresource), {
      method: 'PATCH',
      about: aboutOf(resource),
      contentType: contentType ?? 'application/merge-patch+json',
      query: { fieldManager },
      body,
      ...call,
    });
  }

  /** @throws KubeApiError 404 when there is none, 409 when a precondition does not hold. */
  async delete(resource: KubeResource, key: KubeKey, options: DeleteOptions = {}): Promise<void> {
    const { preconditions, propagationPolicy, gracePeriodSeconds, ...call } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(preconditions === undefined ? {} : { preconditions }),
      ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    };
    await this.request(pathOf(resource, key.namespace, key.name), {
      method: 'DELETE',
      body,
      about: aboutOf(resource),
      ...call,
    });
  }

  /**
   * Opens a watch; resolves when the API has accepted it. Events come until the server ends it or the signal aborts.
   * @throws KubeApiError, also for an ERROR event half-way (410: list again); KubeUnreachableError
   */
  async watch<T extends KubeObject>(
    resource: KubeResource,
    options: WatchOptions,
  ): Promise<AsyncGenerator<KubeWatchEvent<T>, void, undefined>> {
    const { namespace, signal, inactivityMs, ...rest } = options;
    const query: Record<string, QueryValue> = { ...rest, watch: true, allowWatchBookmarks: true };
    const body = await this.stream(pathOf(resource, namespace), { query, signal });
    return watchEvents<T>(body, `the watch of ${resource.plural}`, signal, inactivityMs);
  }

  /** A container's log as it comes; destroy the stream to stop. @throws KubeApiError 404, 400 (container not started). */
  logStream(pod: KubeKey, options: LogOptions = {}): Promise<Readable> {
    const { signal, ...query } = options;
    return this.stream(`/api/v1/namespaces/${segment(pod.namespace ?? 'default')}/pods/${segment(pod.name)}/log`, {
      query,
      accept: '*/*',
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /**
   * Connects to a subresource of a pod (exec, attach, portforward) with the upgrade that the headers ask for.
   * @throws KubeApiError when the API does not switch protocols
   */
  connect(pod: KubeKey, subresource: string, request: UpgradeRequest): Promise<Upgraded> {
    const path = `/api/v1/namespaces/${segment(pod.namespace ?? 'default')}/pods/${segment(pod.name)}/${segment(subresource)}`;
    return this.transport.upgrade(path, { timeoutMs: DEFAULT_TIMEOUT_MS, ...request });
  }

  version(options: CallOptions = {}): Promise<{ gitVersion: string }> {
    return this.request('/version', options);
  }

  /** Whether the API says that it is ready. @throws KubeApiError, KubeUnreachableError when not. */
  async ready(options: CallOptions = {}): Promise<void> {
    await text(await this.stream('/readyz', { accept: '*/*', ...options }));
  }

  /** The resource of a kind, by discovery. @throws KubeApiError 404 when the API does not serve it. */
  async resourceOf(apiVersion: string, kind: string, options: CallOptions = {}): Promise<KubeResource> {
    const [version = 'v1', group = ''] = apiVersion.split('/').reverse();
    const known = this.discovered.get(apiVersion)?.find((resource) => resource.kind === kind);
    if (known !== undefined) return known;
    const path = group === '' ? `/api/${segment(version)}` : `/apis/${segment(group)}/${segment(version)}`;
    const { resources } = await this.request<{ resources: { name: string; kind: string; namespaced: boolean }[] }>(
      path,
      options,
    );
    const found = resources
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind: of, namespaced }): KubeResource => ({ group, version, plural: name, kind: of, namespaced }));
    this.discovered.set(apiVersion, found);
    const resource = found.find((candidate) => candidate.kind === kind);
    if (resource !== undefined) return resource;
    throw new KubeApiError(404, {
      code: 404,
      reason: 'NotFound',
      message: `the cluster does not serve kind ${kind} in ${apiVersion}`,
    });
  }

  /** Drops every connection; requests under way fail as unreachable. New requests connect anew. */
  dropConnections(): void {
    this.transport.dropConnections();
  }

  /** Nothing may be asked any more. */
  close(): void {
    this.transport.dropConnections();
  }
}

const segment = encodeURIComponent;

const aboutOf = ({ plural, group }: KubeResource): string => (group === '' ? plural : `${plural}.${group}`);

function pathOf(resource: KubeResource, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const scope =
    resource.namespaced && namespace !== undefined && namespace !== '' ? `/namespaces/${segment(namespace)}` : '';
  const object = name === undefined ? '' : `/${segment(name)}`;
  const sub = subresource === undefined ? '' : `/${subresource}`;
  return `${root}/${resource.version}${scope}/${resource.plural}${object}${sub}`;
}
