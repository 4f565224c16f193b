/** Where the page of a workload is. */
import { type Workload, pluralOf } from '../api/objects.js';

export const workloadHref = ({
  kind,
  metadata: { namespace = '', name },
}: Pick<Workload, 'kind' | 'metadata'>): string =>
  `/workloads/${encodeURIComponent(namespace)}/${pluralOf(kind)}/${encodeURIComponent(name)}`;
