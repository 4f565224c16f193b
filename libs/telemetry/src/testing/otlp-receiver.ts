/** A collector for tests: takes OTLP over HTTP (protobuf, gzip) and keeps what comes. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { attributesOf, decodeMetrics, decodeTraces, type RawSpan } from './otlp-proto.js';

export interface ReceivedSpan {
  /** `service.name` of who sent it. */
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  /** Undefined: it began its trace. */
  parentSpanId: string | undefined;
  /** As in OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  /** ns since the epoch, rounded. */
  start: number;
  end: number;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  /** Message of a span that failed. */
  error: string | undefined;
}

export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** By service: names of the metrics that it sent. */
  readonly metrics = new Map<string, Set<string>>();
  /** Headers of the last request. */
  lastHeaders: IncomingMessage['headers'] = {};
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      this.take(request).then(
        () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
        (error: unknown) => response.writeHead(400).end(String(error)),
      );
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage): Promise<void> {
    this.lastHeaders = request.headers;
    const body = await buffer(request);
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    if (request.headers['content-type'] !== 'application/x-protobuf') throw new Error('not protobuf');
    if (request.url === '/v1/traces') this.takeTraces(bytes);
    else if (request.url === '/v1/metrics') this.takeMetrics(bytes);
    else throw new Error(`no such path: ${request.url ?? ''}`);
  }

  private takeTraces(bytes: Uint8Array): void {
    for (const { resource = {}, scopeSpans = [] } of decodeTraces(bytes).resourceSpans ?? []) {
      const service = String(attributesOf(resource)['service.name']);
      for (const { spans = [] } of scopeSpans) this.spans.push(...spans.map((span) => received(service, span)));
    }
  }

  private takeMetrics(bytes: Uint8Array): void {
    for (const { resource = {}, scopeMetrics = [] } of decodeMetrics(bytes).resourceMetrics ?? []) {
      const service = String(attributesOf(resource)['service.name']);
      const names = this.metrics.get(service) ?? new Set();
      this.metrics.set(service, names);
      for (const { metrics = [] } of scopeMetrics) for (const { name } of metrics) names.add(name);
    }
  }
}

const received = (service: string, span: RawSpan): ReceivedSpan => ({
  service,
  name: span.name,
  traceId: hex(span.traceId),
  spanId: hex(span.spanId),
  parentSpanId: span.parentSpanId === undefined || span.parentSpanId.length === 0 ? undefined : hex(span.parentSpanId),
  kind: span.kind ?? 0,
  start: span.startTimeUnixNano,
  end: span.endTimeUnixNano,
  attributes: attributesOf(span),
  links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId: hex(traceId), spanId: hex(spanId) })),
  error: span.status?.code === 2 ? (span.status.message ?? '') : undefined,
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
