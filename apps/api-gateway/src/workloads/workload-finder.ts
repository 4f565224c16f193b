/** The Job or Deployment that a route is about. */
import type { WorkloadStatus } from '@skyflow/contracts';
import { type ObjectRecord, type WorkloadRecord, apiObject } from '@skyflow/domain';
import { StatusError } from '@skyflow/apimachinery';
import type { ReadModel } from '../store/read-model.js';
import type { WorkloadPath } from './workload-params.js';

export interface FoundWorkload {
  record: ObjectRecord;
  workload: WorkloadRecord;
  status: WorkloadStatus;
}

/** Sees every write that this gateway acknowledged. @throws StatusError 404 */
export async function findWorkload(model: ReadModel, path: WorkloadPath): Promise<FoundWorkload> {
  await model.upToDate();
  const found = workloadNow(model, path);
  if (found !== undefined) return found;
  const { plural, name } = path;
  throw new StatusError(404, 'NotFound', `${plural}.skyflow.io "${name}" not found in namespace "${path.namespace}"`, {
    name,
    group: 'skyflow.io',
    kind: plural,
  });
}

/** Undefined if there is none (any more). */
export function workloadNow(model: ReadModel, { namespace, plural, name }: WorkloadPath): FoundWorkload | undefined {
  const record = model.state.table.get(plural === 'jobs' ? 'Job' : 'Deployment', namespace, name);
  if (record?.workload === undefined) return undefined;
  const { status } = apiObject(record, model.basis()) as { status: WorkloadStatus };
  return { record, workload: record.workload, status };
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
