/** Requests to the Kubernetes API of a cluster, or to the gateway, as operations. */
import type { Metrics } from './metrics.js';

/** There is none (any more), another one was first: what is asked for next depends on it, and nothing has failed. */
const EXPECTED: ReadonlySet<unknown> = new Set([404, 409, 410]);

/** @param whose first word of the operation: `kubernetes PATCH` */
export const timeRequests =
  ({ operation }: Metrics, whose: 'kubernetes' | 'gateway') =>
  <T>(method: string, exchange: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
    operation(`${whose} ${method}`, exchange, { signal, isExpected });

const isExpected = (error: unknown): boolean => error instanceof Error && 'code' in error && EXPECTED.has(error.code);
