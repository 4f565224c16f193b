/** The messages of OTLP (opentelemetry-proto 1.9) as far as tests read them, for protobufjs. */
import protobuf from 'protobufjs';

const field = (type: string, id: number) => ({ type, id });
const list = (type: string, id: number) => ({ rule: 'repeated', type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: {
      oneofs: { value: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue'] } },
      fields: {
        stringValue: field('string', 1),
        boolValue: field('bool', 2),
        intValue: field('int64', 3),
        doubleValue: field('double', 4),
        arrayValue: field('ArrayValue', 5),
      },
    },
    ArrayValue: { fields: { values: list('AnyValue', 1) } },
    KeyValue: { fields: { key: field('string', 1), value: field('AnyValue', 2) } },
    Resource: { fields: { attributes: list('KeyValue', 1) } },
    ExportTraceServiceRequest: { fields: { resourceSpans: list('ResourceSpans', 1) } },
    ResourceSpans: { fields: { resource: field('Resource', 1), scopeSpans: list('ScopeSpans', 2) } },
    ScopeSpans: { fields: { spans: list('Span', 2) } },
    Span: {
      fields: {
        traceId: field('bytes', 1),
        spanId: field('bytes', 2),
        parentSpanId: field('bytes', 4),
        name: field('string', 5),
        kind: field('uint32', 6),
        startTimeUnixNano: field('fixed64', 7),
        endTimeUnixNano: field('fixed64', 8),
        attributes: list('KeyValue', 9),
        links: list('Link', 13),
        status: field('Status', 15),
      },
    },
    Link: { fields: { traceId: field('bytes', 1), spanId: field('bytes', 2) } },
    Status: { fields: { message: field('string', 2), code: field('uint32', 3) } },
    ExportMetricsServiceRequest: { fields: { resourceMetrics: list('ResourceMetrics', 1) } },
    ResourceMetrics: { fields: { resource: field('Resource', 1), scopeMetrics: list('ScopeMetrics', 2) } },
    ScopeMetrics: { fields: { metrics: list('Metric', 2) } },
    Metric: { fields: { name: field('string', 1), unit: field('string', 3) } },
  },
});

interface RawValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: number;
  doubleValue?: number;
  arrayValue?: { values?: RawValue[] };
}
interface RawResource {
  attributes?: { key: string; value: RawValue }[];
}
export interface RawSpan extends RawResource {
  traceId: Uint8Array;
  spanId: Uint8Array;
  parentSpanId?: Uint8Array;
  name: string;
  kind?: number;
  startTimeUnixNano: number;
  endTimeUnixNano: number;
  links?: { traceId: Uint8Array; spanId: Uint8Array }[];
  status?: { message?: string; code?: number };
}
export interface TraceRequest {
  resourceSpans?: { resource?: RawResource; scopeSpans?: { spans?: RawSpan[] }[] }[];
}
export interface MetricsRequest {
  resourceMetrics?: { resource?: RawResource; scopeMetrics?: { metrics?: { name: string; unit?: string }[] }[] }[];
}

const decode = (type: string, bytes: Uint8Array): unknown => {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: Number });
};
export const decodeTraces = (bytes: Uint8Array): TraceRequest =>
  decode('ExportTraceServiceRequest', bytes) as TraceRequest;
export const decodeMetrics = (bytes: Uint8Array): MetricsRequest =>
  decode('ExportMetricsServiceRequest', bytes) as MetricsRequest;

/** Attributes as plain values. */
export const attributesOf = ({ attributes = [] }: RawResource): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));

function plain(value: RawValue): unknown {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  return value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue;
}
