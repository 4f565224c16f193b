/**
 * The control API on loopback, for tests and people: GET /livez, /readyz, /clusters; GET, POST and DELETE
 * /clusters/<name>/faults. POST replaces all faults of the cluster. No authentication: who can reach loopback here can also
 * read the process's memory as its user, or is trusted to run tests.
 */
import { StatusError } from '@skyflow/apimachinery';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZodError } from 'zod';
import type { EmbeddedClusters } from '../clusters.js';
import { type Faults, faultsSchema, NO_FAULTS } from './faults.js';

const LONGEST_BODY_BYTES = 65_536;

export class ControlServer {
  readonly #clusters: EmbeddedClusters;
  readonly #faults = new Map<string, Faults>();
  readonly #server: Server;

  constructor(clusters: EmbeddedClusters) {
    this.#clusters = clusters;
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        (body) => reply(response, 200, body),
        (error: unknown) => reply(response, codeOf(error), { error: messageOf(error) }),
      );
    });
  }

  /** Resolves with the port. */
  async listen(port: number): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage): Promise<unknown> {
    const { pathname } = new URL(request.url ?? '/', 'http://control');
    const method = request.method ?? 'GET';
    if (method === 'GET' && (pathname === '/livez' || pathname === '/readyz')) return { status: 'ok' };
    if (method === 'GET' && pathname === '/clusters') {
      return this.#clusters.clusters.map(({ name, url, state }) => ({
        name,
        url,
        pods: state.count('Pod'),
        faults: this.#faults.get(name) ?? NO_FAULTS,
      }));
    }
    const name = /^\/clusters\/([^/]+)\/faults$/.exec(pathname)?.[1];
    if (name === undefined) {
      throw new StatusError(
        404,
        'NotFound',
        `${method} ${pathname} is not served; see GET /clusters and POST /clusters/<name>/faults`,
      );
    }
    return this.#serveFaults(decodeURIComponent(name), method, request);
  }

  async #serveFaults(name: string, method: string, request: IncomingMessage): Promise<Faults> {
    if (!this.#clusters.clusters.some((cluster) => cluster.name === name)) {
      throw new StatusError(404, 'NotFound', `there is no cluster "${name}"`);
    }
    if (method === 'GET') return this.#faults.get(name) ?? NO_FAULTS;
    if (method !== 'POST' && method !== 'DELETE') {
      throw new StatusError(405, 'MethodNotAllowed', `${method} is not served here; use GET, POST or DELETE`);
    }
    const faults = method === 'DELETE' ? NO_FAULTS : faultsSchema.parse(await readJson(request));
    await this.#clusters.setFaults(name, faults);
    this.#faults.set(name, faults);
    return faults;
  }
}

/** @throws StatusError 400, 413 */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > LONGEST_BODY_BYTES) {
      throw new StatusError(413, 'RequestEntityTooLarge', `the body is longer than ${LONGEST_BODY_BYTES} bytes`);
    }
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = 'the body is not JSON; an example: {"slowMs": 500, "lostNodes": ["node-0"]}';
    throw new StatusError(400, 'BadRequest', message, undefined, { cause });
  }
}

const codeOf = (error: unknown): number =>
  error instanceof StatusError ? error.code : error instanceof ZodError ? 422 : 500;

function messageOf(error: unknown): string {
  if (error instanceof ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.') || '(body)'}: ${message}`).join('; ');
  }
  return error instanceof StatusError ? error.message : 'internal error; see the log of the embedded clusters';
}

function reply(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
