/** Its pods on all clusters, asked of the agents every few seconds, with the age of what each cluster told. */
import type { ReactElement } from 'react';
import { useMoment, useNow, usePolled, useSession } from '../api/hooks.js';
import { workloadPath, type WorkloadAddress } from '../api/objects.js';
import { ageOf } from '../parts/age.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { PastPods } from './past-pods.js';
import { type Pod, PodState, readyText } from './pod-state.js';

export interface ClusterPods {
  cluster: string;
  error?: string;
  ageSeconds?: number;
  pods: Pod[];
}

const ASKED_EVERY_MS = 3_000;

export function PodsTab({ address }: { address: WorkloadAddress }): ReactElement {
  const seq = useMoment()?.seq;
  return seq === undefined ? <Pods address={address} /> : <PastPods address={address} seq={seq} />;
}

function Pods({ address: { namespace, plural, name } }: { address: WorkloadAddress }): ReactElement {
  const { api } = useSession();
  const nowMs = useNow(1_000);
  const path = `${workloadPath(namespace, plural, name)}/pods`;
  const { data, error, again } = usePolled(path, ASKED_EVERY_MS, (signal) =>
    api.json<{ clusters: ClusterPods[] }>(path, { signal }),
  );
  if (data === undefined)
    return error === undefined ? <Waiting what="pods" /> : <ErrorNote error={error} again={again} />;
  const rows = data.clusters.flatMap(({ cluster, pods }) => pods.map((pod) => ({ cluster, pod })));
  return (
    <section className="card">
      <h2>Pods ({rows.length})</h2>
      {error !== undefined && <ErrorNote error={error} again={again} />}
      {data.clusters
        .filter(({ error: problem, ageSeconds = 0 }) => problem !== undefined || ageSeconds > 30)
        .map(({ cluster, error: problem, ageSeconds }) => (
          <p key={cluster} className="note note-warn">
            {cluster}: {problem ?? `this is ${String(ageSeconds)} s old`}
          </p>
        ))}
      {rows.length === 0 ? (
        <Empty title="No pods" />
      ) : (
        <Table
          label="Pods"
          columns={['Pod', 'Cluster', 'State', 'Ready', 'Restarts', 'Node', 'Address', 'Age']}
          rows={rows.map(({ cluster, pod }) => ({
            key: pod.metadata.uid,
            cells: [
              pod.metadata.name,
              cluster,
              <PodState key="state" pod={pod} />,
              readyText(pod),
              restartsOf(pod),
              pod.spec?.nodeName ?? '–',
              pod.status?.podIP ?? '–',
              ageOf(pod.metadata.creationTimestamp, nowMs),
            ],
          }))}
        />
      )}
    </section>
  );
}

const restartsOf = ({ status }: Pod): number =>
  (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
