/**
 * W3C trace context as text: what a `traceparent` header, a NATS header and an entry of the log carry, and which one is active here.
 * Loads nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const FORM = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** The parts of a traceparent. */
export interface TraceIds {
  traceId: string;
  spanId: string;
  /** Whether whoever began the trace wants it recorded. */
  sampled: boolean;
}

/** Undefined: it is not a traceparent (W3C Trace Context, 3.2), and to be taken for absent. */
export function parseTraceparent(text: string | undefined): TraceIds | undefined {
  const [, traceId, spanId, flags, more] = FORM.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (traceId === NO_TRACE || spanId === NO_SPAN || (more !== undefined && text?.startsWith('00') === true)) {
    return undefined;
  }
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export const formatTraceparent = ({ traceId, spanId, sampled }: TraceIds): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

const active = new AsyncLocalStorage<string | undefined>();

/** Traceparent of the span that the calling code runs in; undefined: none. */
export const activeTrace = (): string | undefined => active.getStore();

/** Runs `work`, and all that it awaits, in that span. */
export const runInTrace = <T>(traceparent: string, work: () => T): T => active.run(traceparent, work);

/** Runs `work` in no span: what goes on long after the span that it was begun in is no part of it. */
export const outOfTrace = <T>(work: () => T): T => active.run(undefined, work);

/** What a line of a log carries of the trace that it is written in, by the names that log stores know. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  const ids = parseTraceparent(active.getStore());
  return ids === undefined ? {} : { trace_id: ids.traceId, span_id: ids.spanId };
}
