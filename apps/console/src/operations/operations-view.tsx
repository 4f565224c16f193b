/** How SkyFlow itself is: services, agents, how far the log is folded, how fast it answers. */
import { type ReactElement, useMemo } from 'react';
import { useNow, usePolled, useSession } from '../api/hooks.js';
import { ageOf } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { NotInTheLog } from '../time/not-in-the-log.js';
import { type SystemStatus, alertsOf } from './alerts.js';
import { SchedulingLatency } from './scheduling-latency.js';
import { useClusters } from '../fleet/use-clusters.js';
import { type Sample, parseMetrics, quantile } from './metrics.js';

const ASKED_EVERY_MS = 2_000;

export function OperationsView(): ReactElement {
  const { api } = useSession();
  const nowMs = useNow(1_000);
  const clusters = useClusters();
  const { data, error, again } = usePolled('status', ASKED_EVERY_MS, (signal) =>
    api.json<SystemStatus>('/status', { signal }),
  );
  if (data === undefined)
    return error === undefined ? <Waiting what="the status" /> : <ErrorNote error={error} again={again} />;
  const alerts = alertsOf(data, clusters);
  return (
    <>
      <div className="view-head">
        <h1>Operations</h1>
        <p className="view-sum">
          SkyFlow {data.version} · {data.objects} objects · log at {data.logHead ?? 'unknown'}
        </p>
      </div>
      {error !== undefined && <ErrorNote error={error} again={again} />}
      <NotInTheLog>
        Signs of life, versions and the counters of services are not in SkyFlow’s log: services, agents and answers are
        those of now. Alerts about clusters and scheduling latency are of that moment.
      </NotInTheLog>
      <section className="card">
        <h2>{alerts.length === 0 ? 'No alerts' : `${alerts.length} alerts`}</h2>
        {alerts.length > 0 && (
          <ul>
            {alerts.map(({ about, message }) => (
              <li key={about}>
                <strong>{about}</strong>: {message}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className="card">
        <h2>Services</h2>
        <Table
          label="Services"
          columns={['Service', 'Instance', 'State', 'Behind the log', 'Version', 'Heard', 'Message']}
          rows={data.services.map(
            ({ name, instance, status, active, foldedSeq, version, lastHeartbeatTime, message }) => ({
              key: instance,
              cells: [
                name,
                instance,
                <Badge key="status" word={active === false && status === 'READY' ? 'standby' : status} />,
                data.logHead === undefined || foldedSeq === undefined ? '–' : Math.max(0, data.logHead - foldedSeq),
                version,
                `${ageOf(lastHeartbeatTime, nowMs)} ago`,
                message,
              ],
            }),
          )}
        />
      </section>
      <section className="card">
        <h2>Agents</h2>
        <Table
          label="Agents"
          columns={['Cluster', 'Instance', 'Cluster’s API', 'Work at', 'Heard', 'Message']}
          rows={data.clusters.map(({ cluster, instance, reachable, workSeq, lastHeartbeatTime, message }) => ({
            key: cluster,
            cells: [
              cluster,
              instance,
              <Badge key="api" word={reachable ? 'answers' : 'silent'} tone={reachable ? 'good' : 'bad'} />,
              workSeq,
              `${ageOf(lastHeartbeatTime, nowMs)} ago`,
              message ?? '',
            ],
          }))}
        />
      </section>
      <SchedulingLatency />
      <Answers />
    </>
  );
}

const DURATIONS = 'skyflow_http_request_duration_milliseconds';

/** How long requests take, from the gateway's histogram. */
function Answers(): ReactElement {
  const { api } = useSession();
  const { data, error, again } = usePolled('metrics', ASKED_EVERY_MS, (signal) => api.text('/metrics', { signal }));
  const samples = useMemo(() => parseMetrics(data ?? ''), [data]);
  if (data === undefined)
    return error === undefined ? <Waiting what="metrics" /> : <ErrorNote error={error} again={again} />;
  const kinds = [...new Set(samples.filter(({ name }) => name === `${DURATIONS}_count`).map(labelsKey))];
  return (
    <section className="card">
      <h2>How fast the gateway answers</h2>
      <Table
        label="How fast the gateway answers"
        columns={['Requests', 'Count', 'Median, ms', '99 of 100 within, ms']}
        rows={kinds.map((kind) => {
          const own = samples.filter((sample) => labelsKey(sample) === kind);
          return {
            key: kind,
            cells: [
              kind || 'all',
              own.find(({ name }) => name === `${DURATIONS}_count`)?.value ?? 0,
              milliseconds(quantile(own, DURATIONS, 0.5)),
              milliseconds(quantile(own, DURATIONS, 0.99)),
            ],
          };
        })}
      />
    </section>
  );
}

const labelsKey = ({ labels }: Sample): string =>
  Object.entries(labels)
    .filter(([key]) => key !== 'le' && !key.startsWith('otel_'))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
const milliseconds = (value: number | undefined): string =>
  value === undefined ? '–' : Number.isFinite(value) ? value.toFixed(1) : 'more than measured';
