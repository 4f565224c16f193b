/** Metrics of a process: OpenTelemetry instruments, read in Prometheus' text format at /metrics. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

export interface Metrics {
  /** Make instruments here; names are `skyflow_<what>_<unit>`. */
  readonly meter: Meter;
  /** Answers a scrape. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

export function createMetrics(service: string): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const meter = provider.getMeter(`skyflow/${service}`);
  meter
    .createObservableGauge('skyflow_process_resident_memory_bytes', { description: 'Resident memory of the process.' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  const cpu = meter.createObservableCounter('skyflow_process_cpu_seconds', {
    description: 'CPU time used by the process.',
  });
  cpu.addCallback((result) => {
    const usage = process.cpuUsage();
    result.observe((usage.user + usage.system) / 1e6);
  });
  return {
    meter,
    serve: (request, response) => exporter.getMetricsRequestHandler(request, response),
    close: () => provider.shutdown(),
  };
}
