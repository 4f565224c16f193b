/** `skyctl create priorityclass NAME --value N`, as kubectl has it. */
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { PRIORITY_CLASS } from '../../gateway/kinds.js';
import { submit } from './submit.js';

export const createPriorityClass: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const text = flags.text('value') ?? '';
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value)) {
    throw usageError(`--value ${JSON.stringify(text)}: must be a whole number, larger is more urgent`);
  }
  const policy = flags.text('preemption-policy');
  const description = flags.text('description');
  return await submit(session, call, PRIORITY_CLASS, {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: args[0] ?? '' },
    ...{ value, globalDefault: flags.on('global-default') },
    ...(policy === undefined ? {} : { preemptionPolicy: policy }),
    ...(description === undefined ? {} : { description }),
  });
};
