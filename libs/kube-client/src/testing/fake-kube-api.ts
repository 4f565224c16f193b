/**
 * A Kubernetes API small enough to be steered by a test: objects by URL, lists in pages, watches with history, and every fault
 * that the Reflector must survive. It knows no kinds and validates nothing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { KubeObject } from '../client/kube-object.js';

interface Stored {
  collection: string;
  object: KubeObject;
}

interface HistoryEvent {
  version: number;
  collection: string;
  line: string;
}

export class FakeKubeApi {
  readonly requests: string[] = [];
  private readonly objects = new Map<string, Stored>();
  private history: HistoryEvent[] = [];
  private readonly watches = new Map<ServerResponse, string>();
  private readonly sockets = new Set<Socket>();
  private readonly failures: { pattern: RegExp; code: number; reason: string; message: string; times: number }[] = [];
  private version = 100;
  private server: Server | undefined;
  private port = 0;
  /** Watches of versions before this one get 410. */
  private oldestVersion = 0;
  /** Accept requests and never answer. */
  hanging = false;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get openWatches(): number {
    return this.watches.size;
  }

  /** Listens, on the port it had before if it was stopped. */
  async start(): Promise<this> {
    const server = createServer((request, response) => void this.handle(request, response));
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    return this;
  }

  /** Refuses connections from now on; state stays. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.dropConnections();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** The next `times` requests that match `METHOD path` are refused. */
  refuse(pattern: RegExp, code: number, reason: string, message: string, times = Number.POSITIVE_INFINITY): void {
    this.failures.push({ pattern, code, reason, message, times });
  }

  /** Forgets the watch history up to now; `lose` also forgets all objects and starts versions anew. */
  expireHistory(): void {
    this.history = [];
    this.oldestVersion = this.version;
  }

  loseState(): void {
    this.objects.clear();
    this.history = [];
    this.version = 0;
    this.oldestVersion = 0;
  }

  put(collection: string, object: KubeObject): KubeObject {
    this.version += 1;
    const path = `${collection}/${object.metadata.name}`;
    const before = this.objects.get(path)?.object;
    const changedSpec = JSON.stringify(before?.['spec']) !== JSON.stringify(object['spec']);
    const stored: KubeObject = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: before?.metadata.uid ?? `uid-${this.version}`,
        resourceVersion: String(this.version),
        generation: (before?.metadata.generation ?? 0) + (changedSpec || before === undefined ? 1 : 0),
      },
    };
    this.objects.set(path, { collection, object: stored });
    this.record(before === undefined ? 'ADDED' : 'MODIFIED', collection, stored);
    return stored;
  }

  find(path: string): KubeObject | undefined {
    return this.objects.get(path)?.object;
  }

  remove(path: string): void {
    const stored = this.objects.get(path);
    if (stored === undefined) return;
    this.version += 1;
    this.objects.delete(path);
    const object = { ...stored.object, metadata: { ...stored.object.metadata, resourceVersion: String(this.version) } };
    this.record('DELETED', stored.collection, object);
  }

  bookmark(): void {
    const object = { metadata: { resourceVersion: String(this.version) } };
    for (const response of this.watches.keys()) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  private record(type: string, collection: string, object: KubeObject): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.history.push({ version: this.version, collection, line });
    for (const [response, watched] of this.watches) if (isIn(collection, watched)) response.write(line);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    this.requests.push(`${method} ${url.pathname}${url.search}`);
    if (this.hanging) return;
    const body = await text(request);
    const refusal = this.failures.find(({ pattern, times }) => times > 0 && pattern.test(`${method} ${url.pathname}`));
    if (refusal !== undefined) {
      refusal.times -= 1;
      status(response, refusal.code, refusal.reason, refusal.message);
    } else if (method === 'GET') this.read(url, response);
    else this.write(method, url, body === '' ? undefined : (JSON.parse(body) as KubeObject), response);
  }

  private read(url: URL, response: ServerResponse): void {
    if (url.pathname === '/version') {
      answer(response, { gitVersion: 'v1.36.0' });
      return;
    }
    if (url.pathname === '/readyz') return void response.end('ok');
    const one = this.objects.get(url.pathname);
    if (one !== undefined) {
      answer(response, one.object);
      return;
    }
    if (url.searchParams.get('watch') === 'true') {
      this.watch(url, response);
      return;
    }
    const items = [...this.objects.values()]
      .filter(({ collection }) => isIn(collection, url.pathname))
      .map(({ object }) => object);
    if (!isCollection(url.pathname)) {
      status(response, 404, 'NotFound', `"${url.pathname.split('/').at(-1) ?? ''}" not found`);
      return;
    }
    const offset = Number(url.searchParams.get('continue') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? items.length);
    const more = offset + limit < items.length ? { continue: String(offset + limit) } : {};
    const metadata = { resourceVersion: String(this.version), ...more };
    answer(response, { kind: 'List', metadata, items: items.slice(offset, offset + limit) });
  }

  private watch(url: URL, response: ServerResponse): void {
    const since = Number(url.searchParams.get('resourceVersion') ?? 0);
    if (since > this.version) {
      status(response, 504, 'Timeout', `Too large resource version: ${since}, current: ${this.version}`);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (since < this.oldestVersion) {
      const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    for (const { version, collection, line } of this.history) {
      if (version > since && isIn(collection, url.pathname)) response.write(line);
    }
    this.watches.set(response, url.pathname);
    response.once('close', () => this.watches.delete(response));
  }

  private write(method: string, url: URL, body: KubeObject | undefined, response: ServerResponse): void {
    const path = url.pathname;
    if (method === 'DELETE') {
      const object = this.objects.get(path)?.object;
      if (object === undefined) {
        status(response, 404, 'NotFound', `${path} not found`);
        return;
      }
      const wanted = (body as { preconditions?: { uid?: string } } | undefined)?.preconditions?.uid;
      if (wanted !== undefined && wanted !== object.metadata.uid) {
        status(response, 409, 'Conflict', `the uid in the precondition (${wanted}) is not that of the object`);
        return;
      }
      this.remove(path);
      answer(response, { kind: 'Status', status: 'Success' });
      return;
    }
    if (body === undefined) {
      status(response, 400, 'BadRequest', 'a body is needed');
      return;
    }
    if (method === 'POST' && this.objects.has(`${path}/${body.metadata.name}`)) {
      status(response, 409, 'AlreadyExists', `"${body.metadata.name}" already exists`);
      return;
    }
    const collection = method === 'POST' ? path : path.slice(0, path.lastIndexOf('/'));
    answer(response, this.put(collection, { ...this.objects.get(path)?.object, ...body }));
  }
}

/** `/api/v1/pods`, `/apis/apps/v1/namespaces/default/deployments`: as opposed to one object. */
function isCollection(path: string): boolean {
  const segments = path.replace(/^\/(api|apis\/[^/]+)\/[^/]+\//, '').split('/');
  const rest = segments[0] === 'namespaces' && segments.length > 2 ? segments.slice(2) : segments;
  return rest.length === 1;
}

/** Whether a namespaced collection belongs to the one asked for, which may be that of all namespaces. */
function isIn(collection: string, asked: string): boolean {
  return collection === asked || collection.replace(/\/namespaces\/[^/]+(?=\/)/, '') === asked;
}

function answer(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function status(response: ServerResponse, code: number, reason: string, message: string): void {
  response
    .writeHead(code, { 'content-type': 'application/json' })
    .end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }));
}
