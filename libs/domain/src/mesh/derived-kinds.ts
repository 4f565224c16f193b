/**
 * Links and Endpoints: what the statuses of services and imports say, seen from the way between two clusters and from the pods. Nothing of
 * that is stored; what somebody asked of a link is.
 */
import {
  API_VERSION,
  LINK_KIND,
  type Link,
  type LinkEvidence,
  type LinkService,
  type LinkSpec,
  type LinkStatus,
  type ServiceClusterStatus,
  type ServiceEndpoints,
  type ServiceImportStatus,
  type ServiceStatus,
  linkName,
  linkUid,
} from '@skyflow/contracts';

/** A Service as the API shows it, as far as it matters here. */
export interface ServiceObject {
  metadata: { name: string; namespace?: string; uid: string; creationTimestamp: string };
  status?: ServiceStatus | undefined;
}

/** A ServiceImport as the API shows it, as far as it matters here. */
export interface ImportObject {
  metadata: { name: string; namespace?: string; creationTimestamp: string };
  status?: Pick<ServiceImportStatus, 'imported'> | undefined;
}

/** A Link that somebody made, to say what services that leave it open do. */
export interface AskedLink {
  metadata: { name: string; uid: string; creationTimestamp: string };
  spec: LinkSpec;
}

/** What links are made of. */
export interface LinkSources {
  services: Iterable<ServiceObject>;
  imports?: Iterable<ImportObject>;
  asked?: Iterable<AskedLink>;
}

/** On a link: how one service of its cluster reaches one other cluster. */
interface Way {
  from: string;
  since: string;
  on: Pick<LinkService, 'service' | 'kind'>;
  to: ServiceClusterStatus;
}

/** By name, sorted: one per cluster of a service or import and other cluster that has pods of it, and those that somebody made. */
export function linksOf({ services, imports = [], asked = [] }: LinkSources): Link[] {
  const wishes = new Map([...asked].map((link) => [link.metadata.name, link]));
  const ways = new Map<string, Way[]>([...wishes.keys()].map((name) => [name, []]));
  for (const way of [...waysOfServices(services), ...waysOfImports(imports)]) {
    const name = linkName(way.from, way.to.cluster);
    const known = ways.get(name);
    if (known === undefined) ways.set(name, [way]);
    else known.push(way);
  }
  return [...ways].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, on]) => linkOf(name, on, wishes.get(name)));
}

function linkOf(name: string, ways: readonly Way[], asked: AskedLink | undefined): Link {
  const [first] = ways;
  const evidence: LinkEvidence[] = [];
  for (const each of ways.flatMap(({ to }) => to.evidence ?? [])) {
    if (!evidence.some(({ check, message }) => check === each.check && message === each.message)) evidence.push(each);
  }
  const creationTimestamp = ways.map(({ since }) => since).sort()[0] ?? '';
  return {
    apiVersion: API_VERSION,
    kind: LINK_KIND,
    metadata: asked?.metadata ?? { name, uid: linkUid(name), creationTimestamp },
    spec: asked?.spec ?? { from: first?.from ?? '', to: first?.to.cluster ?? '', plane: 'auto' },
    status: { ...linkStatus(ways.map(serviceOn)), ...(evidence.length === 0 ? {} : { evidence }) },
  };
}

function* waysOfServices(services: Iterable<ServiceObject>): Generator<Way> {
  for (const { metadata, status } of services) {
    const from = status?.cluster;
    if (from === undefined || status?.phase === 'DELETING') continue;
    for (const to of status?.clusters ?? []) {
      if (to.primary || to.path === undefined) continue;
      const on = { service: `${metadata.namespace ?? ''}/${metadata.name}` };
      yield { from, since: metadata.creationTimestamp, on, to };
    }
  }
}

function* waysOfImports(imports: Iterable<ImportObject>): Generator<Way> {
  for (const { metadata, status } of imports) {
    for (const { cluster: from, sources = [] } of status?.imported ?? []) {
      for (const to of sources) {
        if (to.path === undefined) continue;
        const on = { service: `${metadata.namespace ?? ''}/${metadata.name}`, kind: 'ServiceImport' as const };
        yield { from, since: metadata.creationTimestamp, on, to };
      }
    }
  }
}

function serviceOn({ on, to: { plane, planeBecause, path, reason, message, ready, total } }: Way): LinkService {
  return {
    ...on,
    plane: plane ?? 'undecided',
    ...(planeBecause === undefined ? {} : { planeBecause }),
    // What a cluster that cannot be seen said last proves nothing now.
    state: reason !== undefined && path?.state === 'UP' ? 'UNKNOWN' : (path?.state ?? 'UNKNOWN'),
    message: message ?? path?.message ?? '',
    since: path?.since ?? '',
    ready,
    total,
  };
}

export function endpointsOf({ metadata, status }: ServiceObject): ServiceEndpoints {
  const { name, namespace = '', uid, creationTimestamp } = metadata;
  return {
    apiVersion: API_VERSION,
    kind: 'Endpoints',
    metadata: { name, namespace, uid: `endpoints-${uid}`, creationTimestamp },
    status: {
      ...(status?.cluster === undefined ? {} : { cluster: status.cluster }),
      ready: status?.ready ?? 0,
      total: status?.total ?? 0,
      endpoints: status?.endpoints ?? [],
    },
  };
}

const UNUSED: LinkStatus = {
  ...{ phase: 'UNKNOWN', message: 'no service uses it yet, so nothing was tried' },
  ...{ planes: [], ready: 0, total: 0, services: [] },
};

function linkStatus(services: readonly LinkService[]): LinkStatus {
  if (services.length === 0) return UNUSED;
  const up = services.filter(({ state }) => state === 'UP');
  const down = services.filter(({ state }) => state === 'DOWN' || state === 'OVERLAP');
  const phase =
    up.length === services.length
      ? 'UP'
      : down.length === services.length
        ? 'DOWN'
        : up.length + down.length === 0
          ? 'UNKNOWN'
          : 'DEGRADED';
  const telling = down[0] ?? services.find(({ state }) => state !== 'UP') ?? services[0];
  const sum = (field: 'ready' | 'total'): number => services.reduce((all, each) => all + each[field], 0);
  return {
    phase,
    message: telling?.message ?? '',
    planes: [...new Set(services.map(({ plane }) => plane))].sort(),
    ready: sum('ready'),
    total: sum('total'),
    services: [...services],
  };
}
