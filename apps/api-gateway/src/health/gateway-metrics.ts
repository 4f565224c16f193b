/** What the gateway measures of itself and of the agents, read at /metrics. Labels have few values: no names of objects, no users. */
import { workSubject } from '@skyflow/contracts';
import type { ApiServerOptions } from '@skyflow/apimachinery';
import type { SubjectHead } from '@skyflow/event-log';
import type { Metrics } from '@skyflow/service';
import type { ReadModel } from '../store/read-model.js';
import type { Heartbeats } from './heartbeats.js';

export type Observe = NonNullable<ApiServerOptions['observe']>;

/** Bounds of the duration histogram: a create at idle takes 1–2 ms, a page of a list 10. */
const BOUNDS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/** Times (and so counts) requests to the API machinery; of watches and streams, whose duration says nothing, only the number. */
export function requestMetrics(metrics: Metrics): Observe {
  const streams = metrics.meter.createCounter('skyflow_http_streams', {
    description: 'Watches and logs that have ended.',
  });
  const duration = metrics.histogram('skyflow_http_request_duration_milliseconds', {
    description: 'Time until a request was answered.',
    bounds: BOUNDS_MS,
  });
  return ({ verb = 'other', resource }, { code, durationMs }) => {
    const labels = { verb, group: resource?.group ?? '', resource: resource?.plural ?? '', code };
    if (verb === 'watch' || verb === 'connect') streams.add(1, labels);
    else duration.record(durationMs, labels);
  };
}

/** How far the log is folded, and how much is in the fold. */
export function foldMetrics(metrics: Metrics, model: ReadModel): void {
  metrics.observe({
    name: 'skyflow_folded_sequence',
    description: 'Last commit of the log that is folded.',
    type: 'gauge',
    read: () => model.seq,
  });
  metrics.observe({
    name: 'skyflow_objects',
    description: 'API objects in the read model.',
    type: 'gauge',
    read: () => model.state.table.size,
  });
}

/** How current the agents are, by their heartbeats. */
export function agentMetrics(
  metrics: Metrics,
  heartbeats: Pick<Heartbeats, 'heardAgents'>,
  headOf: (subject: string) => SubjectHead,
): void {
  metrics.observe({
    name: 'skyflow_agents',
    description: 'Agents that were ever heard by this gateway, by whether they have folded all work of their cluster.',
    type: 'gauge',
    read: () => {
      const agents = heartbeats.heardAgents();
      const behind = agents.filter(({ heartbeat: { cluster, workSeq } }) => workSeq < headOf(workSubject(cluster)).seq);
      return [
        [{ work: 'behind' }, behind.length],
        [{ work: 'current' }, agents.length - behind.length],
      ];
    },
  });
  metrics.observe({
    name: 'skyflow_agent_silence_seconds',
    description: 'Longest that an agent was not heard.',
    type: 'gauge',
    read: () => {
      const now = Date.now();
      return Math.max(0, ...heartbeats.heardAgents().map(({ atMs }) => (now - atMs) / 1_000));
    },
  });
}
