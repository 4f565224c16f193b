/** `skyctl create queue NAME`. */
import { queueFromFlags } from '@skyflow/domain';
import type { CommandHandler } from '../../cli/command-spec.js';
import { QUEUE } from '../../gateway/kinds.js';
import { objectOf } from './flag-problems.js';
import { submit } from './submit.js';

export const createQueue: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const weight = flags.text('weight');
  const parent = flags.text('parent');
  const queue = objectOf(
    queueFromFlags({
      name: args[0] ?? '',
      ...(weight === undefined ? {} : { weight }),
      ...(parent === undefined ? {} : { parent }),
      quota: flags.pairs('quota'),
      borrowingLimit: flags.pairs('borrowing-limit'),
      lendingLimit: flags.pairs('lending-limit'),
      labels: flags.pairs('labels'),
    }),
  );
  return await submit(session, call, QUEUE, queue);
};
