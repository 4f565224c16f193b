/** The Job or Deployment that a route is about. */
import type { WorkloadStatus } from '@skyflow/contracts';
import { type ObjectRecord, type WorkloadRecord, apiObject } from '@skyflow/domain';
import { StatusError } from '@skyflow/apimachinery';
import type { ReadModel } from '../store/read-model.js';
import type { WorkloadPath } from './workload-params.js';

/** Whether somebody may see what a workload has in a cluster; undefined: all of them. */
export type Sees = ((cluster: string) => boolean) | undefined;

export interface FoundWorkload {
  record: ObjectRecord;
  workload: WorkloadRecord;
  status: WorkloadStatus;
}

/** Sees every write that this gateway acknowledged. @throws StatusError 404, also where there is nothing that he may see */
export async function findWorkload(model: ReadModel, path: WorkloadPath, sees?: Sees): Promise<FoundWorkload> {
  await model.upToDate();
  const found = workloadNow(model, path, sees);
  if (found !== undefined && (sees === undefined || found.workload.shares.length > 0)) return found;
  const { plural, name } = path;
  throw new StatusError(404, 'NotFound', `${plural}.skyflow.io "${name}" not found in namespace "${path.namespace}"`, {
    name,
    group: 'skyflow.io',
    kind: plural,
  });
}

/** Undefined if there is none (any more). For one who may not see all clusters: with his shares only, and no words about all of it. */
export function workloadNow(
  model: ReadModel,
  { namespace, plural, name }: WorkloadPath,
  sees?: Sees,
): FoundWorkload | undefined {
  const record = model.state.table.get(plural === 'jobs' ? 'Job' : 'Deployment', namespace, name);
  if (record?.workload === undefined) return undefined;
  const { workload } = record;
  const { status } = apiObject(record, model.basis()) as { status: WorkloadStatus };
  if (sees === undefined) return { record, workload, status };
  const { message: _message, ...rest } = status;
  return {
    record,
    workload: { ...workload, shares: workload.shares.filter(({ cluster }) => sees(cluster)) },
    status: { ...rest, clusters: status.clusters.filter(({ cluster }) => sees(cluster)) },
  };
}

/** Clusters that have a share of it; only `wanted` if that is given. @throws StatusError 404 if that one has none. */
export function clustersOf({ workload, record }: FoundWorkload, wanted: string | undefined): string[] {
  const clusters = workload.shares.map((share) => share.cluster);
  if (wanted === undefined) return clusters;
  if (clusters.includes(wanted)) return [wanted];
  const rest = clusters.length === 0 ? 'no cluster has one yet' : `these have: ${clusters.join(', ')}`;
  throw new StatusError(
    404,
    'NotFound',
    `cluster "${wanted}" has no share of ${record.kind} "${record.name}"; ${rest}`,
  );
}
