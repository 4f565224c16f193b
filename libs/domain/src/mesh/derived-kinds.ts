/** Links and Endpoints: what services' statuses say, seen from the way between two clusters and from the pods. Nothing is stored. */
import {
  API_VERSION,
  type Link,
  type LinkEvidence,
  type LinkService,
  type LinkStatus,
  type ServiceEndpoints,
  type ServiceStatus,
} from '@skyflow/contracts';

/** A Service as the API shows it, as far as it matters here. */
export interface ServiceObject {
  metadata: { name: string; namespace?: string; uid: string; creationTimestamp: string };
  status?: ServiceStatus | undefined;
}

/** By name, sorted: one per cluster of a service and other cluster that has pods of it. */
export function linksOf(services: Iterable<ServiceObject>): Link[] {
  const links = new Map<
    string,
    { from: string; to: string; since: string; services: LinkService[]; evidence: LinkEvidence[] }
  >();
  for (const { metadata, status } of services) {
    const from = status?.cluster;
    if (from === undefined || status?.phase === 'DELETING') continue;
    for (const { cluster: to, primary, path, plane, evidence, ready, total, reason, message } of status?.clusters ??
      []) {
      if (primary || path === undefined) continue;
      const name = `${from}.${to}`;
      const link = links.get(name) ?? { from, to, since: metadata.creationTimestamp, services: [], evidence: [] };
      for (const each of evidence ?? []) {
        if (!link.evidence.some(({ check, message: said }) => check === each.check && said === each.message)) {
          link.evidence.push(each);
        }
      }
      if (metadata.creationTimestamp < link.since) link.since = metadata.creationTimestamp;
      link.services.push({
        service: `${metadata.namespace ?? ''}/${metadata.name}`,
        plane: plane ?? 'undecided',
        // What a cluster that cannot be seen said last proves nothing now.
        state: reason !== undefined && path.state === 'UP' ? 'UNKNOWN' : path.state,
        message: message ?? path.message,
        since: path.since,
        ready,
        total,
      });
      links.set(name, link);
    }
  }
  return [...links]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { from, to, since, services: on, evidence }]) => ({
      apiVersion: API_VERSION,
      kind: 'Link',
      metadata: { name, uid: `link-${name}`, creationTimestamp: since },
      spec: { from, to },
      status: { ...linkStatus(on), ...(evidence.length === 0 ? {} : { evidence }) },
    }));
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

function linkStatus(services: readonly LinkService[]): LinkStatus {
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
