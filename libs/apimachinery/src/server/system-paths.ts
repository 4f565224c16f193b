/** Paths that are no resources: discovery, OpenAPI, version, health. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StatusError } from '../api/status-error.js';
import { discoveryOf } from './discovery.js';
import type { Representation } from './media-type.js';
import { ASKS_V2_PROTOBUF, type OpenApiDocuments, V2_PROTOBUF, openApiOf } from './openapi.js';
import { send } from './response.js';
import { DEFAULT_VERSION, type ApiServerOptions, type HealthChecks } from './server-options.js';

export class SystemPaths {
  readonly #options: ApiServerOptions;

  constructor(options: ApiServerOptions) {
    this.#options = options;
  }

  /** Health is open to everyone. True: it was answered. */
  async serveHealth(pathname: string, query: URLSearchParams, response: ServerResponse): Promise<boolean> {
    const { livez = {}, readyz = {} } = this.#options.health ?? {};
    const checks: Readonly<Record<string, HealthChecks>> = {
      '/livez': livez,
      '/readyz': { ...livez, ...readyz },
      '/healthz': { ...livez, ...readyz },
    };
    const chosen = Object.hasOwn(checks, pathname) ? checks[pathname] : undefined;
    if (chosen === undefined) return false;
    const lines: string[] = [];
    let healthy = true;
    for (const [name, check] of Object.entries(chosen)) {
      try {
        await check();
        lines.push(`[+]${name} ok`);
      } catch (error) {
        healthy = false;
        lines.push(`[-]${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const verbose = !healthy || query.has('verbose');
    const name = pathname.slice(1);
    const verdict = `${name} check ${healthy ? 'passed' : 'failed'}`;
    response.writeHead(healthy ? 200 : 500, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(verbose ? `${[...lines, verdict].join('\n')}\n` : 'ok');
    return true;
  }

  /** False: there is no such document. @throws StatusError 406 */
  serveDocument(
    pathname: string,
    representation: Representation | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): boolean {
    const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
    const { accept = '' } = request.headers;
    if (path === '/openapi/v2' && ASKS_V2_PROTOBUF.test(accept)) {
      const body = this.#openApi().v2Protobuf();
      response.writeHead(200, { 'content-type': V2_PROTOBUF, 'content-length': body.length }).end(body);
      return true;
    }
    const text = this.#document(path, representation);
    if (text === undefined) return false;
    if (representation === undefined) {
      const message = `only application/json is served here; asked for: ${accept}`;
      throw new StatusError(406, 'NotAcceptable', message);
    }
    const version = representation.aggregatedDiscovery;
    const aggregated = version !== undefined && (path === '/api' || path === '/apis');
    const contentType = aggregated ? { contentType: aggregatedType(version) } : {};
    send(response, { code: 200, body: text, isText: true, ...contentType }, representation);
    return true;
  }

  #document(path: string, representation: Representation | undefined): string | undefined {
    const { definitions } = this.#options;
    const discovery = discoveryOf(definitions);
    const version = representation?.aggregatedDiscovery;
    if (version !== undefined && (path === '/api' || path === '/apis')) return discovery.aggregated(path, version);
    const plain = discovery.plain.get(path);
    if (plain !== undefined) return plain;
    if (path === '/version') return JSON.stringify(this.#options.version ?? DEFAULT_VERSION);
    if (path === '/') return JSON.stringify({ paths: [...discovery.plain.keys(), ...OTHER_PATHS].sort() });
    if (!path.startsWith('/openapi/')) return undefined;
    const openApi = this.#openApi();
    if (path === '/openapi/v2') return openApi.v2();
    if (path === '/openapi/v3') return openApi.index();
    return path.startsWith('/openapi/v3/') ? openApi.document(path.slice('/openapi/v3/'.length)) : undefined;
  }

  #openApi(): OpenApiDocuments {
    const { definitions, schemas, openApiSchemas, title = 'SkyFlow' } = this.#options;
    return openApiOf(definitions, openApiSchemas?.() ?? schemas, title);
  }
}

const aggregatedType = (version: string): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

const OTHER_PATHS = ['/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'];
