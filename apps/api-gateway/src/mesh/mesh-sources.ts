/** Where Links and Endpoints come from: the statuses of services, and for traffic the gateways of the clusters. */
import { askAgent } from '@skyflow/agent-link';
import {
  agentRequestSubject,
  type KubeObject,
  type Link,
  LINK_KIND,
  type MeshReply,
  meshReplySchema,
} from '@skyflow/contracts';
import {
  apiObject,
  endpointsOf,
  linksOf,
  type AskedLink,
  type ImportObject,
  type ServiceObject,
} from '@skyflow/domain';
import type { ListOptions, ListResult, ResourceDefinition } from '@skyflow/apimachinery';
import type { NatsConnection } from '@nats-io/transport-node';
import { type MirrorSource, MirrorStore } from '../mirrors/mirror-store.js';
import type { ReadModel } from '../store/read-model.js';
import { asError } from '../workloads/agent-pods.js';

/** An agent answers from memory; one that tries connections waits for those. */
const STATUS_WITHIN_MS = 1_000;
const CHECK_WITHIN_MS = 20_000;

export const servicesOf = (model: ReadModel): ServiceObject[] => objectsOf<ServiceObject>(model, 'Service');

export const importsOf = (model: ReadModel): ImportObject[] => objectsOf<ImportObject>(model, 'ServiceImport');

function objectsOf<T>(model: ReadModel, kind: string): T[] {
  const basis = model.basis();
  return [...model.state.table.ordered(kind)].map((record) => apiObject(record, basis) as unknown as T);
}

/** What the agent of a cluster says of the mesh there, or why it says nothing. */
export async function askMesh(nats: NatsConnection, cluster: string, tries: boolean): Promise<MeshReply | Error> {
  try {
    const signal = AbortSignal.timeout(tries ? CHECK_WITHIN_MS : STATUS_WITHIN_MS);
    return meshReplySchema.parse(await askAgent(nats, agentRequestSubject(cluster, 'mesh'), { tries }, { signal }));
  } catch (error) {
    return asError(error, cluster);
  }
}

export class LinkSource implements MirrorSource {
  constructor(
    private readonly nats: NatsConnection,
    private readonly model: ReadModel,
  ) {}

  async fetch(): Promise<KubeObject[]> {
    await this.model.upToDate();
    const links = linksIn(this.model);
    const froms = [...new Set(links.map(({ spec }) => spec.from))];
    const replies = new Map(
      await Promise.all(froms.map(async (from) => [from, await askMesh(this.nats, from, false)] as const)),
    );
    return links.map((link) => withTraffic(link, replies.get(link.spec.from)) as unknown as KubeObject);
  }
}

function linksIn(model: ReadModel): Link[] {
  return linksOf({
    services: servicesOf(model),
    imports: importsOf(model),
    asked: objectsOf<AskedLink>(model, LINK_KIND),
  });
}

/** Links as they were (`?at=`): what was said of them by then. What gateways count they tell only who asks, so that is not known. */
export class PastLinks extends MirrorStore {
  constructor(definition: ResourceDefinition, past: ReadModel) {
    super(definition, { fetch: () => Promise.resolve(linksIn(past) as unknown as KubeObject[]) }, true);
  }

  override async list(asked: ListOptions): Promise<ListResult> {
    const found = await super.list(asked);
    return found.items.length === 0 ? found : { ...found, warnings: [NOT_COUNTED] };
  }
}

const NOT_COUNTED =
  'what links carried and how long it took there and back is not in the log: gateways tell it only of now (skyctl mesh top), and metrics keep it';

export class EndpointsSource implements MirrorSource {
  constructor(private readonly model: ReadModel) {}

  async fetch(): Promise<KubeObject[]> {
    await this.model.upToDate();
    return servicesOf(this.model).map((service) => endpointsOf(service) as unknown as KubeObject);
  }
}

function withTraffic(link: Link, reply: MeshReply | Error | undefined): Link {
  if (reply === undefined || reply instanceof Error || reply.gateway === undefined) return link;
  const pairs = reply.gateway.traffic.filter(({ direction, peer }) => direction === 'out' && peer === link.spec.to);
  const sum = (field: 'connections' | 'open' | 'refused' | 'sentBytes' | 'receivedBytes'): number =>
    pairs.reduce((all, each) => all + each[field], 0);
  const traffic = {
    connections: sum('connections'),
    open: sum('open'),
    refused: sum('refused'),
    sentBytes: sum('sentBytes'),
    receivedBytes: sum('receivedBytes'),
  };
  const { rttMs, sessions, lanes } = reply.gateway.peers.find(({ cluster }) => cluster === link.spec.to) ?? {};
  const carriers = sessions === undefined ? {} : { sessions, ...(lanes === undefined ? {} : { lanes }) };
  const status = { ...link.status, ...(rttMs === undefined ? {} : { rttMs }), ...carriers, traffic };
  return { ...link, status };
}
