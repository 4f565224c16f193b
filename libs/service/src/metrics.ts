/**
 * Metrics of a process: OpenTelemetry instruments, read in Prometheus' text format (or OpenMetrics, with exemplars) at /metrics, and sent
 * over OTLP where there is a collector. OpenTelemetry (30 MB) is loaded with the first instrument of its meter or for a collector; a process
 * that has neither serves what is observed and its histograms without it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Meter } from '@opentelemetry/api';
import { Exemplars, type HistogramOptions, type TracedHistogram } from './exemplars.js';
import { OPERATIONS, type Operation, operationOf } from './operations.js';
import { PlainHistogram } from './plain-histogram.js';
import { loadInstruments, type Instruments, type MetricsCollector } from './otel-instruments.js';
import { OPEN_METRICS_TYPE, openMetrics } from './open-metrics.js';

/** A number that is known at any time, and looked at when somebody asks. */
export interface Observed {
  /** `skyflow_<what>_<unit>`; of a counter with `_total`. */
  name: string;
  description: string;
  type: 'gauge' | 'counter';
  read: () => number | Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>;
}

export interface Metrics {
  /** Make instruments here; names are `skyflow_<what>_<unit>`. */
  readonly meter: Meter;
  /** A histogram whose buckets name a trace each, where what is recorded is traced. Without a collector it needs no OpenTelemetry. */
  histogram(name: string, options: HistogramOptions): TracedHistogram;
  /** Does something, and counts it with its time and its error. */
  readonly operation: Operation;
  /** Shows a number; needs no OpenTelemetry. */
  observe(observed: Observed): void;
  /** Answers a scrape. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

const CLOSE_MS = 2_000;
const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function createMetrics(service: string, collector?: MetricsCollector): Metrics {
  const exemplars = new Exemplars();
  const observed: Observed[] = [];
  const plain: PlainHistogram[] = [];
  let loaded: Instruments | undefined;
  const instruments = (): Instruments => {
    if (loaded === undefined) {
      loaded = loadInstruments(service, collector);
      for (const each of observed) observeBy(loaded.meter, each);
    }
    return loaded;
  };
  const histogram: Metrics['histogram'] = (name, { description, bounds }) => {
    if (collector !== undefined) {
      const advice = { explicitBucketBoundaries: [...bounds] };
      return exemplars.histogram(name, bounds, instruments().meter.createHistogram(name, { description, advice }));
    }
    const made = new PlainHistogram(name, description, bounds);
    plain.push(made);
    return exemplars.histogram(name, bounds, made);
  };
  const { name: operations, ...options } = OPERATIONS;
  const metrics: Metrics = {
    get meter() {
      return instruments().meter;
    },
    histogram,
    operation: operationOf(histogram(operations, options)),
    observe: (each) => {
      observed.push(each);
      if (loaded !== undefined) observeBy(loaded.meter, each);
    },
    serve: (request, response) => {
      const text = loaded === undefined ? Promise.resolve(observed.map(textOf).join('')) : loaded.text();
      const histograms = plain.map((each) => each.text()).join('');
      const open = request.headers.accept?.includes('application/openmetrics-text') === true;
      text.then(
        (instrumentText) => {
          const page = `${instrumentText}${histograms}`;
          response.setHeader('content-type', open ? OPEN_METRICS_TYPE : PROMETHEUS_TYPE);
          response.end(open ? openMetrics(page, exemplars.of) : page);
        },
        (error: unknown) => {
          response.statusCode = 500;
          response.end(`# the metrics could not be collected: ${(error as Error).message}\n`);
        },
      );
    },
    close: async () => {
      if (loaded === undefined) return;
      // A collector that is away must not hold up the end of the process.
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
      await Promise.race([loaded.close().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
  for (const each of PROCESS) metrics.observe(each);
  if (collector !== undefined) instruments();
  return metrics;
}

const PROCESS: readonly Observed[] = [
  {
    name: 'skyflow_process_resident_memory_bytes',
    description: 'Resident memory of the process.',
    type: 'gauge',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'skyflow_process_cpu_seconds_total',
    description: 'CPU time used by the process.',
    type: 'counter',
    read: () => {
      const usage = process.cpuUsage();
      return (usage.user + usage.system) / 1e6;
    },
  },
];

function observeBy(meter: Meter, { name, description, type, read }: Observed): void {
  const options = { description };
  const instrument =
    type === 'gauge' ? meter.createObservableGauge(name, options) : meter.createObservableCounter(name, options);
  instrument.addCallback((result) => {
    for (const [labels, value] of pointsOf(read())) result.observe(value, labels);
  });
}

function textOf({ name, description, type, read }: Observed): string {
  const points = pointsOf(read()).map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
  });
  return `# HELP ${name} ${description}\n# TYPE ${name} ${type}\n${points.join('')}`;
}

const pointsOf = (read: ReturnType<Observed['read']>): (readonly [Readonly<Record<string, string>>, number])[] =>
  typeof read === 'number' ? [[{}, read]] : [...read];
