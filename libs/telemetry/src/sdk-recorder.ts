/** Spans by OpenTelemetry's SDK, exported over OTLP (HTTP/protobuf). Loaded only where they are wanted. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace, type Context, type Link } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import { RootLimit } from './root-limit.js';
import { telemetryResource, type Identity } from './resource.js';
import { UNTRACED, type Attributes, type Span, type SpanRecorder } from './spans.js';
import { formatTraceparent, parseTraceparent, runInTrace } from './trace-context.js';
import { tracesUrl, type TracingSettings } from './tracing-settings.js';

/** A recorder and how to send what it holds; see {@link startTracing}. */
export interface SdkTracing {
  record: SpanRecorder;
  /** Sends what is not sent yet, and records no more. */
  shutdown: () => Promise<void>;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** The exporter takes headers, timeout, compression and certificates from the environment itself. */
export function sdkTracing(identity: Identity, settings: TracingSettings): SdkTracing {
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: tracesUrl(settings) }),
    scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
    maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
  });
  const provider = new TracerProvider({
    resource: telemetryResource(identity),
    sampler: samplerOf(settings),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('skyflow', identity.version);
  const limit = new RootLimit(settings.SKYFLOW_TRACES_PER_SECOND);
  const record: SpanRecorder = (name, { parent, kind = 'internal', attributes, links, startedAt }) => {
    if (parent === undefined && !limit.take(performance.now())) return UNTRACED;
    return new Recorded(
      tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          ...(attributes === undefined ? {} : { attributes: known(attributes) }),
          ...(links === undefined ? {} : { links: links.flatMap(linkOf) }),
          ...(startedAt === undefined ? {} : { startTime: startedAt }),
        },
        contextOf(parent),
      ),
    );
  };
  return { record, shutdown: () => provider.shutdown() };
}

class Recorded implements Span {
  readonly traceparent: string;

  constructor(private readonly span: ReturnType<ReturnType<TracerProvider['getTracer']>['startSpan']>) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.traceparent = formatTraceparent({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 });
  }

  get isRecorded(): boolean {
    return this.span.isRecording();
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(known(attributes));
  }

  fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
    this.span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  end(): void {
    this.span.end();
  }

  run<T>(work: () => T): T {
    return runInTrace(this.traceparent, work);
  }
}

function contextOf(parent: string | undefined): Context {
  const link = parent === undefined ? undefined : linkOf(parent)[0];
  return link === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, link.context);
}

/** None of a text that is no trace context: it may come from anywhere. */
function linkOf(traceparent: string): Link[] {
  const ids = parseTraceparent(traceparent);
  if (ids === undefined) return [];
  const traceFlags = ids.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return [{ context: { traceId: ids.traceId, spanId: ids.spanId, traceFlags, isRemote: true } }];
}

const known = (attributes: Attributes): Record<string, string | number | boolean | string[]> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'object' ? [...value] : value]],
    ),
  );

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: TracingSettings): Sampler {
  const root = name.endsWith('always_off')
    ? new AlwaysOffSampler()
    : name.endsWith('traceidratio')
      ? new TraceIdRatioBasedSampler(ratio)
      : new AlwaysOnSampler();
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}
