/**
 * Pages of a list. A continue token holds the position of the first page and the last key; later pages show the state at that
 * position, rebuilt from recent changes, so all pages together are one consistent list and nothing is kept per client.
 */
import type { Position } from '@skyflow/contracts';
import type { ObjectRecord, TableKey } from '@skyflow/domain';
import { type ListOptions, badRequest, continueExpired, isStatus } from '@skyflow/apimachinery';
import type { ReadModel } from './read-model.js';

export interface RecordPage {
  records: ObjectRecord[];
  position: Position;
  continueToken?: string;
  /** Undefined when a selector was used. */
  remaining?: number;
}

interface Token {
  position: Position;
  after: TableKey;
}

/** @throws StatusError 400 for a token that is none of ours, 410 for one (or a version) that is too old. */
export function listPage(
  model: ReadModel,
  kind: string,
  options: Pick<ListOptions, 'namespace' | 'limit' | 'continueToken' | 'exactly'>,
  matches: ((record: ObjectRecord) => boolean) | undefined,
): RecordPage {
  const token = options.continueToken === undefined ? undefined : decodeToken(options.continueToken);
  const position = token?.position ?? (options.exactly === undefined ? model.position : Number(options.exactly));
  const limit = options.limit === undefined || options.limit <= 0 ? Infinity : options.limit;
  const { records: source, total } = recordsAt(model, kind, position, options.namespace, token);
  const records: ObjectRecord[] = [];
  let more = false;
  for (const record of source) {
    if (matches !== undefined && !matches(record)) continue;
    if (records.length >= limit) {
      more = true;
      break;
    }
    records.push(record);
  }
  const last = records.at(-1);
  if (!more || last === undefined) return { records, position };
  return {
    records,
    position,
    continueToken: encodeToken({ position, after: last }),
    ...(matches === undefined ? { remaining: total() - records.length } : {}),
  };
}

function recordsAt(
  model: ReadModel,
  kind: string,
  position: Position,
  namespace: string | undefined,
  token: Token | undefined,
): { records: Iterable<ObjectRecord>; total: () => number } {
  const { table } = model.state;
  const then = changedSince(model, kind, position, token !== undefined);
  if (then.size === 0) {
    return {
      records: table.ordered(kind, namespace, token?.after),
      total: () => table.count(kind, namespace, token?.after),
    };
  }
  const isAsked = (key: TableKey): boolean =>
    (namespace === undefined || key.namespace === namespace) &&
    (token === undefined || compareKeys(key, token.after) > 0);
  const asked = [...then.values()].filter(({ key }) => isAsked(key));
  const changed = asked.flatMap(({ record }) => record ?? []).sort(compareKeys);
  const hidden = asked.filter(({ key }) => table.get(kind, key.namespace, key.name) !== undefined).length;
  return {
    records: merged(table.ordered(kind, namespace, token?.after), changed, (record) => then.has(keyText(record))),
    total: () => table.count(kind, namespace, token?.after) - hidden + changed.length,
  };
}

/** Both in order, without those of `now` that are hidden. Reads no further than its reader: a page costs what it holds. */
function* merged(
  now: Iterable<ObjectRecord>,
  changed: readonly ObjectRecord[],
  isHidden: (record: ObjectRecord) => boolean,
): IterableIterator<ObjectRecord> {
  let next = 0;
  for (const record of now) {
    for (let other = changed[next]; other !== undefined && compareKeys(other, record) < 0; other = changed[++next]) {
      yield other;
    }
    if (!isHidden(record)) yield record;
  }
  yield* changed.slice(next);
}

interface ThenAndKey {
  key: TableKey;
  /** Undefined: it was not there. */
  record: ObjectRecord | undefined;
}

/** What the objects that changed since were at the position. */
function changedSince(model: ReadModel, kind: string, position: Position, paging: boolean): Map<string, ThenAndKey> {
  const then = new Map<string, ThenAndKey>();
  if (position >= model.position) return then;
  try {
    for (const { record, previous } of model.history(kind).since(position)) {
      const key = keyText(record);
      if (!then.has(key)) then.set(key, { key: record, record: previous });
    }
  } catch (error) {
    if (paging && isStatus(error, 'Expired')) throw continueExpired();
    throw error;
  }
  return then;
}

const keyText = ({ namespace, name }: TableKey): string => `${namespace}/${name}`;

function compareKeys(a: TableKey, b: TableKey): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** The page after an object; a namespace and name of '' are before all. */
export const encodeToken = ({ position, after }: Token): string =>
  Buffer.from(JSON.stringify({ p: position, ns: after.namespace, n: after.name })).toString('base64url');

function decodeToken(text: string): Token {
  try {
    const { p, ns, n } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
    if (typeof p === 'number' && typeof ns === 'string' && typeof n === 'string') {
      return { position: p, after: { namespace: ns, name: n } };
    }
  } catch {
    // Refused below, like any text that is no token of ours.
  }
  throw badRequest(
    'continue key is not valid: pass metadata.continue of the page before unchanged, or start a new list',
  );
}
