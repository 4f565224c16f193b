/** `skyctl history`: the timeline of one object. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { objectPath } from '../../gateway/kinds.js';
import { pastTime } from '../../gateway/past-time.js';
import { singleTarget } from '../../gateway/targets.js';
import { toYaml } from '../../output/documents.js';
import type { HistoryItem } from './timeline.js';
import { renderTimeline } from './timeline.js';

/** As many as the server gives at once. */
const MOST = 5_000;

export const history: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  const { kind, name } = await singleTarget(args, gateway);
  const namespace = kind.namespaced ? await session.namespace() : undefined;
  const limit = flags.wholeNumber('limit', 1);
  const when = flags.text('at');
  const at = when === undefined ? undefined : pastTime(when, Date.now());
  const path = objectPath(kind, namespace, name).replace(/^\/api\//, '/apis/core/');
  const { body } = await gateway.json<{ items: readonly HistoryItem[] }>({
    path: `${path}/history`,
    query: { limit: at === undefined ? limit : MOST },
  });
  const items = (at === undefined ? body.items : until(body.items, at)).slice(-(limit ?? body.items.length));
  const output = flags.text('output');
  if (output === 'json' || output === 'yaml') {
    const shown = { ...body, items };
    session.terminal.write(output === 'yaml' ? await toYaml(shown) : `${JSON.stringify(shown, null, 4)}\n`);
    return EXIT.ok;
  }
  session.terminal.line(renderTimeline(items, output === 'wide'));
  return EXIT.ok;
};

/** What had happened by then. @param at a time, or a sequence of the log */
function until(items: readonly HistoryItem[], at: string): readonly HistoryItem[] {
  if (!/^\d+$/.test(at)) return items.filter(({ time }) => Date.parse(time) <= Date.parse(at));
  return items.filter(({ position }) => Math.floor(position / POSITIONS_PER_SEQUENCE) <= Number(at));
}

/** A position in the log is its sequence × 10,000 and the index in the commit. */
const POSITIONS_PER_SEQUENCE = 10_000;
