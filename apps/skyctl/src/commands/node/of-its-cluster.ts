/** `skyctl node cordon|uncordon|drain`: refused, with the line that does it at the node's own cluster. */
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { nodeNamed, nodesOf } from './node.js';

export const ofItsCluster =
  (verb: 'cordon' | 'uncordon' | 'drain'): CommandHandler =>
  async (session, { args, flags }) => {
    const nodes = await nodesOf(session, flags);
    const causes = args.map((name) => {
      const { name: own, cluster } = nodeNamed(nodes, name);
      const more = verb === 'drain' ? ' --ignore-daemonsets' : '';
      return `kubectl --context ${cluster.spec.context} ${verb} ${own}${more}`;
    });
    throw new CliError({
      code: EXIT.refused,
      summary: `nodes belong to their clusters: SkyFlow sees at once what is done there, and may not do it itself`,
      causes,
      hint: `"skyctl cluster ${verb} NAME" is for a whole cluster`,
    });
  };
