/** Columns of services. */
import type { KubeObject, ServiceSpec, ServiceStatus, TableColumn } from '@skyflow/contracts';
import { ageColumn, column, nameColumn } from './columns.js';

const serviceOf = (object: KubeObject): { spec: Partial<ServiceSpec>; status: Partial<ServiceStatus> } => ({
  spec: object.spec ?? {},
  status: object.status ?? {},
});

interface NativeService {
  spec: Partial<ServiceSpec> & { clusterIP?: string };
  status: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}
const nativeOf = (object: KubeObject): NativeService => ({ spec: object.spec ?? {}, status: object.status ?? {} });

/** As kube-apiserver prints v1 Services. */
export const nativeServiceColumns: readonly TableColumn[] = [
  nameColumn,
  column('Type', 'Type of the Service.', (object) => nativeOf(object).spec.type ?? ''),
  column('Cluster-IP', 'Its address on its cluster.', (object) => nativeOf(object).spec.clusterIP ?? '<none>'),
  column('External-IP', 'Address of its load balancer.', (object) => {
    const { spec, status } = nativeOf(object);
    const addresses = (status.loadBalancer?.ingress ?? []).map(({ ip, hostname = '' }) => ip ?? hostname);
    if (addresses.length > 0) return addresses.join(',');
    return spec.type === 'LoadBalancer' ? '<pending>' : '<none>';
  }),
  column('Port(s)', 'Ports of the Service.', (object) =>
    (nativeOf(object).spec.ports ?? [])
      .map(({ port, nodePort, protocol = 'TCP' }) =>
        nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
      )
      .join(','),
  ),
  ageColumn,
  column(
    'Selector',
    'Labels of its pods.',
    (object) =>
      Object.entries(nativeOf(object).spec.selector ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    1,
  ),
];

/** As kube-apiserver prints services, and where its pods are. */
export const serviceColumns: readonly TableColumn[] = [
  nameColumn,
  column('Type', 'Type of the native Service.', (object) => serviceOf(object).spec.type ?? ''),
  column('Cluster', 'Cluster of the native Service.', (object) => serviceOf(object).status.cluster ?? '<none>'),
  column('Cluster-IP', 'Its address there.', (object) => serviceOf(object).status.clusterIP ?? '<none>'),
  column('External-IP', 'Address of its load balancer.', (object) => {
    const { spec, status } = serviceOf(object);
    return status.externalIPs?.join(',') ?? (spec.type === 'LoadBalancer' ? '<pending>' : '<none>');
  }),
  column('Ports', 'Ports of the service, and of the pods.', (object) =>
    (serviceOf(object).spec.ports ?? [])
      .map(({ port, targetPort, protocol = 'TCP' }) => `${port}:${targetPort ?? port}/${protocol}`)
      .join(','),
  ),
  column('Ready', 'Pods that connections reach, of all.', (object) => {
    const { ready = 0, total = 0 } = serviceOf(object).status;
    return `${ready}/${total}`;
  }),
  column('Status', 'Phase.', (object) => serviceOf(object).status.phase ?? 'PENDING'),
  ageColumn,
  column(
    'Reason',
    'Why it is in this phase.',
    (object) => serviceOf(object).status.message ?? serviceOf(object).status.reason ?? '',
    1,
  ),
];
