/**
 * Pages of a list. A continue token holds the version of the first page and the last key; later pages show the state at that
 * version, rebuilt from the history, so all pages together are one consistent list. No state is kept per client.
 */
import { badRequest, continueExpired, isStatus } from '../api/errors.js';
import type { KubeObject, ObjectKey } from '@skyflow/contracts';
import { matchesSelectors, selectedName, type SelectableFields } from '../api/selectors.js';
import { compareKeys, type ObjectIndex } from './object-index.js';
import type { ListOptions, ListResult } from './resource-store.js';
import type { WatchHistory } from './watch-history.js';

export interface Listable {
  readonly index: ObjectIndex;
  readonly history: WatchHistory;
  readonly selectableFields: SelectableFields | undefined;
  version(): number;
}

interface Token {
  version: number;
  after: ObjectKey;
}

type Scan = (visit: (object: KubeObject) => boolean) => void;

export function listPage(table: Listable, options: ListOptions): ListResult {
  const token = options.continueToken === undefined ? undefined : decodeToken(options.continueToken);
  const version = token?.version ?? (options.exactly === undefined ? table.version() : Number(options.exactly));
  const { scan, total } = stateAt(table, version, options.namespace, token?.after);

  const limit = options.limit === undefined || options.limit <= 0 ? Infinity : options.limit;
  const { selectors, visible } = options;
  const selecting = selectors.labels.length > 0 || selectors.fields.length > 0;
  const selective = selecting || visible !== undefined;
  const items: KubeObject[] = [];
  const beyond: KubeObject[] = [];
  const visit = (object: KubeObject): boolean => {
    if (visible !== undefined && !visible(object.metadata)) return true;
    if (selecting && !matchesSelectors(selectors, object, table.selectableFields)) return true;
    (items.length < limit ? items : beyond).push(object);
    return beyond.length === 0;
  };

  const name = selectedName(options.selectors);
  if (name !== undefined && options.namespace !== undefined && version === table.version() && token === undefined) {
    const object = table.index.get({ namespace: options.namespace, name });
    if (object !== undefined) visit(object);
  } else scan(visit);

  const result: ListResult = { items, resourceVersion: String(version) };
  const last = items.at(-1);
  if (beyond.length > 0 && last !== undefined) {
    result.continueToken = encodeToken({ version, after: keyOf(last) });
    if (!selective) result.remainingItemCount = total - items.length;
  }
  return result;
}

/** The objects of a scope at a version, after a key, in key order; and how many they are. */
function stateAt(
  table: Listable,
  version: number,
  namespace: string | undefined,
  after: ObjectKey | undefined,
): { scan: Scan; total: number } {
  const changed = changedSince(table, version, after !== undefined);
  if (changed.size === 0) {
    const scan: Scan = (visit) => {
      table.index.scan(namespace, after, visit);
    };
    return { scan, total: after === undefined ? table.index.count(namespace) : countScan(scan) };
  }
  const objects: KubeObject[] = [];
  table.index.scan(namespace, after, (object) => {
    if (!changed.has(keyText(object.metadata))) objects.push(object);
    return true;
  });
  for (const previous of changed.values()) {
    if (previous === undefined || (namespace !== undefined && previous.metadata.namespace !== namespace)) continue;
    if (after === undefined || compareKeys(previous.metadata, after) > 0) objects.push(previous);
  }
  objects.sort((a, b) => compareKeys(a.metadata, b.metadata));
  return { scan: (visit) => void objects.every(visit), total: objects.length };
}

/** What the objects that changed since were at the version; undefined: not there. */
function changedSince(table: Listable, version: number, paging: boolean): Map<string, KubeObject | undefined> {
  const before = new Map<string, KubeObject | undefined>();
  if (version >= table.version()) return before;
  try {
    for (const change of table.history.since(version)) {
      const key = keyText(change.object.metadata);
      if (!before.has(key)) before.set(key, change.previous);
    }
  } catch (error) {
    if (paging && isStatus(error, 'Expired')) throw continueExpired();
    throw error;
  }
  return before;
}

function countScan(scan: Scan): number {
  let count = 0;
  scan(() => {
    count++;
    return true;
  });
  return count;
}

function keyOf({ metadata }: KubeObject): ObjectKey {
  return metadata.namespace === undefined
    ? { name: metadata.name }
    : { namespace: metadata.namespace, name: metadata.name };
}

const keyText = ({ namespace = '', name }: ObjectKey): string => `${namespace}/${name}`;

function encodeToken({ version, after }: Token): string {
  return Buffer.from(JSON.stringify({ v: version, ns: after.namespace, n: after.name })).toString('base64url');
}

function decodeToken(text: string): Token {
  try {
    const { v, ns, n } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
    if (typeof v === 'number' && typeof n === 'string' && (ns === undefined || typeof ns === 'string')) {
      return { version: v, after: ns === undefined ? { name: n } : { namespace: ns, name: n } };
    }
  } catch {
    // Not one of ours: refused below like any other text.
  }
  throw badRequest(
    'continue key is not valid: pass metadata.continue of the page before unchanged, or start a new list',
  );
}
