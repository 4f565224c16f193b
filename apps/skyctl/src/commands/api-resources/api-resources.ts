/** `skyctl api-resources`. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { servedKinds } from '../../gateway/discovery.js';
import { apiVersionOf, type ResourceKind } from '../../gateway/kinds.js';
import { renderTable } from '../../output/table.js';

export const apiResources: CommandHandler = async (session, { flags }) => {
  const group = flags.text('api-group');
  const verbs = flags.list('verbs').flatMap((text) => text.split(','));
  const kinds = (await servedKinds(await session.gateway())).filter(
    (kind) =>
      (!flags.has('namespaced') || kind.namespaced === flags.on('namespaced')) &&
      (group === undefined || kind.group === group) &&
      verbs.every((verb) => kind.verbs?.includes(verb) === true),
  );
  const by = flags.text('sort-by');
  if (by !== undefined) {
    const key = ({ plural, kind }: ResourceKind): string => (by === 'kind' ? kind : plural);
    kinds.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }
  if (flags.text('output') === 'name') {
    for (const { plural, group } of kinds) session.terminal.line(group === '' ? plural : `${plural}.${group}`);
    return EXIT.ok;
  }
  const wide = flags.text('output') === 'wide';
  const rows = kinds.map((kind) => [
    kind.plural,
    kind.shortNames.join(','),
    apiVersionOf(kind),
    String(kind.namespaced),
    kind.kind,
    ...(wide ? [(kind.verbs ?? []).join(',')] : []),
  ]);
  const columns = ['Name', 'Short names', 'API version', 'Namespaced', 'Kind', ...(wide ? ['Verbs'] : [])];
  session.terminal.line(renderTable({ columns, rows }, { headers: !flags.on('no-headers') }));
  return EXIT.ok;
};
