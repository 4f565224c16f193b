/** Traces: W3C trace context, spans, and their export by OpenTelemetry's SDK. */
export {
  activeTrace,
  formatTraceparent,
  outOfTrace,
  parseTraceparent,
  runInTrace,
  traceFields,
  type TraceIds,
} from './trace-context.js';
export {
  followSpan,
  inSpan,
  installRecorder,
  isTracing,
  startSpan,
  type Attributes,
  type Span,
  type SpanOptions,
  type SpanRecorder,
} from './spans.js';
export { loadTracing, startTracing, type Tracing } from './start-tracing.js';
export type { SdkTracing } from './sdk-recorder.js';
export { tracingEnvironment, wantsTraces, type TracingSettings } from './tracing-settings.js';
export { metricsEnvironment, metricsUrl, type MetricsSettings } from './metrics-settings.js';
export type { Identity } from './resource.js';
export { loadResource } from './start-tracing.js';
