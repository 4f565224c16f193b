/** `--add-nodes eu-1=2:cpu=4,memory=16Gi`, read. */
import { usageError } from '../../cli/cli-error.js';

export interface AddedNodes {
  cluster: string;
  count: number;
  allocatable: Record<string, string>;
}

/** @throws CliError (usage) */
export function addedNodes(text: string): AddedNodes {
  const [, cluster, count, resources] = /^([^=]+)=(\d{1,6}):(.+)$/.exec(text) ?? [];
  const pairs = (resources ?? '').split(',').map((part) => part.split('='));
  const isWhole = pairs.every(([resource, amount, ...more]) => resource && amount && more.length === 0);
  if (cluster === undefined || Number(count) < 1 || !isWhole) {
    throw usageError(
      `--add-nodes ${text}: must be CLUSTER=COUNT:RESOURCE=AMOUNT,…`,
      'such as eu-1=2:cpu=4,memory=16Gi',
    );
  }
  return { cluster, count: Number(count), allocatable: Object.fromEntries(pairs) as Record<string, string> };
}
