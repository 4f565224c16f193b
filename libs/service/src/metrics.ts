/**
 * Metrics of a process: OpenTelemetry instruments, read in Prometheus' text format at /metrics. OpenTelemetry (30 MB) is loaded
 * with the first instrument; a process that makes none serves its memory and processor time alone.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { Meter } from '@opentelemetry/api';
import type * as Prometheus from '@opentelemetry/exporter-prometheus';
import type * as Sdk from '@opentelemetry/sdk-metrics';

export interface Metrics {
  /** Make instruments here; names are `skyflow_<what>_<unit>`. */
  readonly meter: Meter;
  /** Answers a scrape. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

const RESIDENT = { name: 'skyflow_process_resident_memory_bytes', description: 'Resident memory of the process.' };
const CPU = { name: 'skyflow_process_cpu_seconds_total', description: 'CPU time used by the process.' };

export function createMetrics(service: string): Metrics {
  let loaded: Instruments | undefined;
  return {
    get meter() {
      loaded ??= loadInstruments(service);
      return loaded.meter;
    },
    serve: (request, response) => {
      if (loaded !== undefined) loaded.exporter.getMetricsRequestHandler(request, response);
      else response.setHeader('content-type', 'text/plain; charset=utf-8').end(processMetrics());
    },
    close: async () => loaded?.provider.shutdown(),
  };
}

interface Instruments {
  meter: Meter;
  exporter: Prometheus.PrometheusExporter;
  provider: Sdk.MeterProvider;
}

function loadInstruments(service: string): Instruments {
  const require = createRequire(import.meta.url);
  const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus') as typeof Prometheus;
  const { MeterProvider } = require('@opentelemetry/sdk-metrics') as typeof Sdk;
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const meter = provider.getMeter(`skyflow/${service}`);
  meter
    .createObservableGauge(RESIDENT.name, RESIDENT)
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter.createObservableCounter(CPU.name, CPU).addCallback((result) => result.observe(cpuSeconds()));
  return { meter, exporter, provider };
}

const processMetrics = (): string =>
  [
    `# HELP ${RESIDENT.name} ${RESIDENT.description}`,
    `# TYPE ${RESIDENT.name} gauge`,
    `${RESIDENT.name} ${process.memoryUsage.rss()}`,
    `# HELP ${CPU.name}_total ${CPU.description}`,
    `# TYPE ${CPU.name}_total counter`,
    `${CPU.name}_total ${cpuSeconds()}`,
    '',
  ].join('\n');

function cpuSeconds(): number {
  const usage = process.cpuUsage();
  return (usage.user + usage.system) / 1e6;
}
