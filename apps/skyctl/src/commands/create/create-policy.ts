/** `skyctl create policy NAME`, the seed system's `create filterPolicy`. */
import { policyFromFlags } from '@skyflow/domain';
import type { CommandHandler } from '../../cli/command-spec.js';
import { PLACEMENT_POLICY } from '../../gateway/kinds.js';
import { objectOf } from './flag-problems.js';
import { placementFlagsOf } from './placement-options.js';
import { guardPolicy } from '../apply/guard-moves.js';
import { post, submit } from './submit.js';

export const createPolicy: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const priority = flags.text('priority');
  const policy = objectOf(
    policyFromFlags({
      ...placementFlagsOf(flags),
      name: args[0] ?? '',
      namespace: await session.namespace(),
      workloadLabels: flags.pairs('workload-labels'),
      allWorkloads: flags.on('all-workloads'),
      ...(priority !== undefined && { priority }),
    }),
  );
  // A dry run checks what would be checked: it says what would move, too.
  if (flags.text('dry-run') !== 'client') {
    await guardPolicy(
      session,
      PLACEMENT_POLICY,
      flags,
      async () => await post(session, PLACEMENT_POLICY, policy, true),
    );
  }
  return await submit(session, call, PLACEMENT_POLICY, policy);
};
