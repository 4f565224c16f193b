/** `skyctl create namespace NAME`. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { NAMESPACE } from '../../gateway/kinds.js';
import { submit } from './submit.js';

export const createNamespace: CommandHandler = async (session, call) => {
  const labels = Object.fromEntries(call.flags.pairs('labels').map(({ key, value }) => [key, value]));
  return await submit(session, call, NAMESPACE, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: call.args[0] ?? '', ...(Object.keys(labels).length > 0 ? { labels } : {}) },
  });
};
