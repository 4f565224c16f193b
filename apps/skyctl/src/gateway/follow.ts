/** A list and everything that happens to it afterwards, for ever: lists again where the server has forgotten what came between. */
import { TABLE_ACCEPT, isServerTable, itemsOfTable } from '../output/generic-view.js';
import type { Item } from '../output/view.js';
import type { GatewayClient } from './gateway-client.js';
import { listPath } from './kinds.js';
import type { ResourceKind } from './kinds.js';
import { listObjects, typed } from './listing.js';
import type { Listing, Selection } from './listing.js';
import { isExpired } from './refusal.js';
import { watchObjects } from './watch.js';
import type { WatchEvent, WatchSettings } from './watch.js';

export type Change = { type: 'LIST'; listing: Listing } | { type: WatchEvent['type']; item: Item };

export interface FollowSettings extends Pick<WatchSettings, 'signal' | 'onConnection'> {
  asTable?: boolean;
}

/** Ends only when the signal aborts. @throws CliError as {@link watchObjects} does. */
export async function* follow(
  gateway: GatewayClient,
  kind: ResourceKind,
  selection: Selection,
  { asTable = false, ...settings }: FollowSettings = {},
): AsyncGenerator<Change> {
  const { namespace, labelSelector, fieldSelector } = selection;
  while (!(settings.signal?.aborted ?? false)) {
    const listing = await listObjects(gateway, kind, selection, asTable);
    yield { type: 'LIST', listing };
    const events = watchObjects<unknown>(
      gateway,
      {
        path: listPath(kind, namespace),
        query: { labelSelector, fieldSelector },
        accept: asTable ? TABLE_ACCEPT : 'application/json',
      },
      {
        ...settings,
        resourceVersion: listing.resourceVersion,
        versionOf: (object) => itemOf(object)?.object.metadata.resourceVersion,
      },
    );
    try {
      for await (const { type, object } of events) {
        const item = itemOf(object);
        if (item !== undefined) yield { type, item: { ...item, object: typed(kind, item.object) } };
      }
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
  }
}

const itemOf = (object: unknown): Item | undefined =>
  isServerTable(object) ? itemsOfTable(object)[0] : { object: object as Item['object'] };
