/** Waits for deletions, one watch for each kind and namespace, and says on a terminal who still has what. */
import type { ApiObject, WorkloadStatus } from '@skyflow/contracts';
import { follow } from '../../gateway/follow.js';
import { qualifiedName } from '../../gateway/kinds.js';
import type { Session } from '../../session.js';
import type { Doomed } from './doomed.js';

/** False: the time ran out; it says what is left. */
export async function waitUntilGone(session: Session, doomed: readonly Doomed[], timeoutMs: number): Promise<boolean> {
  const { terminal } = session;
  const signal = AbortSignal.timeout(timeoutMs);
  const left = new Map(doomed.map((one) => [keyOf(one), one]));
  const holders = new Map<string, string>();
  const progress = setInterval(() => {
    if (terminal.isTerminal) terminal.stderr.write(`\r\u001b[2K${describe(left, holders)}`);
  }, 250);
  try {
    await Promise.all(groupsOf(doomed).map((group) => followGroup(session, group, left, holders, signal)));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(progress);
    if (terminal.isTerminal) terminal.stderr.write('\r\u001b[2K');
  }
  if (left.size > 0) {
    terminal.note(`still being deleted after ${timeoutMs / 1_000} s, it goes on by itself: ${describe(left, holders)}`);
  }
  return left.size === 0;
}

async function followGroup(
  session: Session,
  group: readonly Doomed[],
  left: Map<string, Doomed>,
  holders: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const { kind, namespace } = first;
  const selection = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(group.length === 1 ? { fieldSelector: `metadata.name=${first.name}` } : {}),
  };
  const waiting = new Set(group.map(keyOf));
  const gone = (key: string): void => {
    left.delete(key);
    waiting.delete(key);
  };
  for await (const change of follow(await session.gateway(), kind, selection, { signal })) {
    if (change.type === 'LIST') {
      const there = new Map(change.listing.items.map(({ object }) => [keyFor(first, object), object]));
      for (const key of [...waiting]) {
        const object = there.get(key);
        // One of the same name without a deletion mark was made since.
        if (object?.metadata.deletionTimestamp === undefined) gone(key);
        else holders.set(key, holdersOf(object));
      }
    } else if (change.type === 'DELETED') gone(keyFor(first, change.item.object));
    else holders.set(keyFor(first, change.item.object), holdersOf(change.item.object));
    if (waiting.size === 0) return;
  }
}

function groupsOf(doomed: readonly Doomed[]): Doomed[][] {
  return [...Map.groupBy(doomed, ({ kind, namespace }) => `${qualifiedName(kind)} ${namespace ?? ''}`).values()];
}

const keyOf = ({ kind, namespace, name }: Doomed): string => `${qualifiedName(kind)} ${namespace ?? ''} ${name}`;
const keyFor = ({ kind, namespace }: Doomed, { metadata }: ApiObject): string =>
  keyOf({ kind, namespace, name: metadata.name });

/** Clusters that still have a share. */
const holdersOf = ({ status }: ApiObject): string =>
  ((status as Partial<WorkloadStatus> | undefined)?.clusters ?? []).map(({ cluster }) => cluster).join(', ');

function describe(left: ReadonlyMap<string, Doomed>, holders: ReadonlyMap<string, string>): string {
  const shown = [...left].slice(0, 3).map(([key, { kind, name }]) => {
    const where = holders.get(key) ?? '';
    return `${kind.singular}/${name}${where === '' ? '' : ` (on ${where})`}`;
  });
  return shown.join(', ') + (left.size > shown.length ? ` and ${left.size - shown.length} more` : '');
}
