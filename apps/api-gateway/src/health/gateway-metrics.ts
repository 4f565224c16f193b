/** What the gateway measures of itself, read at /metrics. Labels have few values: no names of objects, no users. */
import type { Meter } from '@opentelemetry/api';
import type { ApiServerOptions } from '@skyflow/apimachinery';
import type { ReadModel } from '../store/read-model.js';

export type Observe = NonNullable<ApiServerOptions['observe']>;

/** Bounds of the duration histogram: a create at idle takes 1–2 ms, a page of a list 10. */
const BOUNDS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/** Times (and so counts) requests to the API machinery; of watches and streams, whose duration says nothing, only the number. */
export function requestMetrics(meter: Meter): Observe {
  const streams = meter.createCounter('skyflow_http_streams', { description: 'Watches and logs that have ended.' });
  const duration = meter.createHistogram('skyflow_http_request_duration_milliseconds', {
    description: 'Time until a request was answered.',
    advice: { explicitBucketBoundaries: BOUNDS_MS },
  });
  return ({ verb = 'other', resource }, { code, durationMs }) => {
    const labels = { verb, group: resource?.group ?? '', resource: resource?.plural ?? '', code };
    if (verb === 'watch' || verb === 'connect') streams.add(1, labels);
    else duration.record(durationMs, labels);
  };
}

/** How far the log is folded, and how much is in the fold. */
export function foldMetrics(meter: Meter, model: ReadModel): void {
  meter
    .createObservableGauge('skyflow_folded_sequence', { description: 'Last commit of the log that is folded.' })
    .addCallback((result) => result.observe(model.seq));
  meter
    .createObservableGauge('skyflow_objects', { description: 'API objects in the read model.' })
    .addCallback((result) => result.observe(model.state.table.size));
}
