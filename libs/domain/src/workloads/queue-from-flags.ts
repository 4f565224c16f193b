/** A Queue from `skyctl create queue`, a PriorityClass from `skyctl create priorityclass`. */
import type { QueueSpec, ResourceQuota } from '@skyflow/contracts';
import { quantityProblem } from '../resources/quantity.js';
import { FlagProblems, type FromFlags, type KeyValue } from './flags.js';
import type { Manifest } from './workload-from-flags.js';

export interface QueueFlags {
  name: string;
  weight?: string;
  parent?: string;
  /** `--quota cpu=10`, by resource. */
  quota?: readonly KeyValue[];
  borrowingLimit?: readonly KeyValue[];
  lendingLimit?: readonly KeyValue[];
  labels?: readonly KeyValue[];
}

export function queueFromFlags(flags: QueueFlags): FromFlags<Manifest<QueueSpec>> {
  const problems = new FlagProblems();
  return problems.resultOf(() => {
    const labels = problems.mapOf('--labels', flags.labels ?? []);
    const quotas = quotasOf(flags, problems);
    return {
      apiVersion: 'skyflow.io/v1',
      kind: 'Queue',
      metadata: { name: flags.name, ...(Object.keys(labels).length > 0 ? { labels } : {}) },
      spec: {
        ...weightOf(flags.weight, problems),
        ...(flags.parent === undefined ? {} : { parent: flags.parent }),
        ...(quotas.length > 0 ? { quotas } : {}),
      },
    };
  });
}

function weightOf(weight: string | undefined, problems: FlagProblems): Pick<QueueSpec, 'weight'> {
  if (weight === undefined) return {};
  const value = Number(weight);
  if (weight.trim() === '' || !Number.isFinite(value)) {
    problems.add('--weight', weight, 'must be a number, such as 2 or 0.5');
    return {};
  }
  return { weight: value };
}

function quotasOf(flags: QueueFlags, problems: FlagProblems): ResourceQuota[] {
  const nominal = amountsOf('--quota', flags.quota, problems);
  const borrowing = amountsOf('--borrowing-limit', flags.borrowingLimit, problems);
  const lending = amountsOf('--lending-limit', flags.lendingLimit, problems);
  for (const [flag, amounts] of [
    ['--borrowing-limit', borrowing],
    ['--lending-limit', lending],
  ] as const) {
    for (const [resource, amount] of Object.entries(amounts)) {
      if (nominal[resource] !== undefined) continue;
      problems.add(flag, `${resource}=${amount}`, `needs a quota of the same resource: --quota ${resource}=AMOUNT`);
    }
  }
  return Object.entries(nominal).map(([resource, amount]) => ({
    resource,
    nominal: amount,
    ...(borrowing[resource] !== undefined && { borrowingLimit: borrowing[resource] }),
    ...(lending[resource] !== undefined && { lendingLimit: lending[resource] }),
  }));
}

function amountsOf(
  flag: string,
  given: readonly KeyValue[] | undefined,
  problems: FlagProblems,
): Record<string, string> {
  const amounts = problems.mapOf(flag, given ?? []);
  for (const [resource, amount] of Object.entries(amounts)) {
    const problem = quantityProblem(amount);
    if (problem !== undefined) problems.add(flag, `${resource}=${amount}`, problem);
  }
  return amounts;
}
