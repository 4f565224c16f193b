/** How long what comes of a user's action belongs to the trace of it. */

/** Where something came from, as far as it is traced. */
export interface TraceOrigin {
  /** Trace context of the entry (W3C `traceparent`). */
  trace?: string;
  /** When that entry was written, ms since the epoch. */
  at?: number;
}

/** A trace tells of what a user did and how it went, not of the whole life of what came of it. */
const TRACE_LIFE_MS = 15 * 60_000;

/** The trace that what is done or seen now belongs to; undefined: none, or its story is told. */
export const liveTrace = ({ trace, at = 0 }: TraceOrigin, nowMs: number): string | undefined =>
  nowMs - at < TRACE_LIFE_MS ? trace : undefined;

/** Of what an entry brought about. */
export const traceOrigin = ({ trace, at }: { trace?: string | undefined; at: number }): TraceOrigin =>
  trace === undefined ? {} : { trace, at };
