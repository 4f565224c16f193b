/** API objects as the console holds them, and where they are in the API. */
import type { Cluster, Deployment, Job, Queue, ServiceSpec, ServiceStatus, ApiObject } from '@skyflow/contracts';

/** Kinds that are held, by the name that the stream has for them. */
export interface HeldKinds {
  clusters: Cluster;
  jobs: Workload;
  deployments: Workload;
  queues: Queue;
  services: ApiObject<ServiceSpec, ServiceStatus>;
}
export type HeldKind = keyof HeldKinds;
/** Kinds of which there are few enough to be held by the page; workloads are held by a worker, see workloads/desk. */
export const FEW_KINDS: readonly HeldKind[] = ['clusters', 'queues', 'services'];
/** What no view shows of these. */
export const FEW_OMITTED = ['metadata.managedFields', 'status.nodes', 'status.largestPods', 'status.conditions'];

export type WorkloadPlural = 'jobs' | 'deployments';
export const WORKLOAD_PLURALS: readonly WorkloadPlural[] = ['jobs', 'deployments'];

/** A Job or Deployment without what only its own page shows: there may be a hundred thousand. */
export type Workload = Omit<Job | Deployment, 'spec'> & { spec: Pick<Job['spec'], 'replicas' | 'queue' | 'placement'> };

/** Which workload an address means. */
export interface WorkloadAddress {
  namespace: string;
  plural: WorkloadPlural;
  name: string;
}

export const pluralOf = (kind: string): WorkloadPlural => (kind === 'Job' ? 'jobs' : 'deployments');

/** What is kept of an object that the stream told. */
export function heldOf(object: ApiObject): ApiObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  if (object.kind !== 'Job' && object.kind !== 'Deployment') return { ...object, metadata };
  const { replicas, queue, placement } = object.spec as Job['spec'];
  const spec = {
    replicas,
    ...(queue === undefined ? {} : { queue }),
    ...(placement === undefined ? {} : { placement }),
  };
  return { ...object, metadata, spec };
}

export const keyOf = ({ metadata: { namespace = '', name } }: Pick<ApiObject, 'metadata'>): string =>
  `${namespace}/${name}`;

const GROUP = '/apis/skyflow.io/v1';
export const clusterPath = (name: string): string => `${GROUP}/clusters/${encodeURIComponent(name)}`;
export const workloadPath = (namespace: string, plural: string, name: string): string =>
  `${GROUP}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;
export const PREVIEWS_PATH = `${GROUP}/movepreviews`;
export const SIMULATIONS_PATH = `${GROUP}/simulations`;
export const listPath = (plural: string): string => `${GROUP}/${plural}`;

export const MERGE_PATCH = 'application/merge-patch+json';
