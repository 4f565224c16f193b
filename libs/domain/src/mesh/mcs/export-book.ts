/** What is known of the exports of one Service name: who exports it, and what is made of that. */
import type { ServiceExportSpec } from '@skyflow/contracts';
import type { ExportBook, MeshState } from '../state.js';
import { type ClusterExport, type ImportPlan, mergeExports } from './merge-exports.js';

export const exportKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/** Whether the ServiceExport at the gateway is about a cluster. */
export function isInScope({ object }: ExportBook, cluster: string): boolean {
  if (object === undefined) return false;
  const { clusters } = (object['spec'] ?? {}) as ServiceExportSpec;
  return clusters === undefined || clusters.includes(cluster);
}

/** The exports of all clusters that have told what they have; of those that were only asked in general, none that has no such Service. */
export function exportsOf(state: MeshState, book: ExportBook): ClusterExport[] {
  const {
    clusters,
    exportedLabels = {},
    exportedAnnotations = {},
  } = (book.object?.['spec'] ?? {}) as ServiceExportSpec;
  return [...book.observed].flatMap(([cluster, { service, declared }]): ClusterExport[] => {
    if (state.clusters.get(cluster)?.deleting !== false) return [];
    if (declared !== undefined) {
      return [
        {
          cluster,
          exportedAt: declared.creationTimestamp,
          service,
          labels: declared.exportedLabels ?? {},
          annotations: declared.exportedAnnotations ?? {},
        },
      ];
    }
    if (book.object === undefined || !isInScope(book, cluster)) return [];
    if (service === undefined && clusters === undefined) return [];
    const exportedAt = book.object.metadata.creationTimestamp;
    return [{ cluster, exportedAt, service, labels: exportedLabels, annotations: exportedAnnotations }];
  });
}

export const planOf = (state: MeshState, book: ExportBook): ImportPlan | undefined =>
  mergeExports(exportsOf(state, book));
