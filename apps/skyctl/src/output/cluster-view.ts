/** Member clusters in the seed's manner: free and total of each resource on a line of its own. */
import type { Cluster } from '@skyflow/contracts';
import { clusterWords } from '@skyflow/domain';
import { ageOf } from './age.js';
import { capacityLines } from './resources.js';
import { paintStatus } from './status-colour.js';
import type { View, ViewOptions } from './view.js';

export function clusterView({ nowMs, terminal }: ViewOptions): View {
  return {
    columns: [
      { title: 'Name' },
      { title: 'Manager' },
      { title: 'Resources' },
      { title: 'Status' },
      { title: 'Reason', shown: 'filled' },
      { title: 'Message', shown: 'filled' },
      { title: 'Nodes', shown: 'wide' },
      { title: 'Version', shown: 'wide' },
      { title: 'Context', shown: 'wide' },
      { title: 'Age', shown: 'wide' },
    ],
    rows: ({ object }) => {
      const { metadata, spec, status } = object as Cluster;
      return [
        [
          metadata.name,
          spec.manager,
          capacityLines(status?.free ?? {}, status?.allocatable ?? {}).join('\n'),
          paintStatus(terminal, clusterWords(object as Cluster)),
          ...(status?.phase === 'READY' && status.provisioning?.failure === undefined
            ? ['', '']
            : reasonOf(object as Cluster)),
          status === undefined
            ? '-'
            : `${status.nodes.filter(({ ready }) => ready).length}/${status.nodes.length} ready`,
          status?.kubernetesVersion ?? '-',
          spec.context ?? '-',
          ageOf(metadata.creationTimestamp, nowMs),
        ],
      ];
    },
  };
}

/** Why it is as it is; of one that is READY though what it is built of is not as it should be, what is wrong with that. */
function reasonOf({ status }: Cluster): [string, string] {
  const failure = status?.phase === 'READY' ? status.provisioning?.failure : undefined;
  return failure === undefined ? [status?.reason ?? '', status?.message ?? ''] : [failure.class, failure.message];
}
