/** Services as kubectl shows them, with the cluster that has the native Service and how many pods connections reach. */
import type { ApiObject, ServiceSpec, ServiceStatus } from '@skyflow/contracts';
import { ageOf } from './age.js';
import { paintStatus } from './status-colour.js';
import type { View, ViewOptions } from './view.js';

export type Service = ApiObject<ServiceSpec, ServiceStatus> & { spec: ServiceSpec };

export function serviceView({ nowMs, terminal }: ViewOptions): View {
  return {
    columns: [
      { title: 'Name' },
      { title: 'Type' },
      { title: 'Cluster-IP' },
      { title: 'External-IP' },
      { title: 'Ports' },
      { title: 'Cluster' },
      { title: 'Ready' },
      { title: 'Namespace' },
      { title: 'Status' },
      { title: 'Age' },
      { title: 'Reason', shown: 'filled' },
      { title: 'Message', shown: 'filled' },
    ],
    rows: ({ object }) => {
      const { metadata, spec, status } = object as Service;
      return [
        [
          metadata.name,
          spec.type,
          status?.clusterIP ?? '<none>',
          externalOf(spec, status),
          portsOf(spec),
          status?.cluster ?? (spec.cluster === 'auto' ? '<auto>' : spec.cluster),
          `${status?.ready ?? 0}/${status?.total ?? 0}`,
          metadata.namespace ?? '',
          paintStatus(terminal, status?.phase ?? 'PENDING'),
          ageOf(metadata.creationTimestamp, nowMs),
          status?.reason ?? '',
          status?.message ?? '',
        ],
      ];
    },
  };
}

/** `8008:80`, as the seed shows them; with the protocol only where it is not TCP. */
export const portsOf = ({ ports }: ServiceSpec): string =>
  ports
    .map(
      ({ port, targetPort, protocol = 'TCP' }) =>
        `${port}:${targetPort ?? port}${protocol === 'TCP' ? '' : `/${protocol}`}`,
    )
    .join('; ');

export function externalOf(spec: ServiceSpec, status: ServiceStatus | undefined): string {
  if (status?.externalIPs !== undefined) return status.externalIPs.join(',');
  return spec.type === 'LoadBalancer' ? '<pending>' : '<none>';
}
