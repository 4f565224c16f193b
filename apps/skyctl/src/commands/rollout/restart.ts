/** `skyctl rollout restart`: new pods for the old ones, by an annotation of the pod template, as kubectl does it. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { patch, workloadsNamed } from './workloads.js';

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

export const restart: CommandHandler = async (session, call) => {
  const gateway = await session.gateway();
  const annotations = { [RESTARTED_AT]: new Date().toISOString() };
  for (const named of await workloadsNamed(session, call)) {
    await patch(gateway, named, { spec: { template: { metadata: { annotations } } } });
    session.terminal.line(`${named.label} restarted`);
  }
  return EXIT.ok;
};
