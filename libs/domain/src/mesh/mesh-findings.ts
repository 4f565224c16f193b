/** What `skyctl mesh check` says: what is wrong where, from what is recorded and from what the agents tried just now. Pure. */
import type { MeshCheck, MeshFinding, MeshReply, ServiceStatus } from '@skyflow/contracts';
import type { ServiceObject } from './derived-kinds.js';

export interface CheckedCluster {
  name: string;
  phase: string;
  /** What its agent answered; an error: it did not. */
  reply: MeshReply | Error;
}

export function meshFindings(clusters: readonly CheckedCluster[], services: readonly ServiceObject[]): MeshCheck {
  const findings = [
    ...clusters.flatMap((cluster) => clusterFindings(cluster, services)),
    ...clusters.flatMap(attemptFindings),
    ...services.flatMap(serviceFindings),
  ];
  if (findings.length === 0) {
    const hint = 'make one: skyctl create service NAME --type LoadBalancer --selector app NAME --ports 8008 80';
    return { findings: [{ level: 'ok', where: 'mesh', message: 'there are no services over clusters', hint }] };
  }
  return { findings };
}

function clusterFindings({ name, phase, reply }: CheckedCluster, services: readonly ServiceObject[]): MeshFinding[] {
  const isUsed = services.some(({ status }) => status?.clusters.some(({ cluster }) => cluster === name));
  if (!isUsed) return [];
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
              message: `${peer.sessions} sessions${peer.rttMs === undefined ? '' : `, ${peer.rttMs.toFixed(1)} ms there and back`}`,
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

function attemptFindings({ name, reply }: CheckedCluster): MeshFinding[] {
  if (reply instanceof Error) return [];
  return reply.attempts.map(({ service, source, plane, pod, place, ms, error }): MeshFinding => {
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
