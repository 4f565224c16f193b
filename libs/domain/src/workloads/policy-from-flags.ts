/** PlacementPolicies from flags; the seed system's `create filterPolicy` with all that placement can say. */
import type { PlacementPolicySpec } from '@skyflow/contracts';
import { FlagProblems, type FromFlags, type KeyValue } from './flags.js';
import { placementFromFlags } from './placement-from-flags.js';
import type { PlacementFlags } from './placement-flags.js';
import type { Manifest } from './workload-from-flags.js';

export interface PolicyFlags extends PlacementFlags {
  name: string;
  namespace: string;
  /** Labels of the workloads that it selects. */
  workloadLabels?: readonly KeyValue[];
  /** Selects every workload of the namespace. */
  allWorkloads?: boolean;
  priority?: string;
}

export function policyFromFlags(flags: PolicyFlags): FromFlags<Manifest<PlacementPolicySpec>> {
  const problems = new FlagProblems();
  return problems.resultOf(() => {
    const matchLabels = problems.mapOf('--workload-labels', flags.workloadLabels ?? []);
    const some = Object.keys(matchLabels).length > 0;
    if (some && flags.allWorkloads === true) {
      problems.add('--all-workloads', 'true', 'contradicts --workload-labels; give one of them');
    }
    const priority =
      flags.priority === undefined
        ? undefined
        : problems.wholeNumber('--priority', flags.priority, -1_000_000, 1_000_000);
    return {
      apiVersion: 'skyflow.io/v1' as const,
      kind: 'PlacementPolicy',
      metadata: { name: flags.name, namespace: flags.namespace },
      spec: {
        ...(some ? { workloadSelector: { matchLabels } } : flags.allWorkloads === true ? { workloadSelector: {} } : {}),
        ...(priority !== undefined && { priority }),
        ...placementFromFlags(flags, problems),
      },
    };
  });
}
