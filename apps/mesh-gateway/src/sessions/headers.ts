/** How a route and the answer to it are written in the first frames of a stream (HTTP/2 CONNECT, RFC 9113 8.5). */
import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { GATEWAY_VERDICTS, type GatewayVerdict } from '@skyflow/contracts';
import type { Route } from '../route.js';

export const HEADER = {
  service: 'sky-service',
  port: 'sky-port',
  pod: 'sky-pod',
  client: 'sky-client',
  probe: 'sky-probe',
  verdict: 'sky-verdict',
  detail: 'sky-detail',
} as const;

export const STATUS: Record<GatewayVerdict, number> = {
  OK: 200,
  NOT_EXPORTED: 403,
  NO_POD: 404,
  DIAL_FAIL: 502,
  OVERLOAD: 503,
};

export const headersOf = ({ service, port, pod, client, probe }: Route): OutgoingHttpHeaders => ({
  [constants.HTTP2_HEADER_METHOD]: 'CONNECT',
  [constants.HTTP2_HEADER_AUTHORITY]: `${pod}.${service}`,
  [HEADER.service]: service,
  [HEADER.port]: port,
  [HEADER.pod]: pod,
  ...(client === undefined ? {} : { [HEADER.client]: client }),
  ...(probe === true ? { [HEADER.probe]: '1' } : {}),
});

export function routeOf(headers: IncomingHttpHeaders): Route {
  const [service = '', port = '', pod = ''] = [HEADER.service, HEADER.port, HEADER.pod].map((name) =>
    String(headers[name] ?? ''),
  );
  return { service, port, pod, probe: headers[HEADER.probe] !== undefined };
}

/** Whoever does not say OK in words has not said it. */
export const verdictOf = (headers: IncomingHttpHeaders): GatewayVerdict =>
  GATEWAY_VERDICTS.find((each) => each === headers[HEADER.verdict]) ?? 'DIAL_FAIL';
