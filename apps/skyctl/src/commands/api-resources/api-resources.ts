/** `skyctl api-resources`. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { servedKinds } from '../../gateway/discovery.js';
import { apiVersionOf } from '../../gateway/kinds.js';
import { renderTable } from '../../output/table.js';

export const apiResources: CommandHandler = async (session, { flags }) => {
  const kinds = (await servedKinds(await session.gateway())).filter(
    ({ namespaced }) => !flags.has('namespaced') || namespaced === flags.on('namespaced'),
  );
  if (flags.text('output') === 'name') {
    for (const { plural, group } of kinds) session.terminal.line(group === '' ? plural : `${plural}.${group}`);
    return EXIT.ok;
  }
  const rows = kinds.map((kind) => [
    kind.plural,
    kind.shortNames.join(','),
    apiVersionOf(kind),
    String(kind.namespaced),
    kind.kind,
  ]);
  const columns = ['Name', 'Short names', 'API version', 'Namespaced', 'Kind'];
  session.terminal.line(renderTable({ columns, rows }, { headers: !flags.on('no-headers') }));
  return EXIT.ok;
};
