/** OpenTelemetry's own environment variables for metrics, as far as SkyFlow honours them. */
import { z } from 'zod';
import { signalUrl, type TracingSettings } from './tracing-settings.js';

export const metricsEnvironment = {
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('collector for metrics alone, with path: http://host:4318/v1/metrics'),
  OTEL_METRICS_EXPORTER: z
    .enum(['otlp', 'none'])
    .default('otlp')
    .describe('where metrics go beside /metrics: otlp, or none; otlp needs an endpoint'),
  OTEL_METRIC_EXPORT_INTERVAL: z.coerce.number().int().min(1).default(60_000).describe('between two exports, ms'),
  OTEL_METRIC_EXPORT_TIMEOUT: z.coerce.number().int().min(1).default(30_000).describe('longest of one export, ms'),
};

export type MetricsSettings = z.infer<z.ZodObject<typeof metricsEnvironment>>;

/** Where metrics are sent; undefined: nowhere. */
export function metricsUrl(settings: MetricsSettings & TracingSettings): string | undefined {
  if (settings.OTEL_SDK_DISABLED === 'true' || settings.OTEL_METRICS_EXPORTER === 'none') return undefined;
  const url =
    settings.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? signalUrl(settings.OTEL_EXPORTER_OTLP_ENDPOINT, 'metrics');
  return url === '' ? undefined : url;
}
