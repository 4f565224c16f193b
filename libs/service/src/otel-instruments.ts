/** OpenTelemetry's meter of a process, loaded when it is asked for. */
import { createRequire } from 'node:module';
import type { Meter } from '@opentelemetry/api';
import type * as Otlp from '@opentelemetry/exporter-metrics-otlp-proto';
import type * as Prometheus from '@opentelemetry/exporter-prometheus';
import type * as Sdk from '@opentelemetry/sdk-metrics';
import type { Resource } from '@opentelemetry/resources';

// By this name and here, so that what it loads is found when an image is made (deploy/images/keep.mjs).
const require = createRequire(import.meta.url);

/** Where metrics are sent besides. */
export interface MetricsCollector {
  url: string;
  resource: Resource;
  intervalMs: number;
  timeoutMs: number;
}

export interface Instruments {
  meter: Meter;
  /** All of them now, in Prometheus' text format. */
  text: () => Promise<string>;
  /** Sends them a last time. */
  close: () => Promise<void>;
}

export function loadInstruments(service: string, collector?: MetricsCollector): Instruments {
  const { PrometheusExporter, PrometheusSerializer } =
    require('@opentelemetry/exporter-prometheus') as typeof Prometheus;
  const { MeterProvider } = require('@opentelemetry/sdk-metrics') as typeof Sdk;
  const reader = new PrometheusExporter({ preventServerStart: true });
  const readers = collector === undefined ? [reader] : [reader, sender(collector)];
  const provider = new MeterProvider({
    readers,
    ...(collector === undefined ? {} : { resource: collector.resource }),
  });
  const serializer = new PrometheusSerializer();
  return {
    meter: provider.getMeter(`skyflow/${service}`),
    text: async () => {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw errors[0] as Error;
      return serializer.serialize(resourceMetrics);
    },
    close: () => provider.shutdown(),
  };
}

function sender({ url, intervalMs, timeoutMs }: MetricsCollector): Sdk.IMetricReader {
  const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-proto') as typeof Otlp;
  const { PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics') as typeof Sdk;
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url }),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(timeoutMs, intervalMs),
  });
}
