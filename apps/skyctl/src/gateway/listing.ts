/** Lists of objects, page by page, and single objects by name. */
import type { ApiObject } from '@skyflow/contracts';
import { isServerTable, itemsOfTable, TABLE_ACCEPT } from '../output/generic-view.js';
import type { ServerTable } from '../output/generic-view.js';
import type { Item } from '../output/view.js';
import type { GatewayClient } from './gateway-client.js';
import { apiVersionOf, listPath, objectPath } from './kinds.js';
import type { ResourceKind } from './kinds.js';

const PAGE_SIZE = 5_000;

export interface Selection {
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Objects per request; 0: all in one. */
  chunkSize?: number;
  /** Of single objects: `status`, `scale`. */
  subresource?: string;
}

export interface Listing {
  items: Item[];
  /** Where a watch goes on from. */
  resourceVersion: string;
  /** What the server says the columns are, where it was asked for a table. */
  columns?: ServerTable['columnDefinitions'];
}

interface ListBody {
  metadata: { resourceVersion?: string; continue?: string };
  items?: ApiObject[];
}

export async function listObjects(
  gateway: GatewayClient,
  kind: ResourceKind,
  { namespace, labelSelector, fieldSelector, chunkSize = PAGE_SIZE }: Selection,
  asTable = false,
): Promise<Listing> {
  const listing: Listing = { items: [], resourceVersion: '' };
  let token: string | undefined;
  do {
    const { body } = await gateway.json<ListBody | (ServerTable & ListBody)>({
      path: listPath(kind, namespace),
      query: { labelSelector, fieldSelector, limit: chunkSize === 0 ? undefined : chunkSize, continue: token },
      ...(asTable ? { accept: TABLE_ACCEPT } : {}),
    });
    if (isServerTable(body)) {
      listing.items.push(...itemsOfTable(body));
      listing.columns ??= body.columnDefinitions;
    } else {
      listing.items.push(...(body.items ?? []).map((object) => ({ object: typed(kind, object) })));
    }
    listing.resourceVersion = body.metadata.resourceVersion ?? '';
    token = body.metadata.continue;
  } while (token !== undefined && token !== '');
  return listing;
}

/** @throws CliError (not found) */
export async function getItem(
  gateway: GatewayClient,
  kind: ResourceKind,
  namespace: string | undefined,
  name: string,
  asTable = false,
  subresource?: string,
): Promise<Listing> {
  const { body } = await gateway.json<ApiObject | ServerTable>({
    path: objectPath(kind, namespace, name) + (subresource === undefined ? '' : `/${encodeURIComponent(subresource)}`),
    ...(asTable ? { accept: TABLE_ACCEPT } : {}),
  });
  if (isServerTable(body)) {
    return { items: itemsOfTable(body), resourceVersion: '', columns: body.columnDefinitions };
  }
  return { items: [{ object: typed(kind, body) }], resourceVersion: body.metadata.resourceVersion };
}

/** @throws CliError (not found) */
export async function getObject(
  gateway: GatewayClient,
  kind: ResourceKind,
  namespace: string | undefined,
  name: string,
): Promise<ApiObject> {
  const { body } = await gateway.json<ApiObject>({ path: objectPath(kind, namespace, name) });
  return typed(kind, body);
}

/** Items of a list come without the kind that the list has. */
export const typed = (kind: ResourceKind, object: ApiObject): ApiObject => ({
  ...object,
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
});
