/** A service for people: where it answers, what is behind it on each cluster, and what proves that connections arrive. */
import type { ServiceClusterStatus, ServiceEndpoint } from '@skyflow/contracts';
import { ageOf } from '../../output/age.js';
import { externalOf, portsOf, type Service } from '../../output/service-view.js';
import { paintStatus } from '../../output/status-colour.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { conditionsSection, fields, section } from './describe-object.js';

export function describeService({ terminal }: Session, service: Service): string[] {
  const { spec, status } = service;
  const nowMs = Date.now();
  const selector = Object.entries(spec.selector).map(([key, value]) => `${key}=${value}`);
  const entries: [string, string][] = [
    ['Type', spec.type],
    ['Cluster', clusterWords(service)],
    ['Sources', spec.sources === undefined ? 'all clusters' : spec.sources.join(', ')],
    ...(spec.type === 'ExternalName'
      ? ([['External name', spec.externalName ?? '']] as [string, string][])
      : ([
          ['Selector', selector.join(',')],
          ['Ports', portsOf(spec)],
          ['Spread', spreadWords(spec)],
        ] as [string, string][])),
    ['Cluster-IP', status?.clusterIP ?? '<none>'],
    ['External-IP', externalOf(spec, status)],
    ['Status', paintStatus(terminal, status?.phase ?? 'PENDING')],
  ];
  const why = [status?.reason, status?.message].filter(Boolean).join(': ');
  if (why !== '') entries.push(['Reason', why]);
  if (spec.sessionAffinity === 'ClientIP') entries.push(['Affinity', 'ClientIP']);
  const clusters = status?.clusters ?? [];
  const endpoints = status?.endpoints ?? [];
  const more = (status?.total ?? 0) - endpoints.length;
  return [
    fields(entries),
    ...(clusters.length === 0
      ? []
      : section(
          'Clusters',
          renderTable({
            columns: ['Cluster', 'Ready', 'Share', 'Plane', 'Path', 'Evidence', 'Reported'],
            rows: clusters.map((each) => clusterRow(each, nowMs)),
          }),
        )),
    ...planesSection(status?.cluster, clusters),
    ...(endpoints.length === 0
      ? []
      : section(
          'Endpoints',
          renderTable({ columns: ['Cluster', 'Address', 'Pod', 'Ready', 'Used'], rows: endpoints.map(endpointRow) }) +
            (more > 0 ? `\n… and ${more} more` : ''),
        )),
    ...conditionsSection(status?.conditions, nowMs),
  ];
}

/** How pods of other clusters are reached, and why so; all that was looked at is told by the Link. */
function planesSection(primary: string | undefined, clusters: readonly ServiceClusterStatus[]): string[] {
  const rows = clusters.flatMap(({ cluster, plane, planeBecause = '' }) =>
    plane === undefined ? [] : [[cluster, plane, planeBecause, `skyctl describe link ${primary ?? ''}.${cluster}`]],
  );
  if (rows.length === 0) return [];
  return section('Planes', renderTable({ columns: ['Cluster', 'Plane', 'Because', 'What was looked at'], rows }));
}

function clusterWords({ spec, status }: Service): string {
  if (spec.cluster !== 'auto') return spec.cluster;
  return status?.cluster === undefined
    ? 'auto (not chosen yet)'
    : `${status.cluster} (chosen: ${status.chosenBecause ?? 'it had the most ready pods'})`;
}

function spreadWords({ spread = 'pods', localFirst = {} }: Service['spec']): string {
  if (spread === 'pods') return 'pods (each alike)';
  if (spread === 'clusters') return 'clusters (each alike)';
  const { minReady = 1, rampSeconds = 30 } = localFirst;
  return `local-first (others help below ${minReady} ready pods, and are let go over ${rampSeconds} s)`;
}

const clusterRow = (
  { cluster, primary, ready, total, share, plane, path, message, observedAt }: ServiceClusterStatus,
  nowMs: number,
): string[] => [
  cluster,
  `${ready}/${total}`,
  share === undefined ? '-' : `${share} %`,
  plane ?? '-',
  primary ? 'local' : (path?.state ?? '-'),
  message ?? path?.message ?? '',
  observedAt === undefined ? 'never' : `${ageOf(observedAt, nowMs)} ago`,
];

const endpointRow = ({ cluster, address, ports, pod, ready, used }: ServiceEndpoint): string[] => [
  cluster,
  `${address}:${ports.map(({ port }) => port).join(',')}`,
  pod,
  String(ready),
  String(used),
];
