/** Its pods as the log has them: those that the clusters named when they last reported by then. */
import type { ReactElement } from 'react';
import { useLoaded, useSession } from '../api/hooks.js';
import type { WorkloadAddress } from '../api/objects.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { NotInTheLog } from '../time/not-in-the-log.js';
import { type Pod, PodState, readyText } from './pod-state.js';

const LABEL_NAME = 'skyflow.io/workload-name';
const LABEL_KIND = 'skyflow.io/workload-kind';

/** @param seq the moment */
export function PastPods({ address, seq }: { address: WorkloadAddress; seq: number }): ReactElement {
  const { namespace, plural, name } = address;
  const { api } = useSession();
  const kind = plural === 'jobs' ? 'Job' : 'Deployment';
  const query = new URLSearchParams({
    labelSelector: `${LABEL_NAME}=${name},${LABEL_KIND}=${kind}`,
    at: String(seq),
  });
  const path = `/api/v1/namespaces/${namespace}/pods?${query.toString()}`;
  const { data, error, again } = useLoaded(path, (signal) => api.json<{ items: Pod[] }>(path, { signal }));
  if (data === undefined)
    return error === undefined ? <Waiting what="pods" /> : <ErrorNote error={error} again={again} />;
  return (
    <section className="card">
      <h2>Pods ({data.items.length})</h2>
      <NotInTheLog>
        These are as their clusters last told by then, twenty of each cluster at most. Restarts and addresses are not in
        SkyFlow’s log.
      </NotInTheLog>
      {data.items.length === 0 ? (
        <Empty title="No pods" />
      ) : (
        <Table
          label="Pods"
          columns={['Pod', 'State', 'Ready', 'Node', 'Made']}
          rows={data.items.map((pod) => ({
            key: pod.metadata.name,
            cells: [
              pod.metadata.name,
              <PodState key="state" pod={pod} />,
              readyText(pod),
              pod.spec?.nodeName ?? '–',
              pod.metadata.creationTimestamp ?? '–',
            ],
          }))}
        />
      )}
    </section>
  );
}
