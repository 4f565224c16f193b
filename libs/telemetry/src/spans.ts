/**
 * Spans of a trace, one API for every process: recorded where {@link installRecorder} was called (see start-tracing.ts), and otherwise
 * nothing but the parent's trace context handed on, so that services with and without tracing can be mixed. Loads no OpenTelemetry.
 */
import { parseTraceparent, runInTrace } from './trace-context.js';

export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface SpanOptions {
  /** Traceparent of the span that this one follows from; absent: it begins a trace. */
  parent?: string | undefined;
  /** Default: internal. */
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  attributes?: Attributes;
  /** Traceparents of spans that this one has to do with, of other traces too. */
  links?: readonly string[];
  /** When it began, ms since the epoch; absent: now. */
  startedAt?: number;
}

/** A piece of work. Whoever starts it ends it, once; one that is not ended is not reported. */
export interface Span {
  /** What follows from this work names it as its parent. Undefined: there is no trace. */
  readonly traceparent: string | undefined;
  /** Whether anybody will see it: attributes that cost something need not be made otherwise. */
  readonly isRecorded: boolean;
  set(attributes: Attributes): void;
  /** It did not work out; the message says why. */
  fail(error: unknown): void;
  end(): void;
  /** Runs `work` in the span: its log lines carry its ids, its requests to other programs its context. */
  run<T>(work: () => T): T;
}

/** Where spans are made; `name` has few values. */
export type SpanRecorder = (name: string, options: SpanOptions) => Span;

let recorder: SpanRecorder | undefined;

/** For the whole process, as OpenTelemetry's own providers are. Undefined: spans are recorded no more. */
export function installRecorder(next: SpanRecorder | undefined): void {
  recorder = next;
}

/** Whether spans are recorded in this process. */
export const isTracing = (): boolean => recorder !== undefined;

/** Starts a span, of a new trace where there is no parent. */
export function startSpan(name: string, options: SpanOptions = {}): Span {
  return recorder === undefined ? new PassedOn(options.parent) : recorder(name, options);
}

/** Starts a span of a trace that there is: what follows from nothing that is traced is not traced either. */
export function followSpan(name: string, parent: string | undefined, options: Omit<SpanOptions, 'parent'> = {}): Span {
  if (parent === undefined) return UNTRACED;
  return startSpan(name, { ...options, parent });
}

/** Does `work` in a span that ends with it, and fails with it. */
export async function inSpan<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await span.run(work);
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

/** Not recorded here: whoever follows sees its parent. */
class PassedOn implements Span {
  readonly isRecorded = false;

  constructor(readonly traceparent: string | undefined) {}

  set(): void {
    // Nobody will see it.
  }

  fail(): void {
    // Nobody will see it.
  }

  end(): void {
    // Nobody will see it.
  }

  run<T>(work: () => T): T {
    const { traceparent } = this;
    return traceparent === undefined || parseTraceparent(traceparent) === undefined
      ? work()
      : runInTrace(traceparent, work);
  }
}

/** Of no trace. */
export const UNTRACED: Span = new PassedOn(undefined);
