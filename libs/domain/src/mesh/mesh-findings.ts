/** What `skyctl mesh check` says: what is wrong where, from what is recorded and from what the agents tried just now. Pure. */
import type { MeshCheck, MeshFinding, MeshReply, ServiceStatus } from '@skyflow/contracts';
import type { ImportObject, ServiceObject } from './derived-kinds.js';

export interface CheckedCluster {
  name: string;
  phase: string;
  /** What its agent answered; an error: it did not. */
  reply: MeshReply | Error;
}

export function meshFindings(
  clusters: readonly CheckedCluster[],
  services: readonly ServiceObject[],
  imports: readonly ImportObject[] = [],
): MeshCheck {
  const used = new Set([...services.flatMap(clustersOf), ...imports.flatMap(importersOf)]);
  const names = userNames(imports);
  const findings = [
    ...clusters.filter(({ name }) => used.has(name)).flatMap(clusterFindings),
    ...clusters.flatMap((cluster) => attemptFindings(cluster, names)),
    ...services.flatMap(serviceFindings),
    ...imports.flatMap(importFindings),
  ];
  if (findings.length === 0) {
    const hint = 'make one: skyctl create service NAME --type LoadBalancer --selector app NAME --ports 8008 80';
    return { findings: [{ level: 'ok', where: 'mesh', message: 'there are no services over clusters', hint }] };
  }
  return { findings };
}

const clustersOf = ({ status }: ServiceObject): string[] => (status?.clusters ?? []).map(({ cluster }) => cluster);

/** Clusters that import, and those from which they do. */
const importersOf = ({ status }: ImportObject): string[] =>
  (status?.imported ?? []).flatMap(({ cluster, sources = [] }) => [cluster, ...sources.map((each) => each.cluster)]);

/** A cluster imports by a Service with a name of SkyFlow's own: users know it by that of the import. */
const userNames = (imports: readonly ImportObject[]): ReadonlyMap<string, string> =>
  new Map(
    imports.flatMap(({ metadata: { namespace = '', name }, status }) =>
      (status?.imported ?? []).map(
        ({ service }) => [`${namespace}/${service}`, `import ${namespace}/${name}`] as const,
      ),
    ),
  );

function clusterFindings({ name, phase, reply }: CheckedCluster): MeshFinding[] {
  const where = `cluster ${name}`;
  if (reply instanceof Error) {
    const hint = `see whether its agent runs: skyctl describe cluster ${name}`;
    return [{ level: 'error', where, message: `is ${phase}; ${reply.message}`, hint }];
  }
  const { gateway, message } = reply;
  if (gateway === undefined) {
    const hint = 'pods are reached at their own addresses then, which needs a network between the clusters';
    return [{ level: 'warning', where, message: message ?? 'no mesh gateway runs', hint }];
  }
  return [
    ...gateway.failed.map(({ address, port, message: why }): MeshFinding => ({
      level: 'error',
      where,
      message: `its gateway cannot listen on ${address}:${port}: ${why}`,
      hint: 'stop what has the port; the gateway tries again every few seconds',
    })),
    ...gateway.peers
      .filter(({ state }) => state !== 'idle')
      .map((peer): MeshFinding =>
        peer.state === 'up'
          ? {
              level: 'ok',
              where: `gateways ${name} - ${peer.cluster}`,
              message: `${peer.sessions} sessions${lanesText(peer.lanes)}${peer.rttMs === undefined ? '' : `, ${peer.rttMs.toFixed(1)} ms there and back`}`,
            }
          : {
              level: 'error',
              where: `gateways ${name} - ${peer.cluster}`,
              message: peer.message ?? 'no session',
              hint: `its gateway must be reached from here (SKYFLOW_GATEWAY_PUBLIC of the agent of ${peer.cluster}), or this one from there`,
            },
      ),
  ];
}

const lanesText = (lanes = 0): string => (lanes === 0 ? '' : `, ${lanes} lanes`);

function attemptFindings({ name, reply }: CheckedCluster, names: ReadonlyMap<string, string>): MeshFinding[] {
  if (reply instanceof Error) return [];
  return reply.attempts.map(({ service: told, source, plane, pod, place, ms, error }): MeshFinding => {
    const service = names.get(told) ?? told;
    const where = `link ${name}.${source}`;
    if (error === undefined) {
      return {
        level: 'ok',
        where,
        message: `${service}: reached ${pod} at ${place} (${plane}) in ${ms.toFixed(1)} ms`,
      };
    }
    return {
      level: 'error',
      where,
      message: `${service}: ${pod} at ${place} (${plane}): ${error}`,
      hint: hintFor(error, plane, source),
    };
  });
}

function hintFor(error: string, plane: string, source: string): string {
  if (plane === 'flat') return 'pod networks do not reach each other: set spec.plane to gateway';
  if (error.includes('cannot connect to'))
    return `the gateway of ${source} does not reach its pod: does it listen on the target port?`;
  if (error.includes('is open to') || error.includes('has no pod'))
    return `the agent of ${source} has not told its gateway yet, or is behind`;
  return `the gateways do not reach each other: see the lines about gateways, and the agent's log on both clusters`;
}

function serviceFindings({ metadata, status }: ServiceObject): MeshFinding[] {
  const where = `service ${metadata.namespace ?? ''}/${metadata.name}`;
  const { phase = 'PENDING', reason, message, ready = 0, total = 0 } = status ?? ({} as Partial<ServiceStatus>);
  if (phase === 'READY') return [{ level: 'ok', where, message: `READY, connections reach ${ready} of ${total} pods` }];
  const level = phase === 'FAILED' || phase === 'UNKNOWN' ? 'error' : 'warning';
  return [{ level, where, message: `${phase}: ${[reason, message].filter(Boolean).join(': ')}` }];
}

/** One for each cluster that imports pods of others. */
function importFindings({ metadata, status }: ImportObject): MeshFinding[] {
  return (status?.imported ?? []).flatMap(({ cluster, ready, total, sources = [] }): MeshFinding[] => {
    if (sources.length === 0) return [];
    const where = `import ${metadata.namespace ?? ''}/${metadata.name} on ${cluster}`;
    const lost = sources.filter(({ path, reason }) => reason !== undefined || path?.state !== 'UP');
    if (lost.length === 0) return [{ level: 'ok', where, message: `connections reach ${ready} of ${total} pods` }];
    const words = lost.map(
      ({ cluster: from, message, path }) => message ?? `${from}: ${path?.message ?? 'not tried yet'}`,
    );
    return [{ level: 'warning', where, message: words.join('; ') }];
  });
}
