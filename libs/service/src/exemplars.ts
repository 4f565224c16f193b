/** The last traced observation of each bucket of a histogram, for scrapes that take exemplars. */
import type { Attributes } from '@opentelemetry/api';
import { activeTrace, parseTraceparent } from '@skyflow/telemetry';
import { labelKey, type Exemplar } from './open-metrics.js';

export interface HistogramOptions {
  description: string;
  /** Upper bounds of the buckets, ascending. */
  bounds: readonly number[];
}

export interface TracedHistogram {
  /** @param trace traceparent of what is observed; absent: that of the calling code */
  record(value: number, labels?: Attributes, trace?: string): void;
}

interface Recorder {
  record(value: number, labels: Attributes): void;
}

export class Exemplars {
  private readonly kept = new Map<string, Exemplar>();

  /** A histogram whose observations are remembered. */
  histogram(name: string, bounds: readonly number[], histogram: Recorder): TracedHistogram {
    return {
      record: (value, labels = {}, trace = activeTrace()) => {
        histogram.record(value, labels);
        const ids = trace === undefined ? undefined : parseTraceparent(trace);
        if (ids?.sampled !== true) return;
        const bucket = bounds.find((bound) => value <= bound);
        this.kept.set(keyOf(name, labelKey(labels), bucket === undefined ? '+Inf' : String(bucket)), {
          traceId: ids.traceId,
          spanId: ids.spanId,
          value,
          atMs: Date.now(),
        });
      },
    };
  }

  readonly of = (metric: string, labels: string, bucket: string): Exemplar | undefined =>
    this.kept.get(keyOf(metric, labels, bucket));
}

const keyOf = (metric: string, labels: string, bucket: string): string => `${metric} ${bucket} ${labels}`;
