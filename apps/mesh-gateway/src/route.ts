/** How a route and the answer to it are written in the first frames of a stream (HTTP/2 CONNECT, RFC 9113 8.5). */
import type { GatewayVerdict } from '@skyflow/contracts';

export const HEADER = {
  /** uid of the service; name of its port; uid of the pod. */
  service: 'sky-service',
  port: 'sky-port',
  pod: 'sky-pod',
  /** Address of the client, for logs. */
  client: 'sky-client',
  /** Only whether the pod is reached is asked. */
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
