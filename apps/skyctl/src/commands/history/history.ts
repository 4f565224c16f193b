/** `skyctl history`: the timeline of one object. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { objectPath } from '../../gateway/kinds.js';
import { singleTarget } from '../../gateway/targets.js';
import { toYaml } from '../../output/documents.js';
import type { HistoryItem } from './timeline.js';
import { renderTimeline } from './timeline.js';

export const history: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  const { kind, name } = await singleTarget(args, gateway);
  const namespace = kind.namespaced ? await session.namespace() : undefined;
  const limit = flags.wholeNumber('limit', 1);
  const path = objectPath(kind, namespace, name).replace(/^\/api\//, '/apis/core/');
  const { body } = await gateway.json<{
    items: readonly HistoryItem[];
    purged?: { before: string; archive: string };
  }>({ path: `${path}/history`, query: { limit } });
  const output = flags.text('output');
  if (output === 'json' || output === 'yaml') {
    session.terminal.write(output === 'yaml' ? await toYaml(body) : `${JSON.stringify(body, null, 4)}\n`);
    return EXIT.ok;
  }
  session.terminal.line(renderTimeline(body.items, output === 'wide'));
  if (body.purged !== undefined) {
    session.remark(
      `what was before ${body.purged.before} has been purged from the log; it is in the archive ${body.purged.archive}`,
    );
  }
  return EXIT.ok;
};
