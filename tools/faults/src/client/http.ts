/** One gateway as a client sees it: a request that ends within some seconds, or did not end. */
import type { GatewayWay, System } from '../system/system.js';

export interface Answer {
  /** 0: there was none, and nobody knows what became of it. */
  code: number;
  body: unknown;
}

/** A gateway that says nothing is left before the time of a lease is over. */
const PATIENCE_MS = 4_000;
export const JOBS = '/apis/skyflow.io/v1/namespaces/default/jobs';

export async function ask(
  system: System,
  gateway: GatewayWay,
  path: string,
  init: { method?: string; body?: object; key?: string; type?: string; patienceMs?: number } = {},
): Promise<Answer> {
  const { method = 'GET', body, key, type = 'application/json', patienceMs = PATIENCE_MS } = init;
  try {
    const response = await fetch(`http://127.0.0.1:${gateway.proxy.port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${system.token}`,
        'content-type': type,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    // The log is a line of JSON per commit.
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { code: response.status, body: isJson ? JSON.parse(text) : text };
  } catch (error) {
    return { code: 0, body: String(error) };
  }
}
