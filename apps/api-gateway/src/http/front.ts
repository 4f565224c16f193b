/**
 * The first thing that sees a request. Kubernetes-style paths go straight to the API machinery, without the web framework in
 * between; the gateway's own routes go on to Nest, after the token was checked. Errors are Status objects on both ways.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuseUpgrade, StatusError, warningHeaders, type ApiServer } from '@skyflow/apimachinery';
import { HISTORY_PATH } from '../access/asked.js';
import type { Gatekeeper } from '../access/gatekeeper.js';
import { setSecurityHeaders } from './security-headers.js';
import { sendStatus } from './send-status.js';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface FrontOptions {
  api: ApiServer;
  gatekeeper: Pick<Gatekeeper, 'admit' | 'admitStranger'>;
  /** Why what is read may be old; undefined: it is not. */
  staleness: () => string | undefined;
  /** There is HTTPS only. */
  strict: boolean;
  /** Why nothing can be served yet; undefined: it can. */
  starting: () => string | undefined;
}

const HEALTH = /^\/(livez|readyz|healthz)/;
const MACHINERY = /^\/($|api(\/|$)|apis(\/|$)|openapi\/|version\/?$|livez|readyz|healthz)/;
/** Own routes below the machinery's. */
const OWN_ROUTE =
  /^\/apis\/skyflow\.io\/v1\/(movepreviews|simulations|meshchecks|clusterplans|orphans|clusters\/[^/]+\/(log|escrow)|queues\/[^/]+\/waits|namespaces\/[^/]+\/(jobs|deployments)\/[^/]+\/(log|pods|explain|revisions))$/;
/** Static documents that hold no data, and where one gets a token. */
const OPEN =
  /^\/(docs(\/|$)|console(\/|$)|openapi\.json$|auth\/(login|refresh|register|enrol|oidc(\/(login|callback))?|session|session\/refresh)$)/;

/** Upgrades are of subresources of the machinery's; it authenticates and authorises them as it does any request. */
export function upgradeFront({ api, starting }: FrontOptions): UpgradeHandler {
  return (request, socket, head) => {
    const why = starting();
    if (why === undefined) void api.handleUpgrade(request, socket, head);
    else refuseUpgrade(socket, notStarted(why));
  };
}

export function front(options: FrontOptions, nest: RequestHandler): RequestHandler {
  return (request, response) => {
    const { url = '/' } = request;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    setSecurityHeaders(response, path, options.strict);
    const starting = HEALTH.test(path) ? undefined : options.starting();
    if (starting !== undefined) {
      sendStatus(response, notStarted(starting), !request.complete);
      return;
    }
    warnOfStale(response, options.staleness);
    if (MACHINERY.test(path) && !OWN_ROUTE.test(path) && !HISTORY_PATH.test(path)) {
      request.url = strictly(request.method, url);
      void options.api.handle(request, response);
      return;
    }
    if (OPEN.test(path)) {
      try {
        options.gatekeeper.admitStranger(request);
      } catch (error) {
        sendStatus(response, statusOf(error), !request.complete);
        return;
      }
      nest(request, response);
      return;
    }
    options.gatekeeper.admit(request).then(
      () => nest(request, response),
      (error: unknown) => sendStatus(response, statusOf(error), !request.complete),
    );
  };
}

/** Asked when the head is written: a read may find out that the log is silent. What else there is to be warned of stays. */
function warnOfStale(response: ServerResponse, staleness: () => string | undefined): void {
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  response.writeHead = (...head: unknown[]) => {
    const stale = staleness();
    if (stale === undefined || response.headersSent) return writeHead(...head);
    const warnings = warningHeaders([stale]);
    const headers = head.at(-1);
    if (typeof headers === 'object' && headers !== null && 'warning' in headers) {
      return writeHead(...head.slice(0, -1), { ...headers, warning: [...warnings, headers.warning].flat() });
    }
    response.setHeader('warning', warnings);
    return writeHead(...head);
  };
}

const notStarted = (why: string): StatusError =>
  new StatusError(503, 'ServiceUnavailable', `the gateway is starting: ${why}; try again`, { retryAfterSeconds: 1 });

const statusOf = (error: unknown): StatusError =>
  error instanceof StatusError
    ? error
    : new StatusError(500, 'InternalError', 'Internal error occurred', undefined, { cause: error });

/** SkyFlow's own kinds refuse unknown fields unless the client says otherwise; Kubernetes' default would only warn. */
function strictly(method: string | undefined, url: string): string {
  if (method === 'GET' || !url.startsWith('/apis/skyflow.io/') || url.includes('fieldValidation=')) return url;
  return `${url}${url.includes('?') ? '&' : '?'}fieldValidation=Strict`;
}
