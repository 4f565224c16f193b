/** `skyctl history`: the timeline of one object. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { objectPath } from '../../gateway/kinds.js';
import { singleTarget } from '../../gateway/targets.js';
import { toYaml } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';

/** What the gateway answers at `…/history`. */
interface History {
  items: readonly {
    time: string;
    position: number;
    actor: string;
    what: string;
    detail: string;
    cause?: string;
    correlationId: string;
  }[];
}

export const history: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  const { kind, name } = await singleTarget(args, gateway);
  const namespace = kind.namespaced ? await session.namespace() : undefined;
  const limit = flags.wholeNumber('limit', 1);
  const path = objectPath(kind, namespace, name).replace(/^\/api\//, '/apis/core/');
  const { body } = await gateway.json<History>({ path: `${path}/history`, query: { limit } });
  const output = flags.text('output');
  if (output === 'json' || output === 'yaml') {
    session.terminal.write(output === 'yaml' ? await toYaml(body) : `${JSON.stringify(body, null, 4)}\n`);
    return EXIT.ok;
  }
  const wide = output === 'wide';
  const rows = body.items.map(({ time, actor, what, detail, position, cause, correlationId }) => [
    time.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
    actor,
    what,
    detail,
    ...(wide ? [String(position), cause ?? correlationId] : []),
  ]);
  const columns = ['Time', 'Actor', 'What', 'Detail', ...(wide ? ['Position', 'Cause'] : [])];
  session.terminal.line(renderTable({ columns, rows }));
  return EXIT.ok;
};
