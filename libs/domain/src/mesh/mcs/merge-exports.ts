/**
 * What clusters import when several export a Service of one name (KEP-1645, "Constraints and Conflict Resolution"): ports are the union,
 * of everything else the oldest export's is taken, and whatever differs is a conflict that every export says. Pure.
 */
import {
  type ConflictReason,
  CONFLICT_REASONS,
  type ExportedService,
  HEADLESS,
  type ServiceImportSpec,
  type ServicePort,
} from '@skyflow/contracts';
import { canonicalJson } from '../../native/fingerprint.js';

/** One cluster's export of the Service. */
export interface ClusterExport {
  cluster: string;
  /** When it was exported, RFC 3339. */
  exportedAt: string;
  /** Absent: the cluster has no Service of the name. */
  service: ExportedService | undefined;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}

/** Of one cluster: which pods are behind the import, and which of its ports they serve. */
export interface Exported {
  selector: Record<string, string>;
  /** Named as in the import. */
  ports: ServicePort[];
}

export interface Conflict {
  reason: ConflictReason;
  message: string;
}

export interface ImportPlan {
  spec: ServiceImportSpec;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** By cluster, the oldest export first. */
  exporters: Map<string, Exported>;
  conflicts: Conflict[];
}

export interface ExportVerdict {
  valid: boolean;
  reason: 'Valid' | 'NoService' | 'InvalidServiceType';
  message: string;
}

/** Whether the export of a cluster counts. */
export function exportVerdict({ cluster, service }: Pick<ClusterExport, 'cluster' | 'service'>): ExportVerdict {
  if (service === undefined) {
    return { valid: false, reason: 'NoService', message: `${cluster} has no Service of this name in the namespace` };
  }
  if (service.type === 'ExternalName') {
    const message = `the Service on ${cluster} is of type ExternalName, which has no pods to be reached`;
    return { valid: false, reason: 'InvalidServiceType', message };
  }
  if (Object.keys(service.selector).length === 0) {
    const message = `the Service on ${cluster} has no selector: SkyFlow exports the pods that a Service selects, so none of its`;
    return { valid: true, reason: 'Valid', message };
  }
  return { valid: true, reason: 'Valid', message: `the Service on ${cluster} can be exported` };
}

type Valid = ClusterExport & { service: ExportedService };

/** Undefined: no valid export, so there is no import. */
export function mergeExports(exports: readonly ClusterExport[]): ImportPlan | undefined {
  const valid = exports.filter((each): each is Valid => exportVerdict(each).valid).sort(byAge);
  const [oldest] = valid;
  if (oldest === undefined) return undefined;
  const { ports, exporters, clashes } = mergePorts(valid);
  const isHeadless = oldest.service.clusterIP === HEADLESS;
  const { sessionAffinity = 'None', ipFamilies, internalTrafficPolicy, trafficDistribution } = oldest.service;
  const timeoutSeconds = affinitySeconds(oldest);
  const spec: ServiceImportSpec = {
    type: isHeadless ? 'Headless' : 'ClusterSetIP',
    ports,
    sessionAffinity,
    ...(timeoutSeconds === undefined ? {} : { sessionAffinityConfig: { clientIP: { timeoutSeconds } } }),
    ...(ipFamilies === undefined ? {} : { ipFamilies: [...ipFamilies] }),
    ...(internalTrafficPolicy === undefined ? {} : { internalTrafficPolicy }),
    ...(trafficDistribution === undefined ? {} : { trafficDistribution }),
  };
  return {
    spec,
    labels: { ...oldest.labels },
    annotations: { ...oldest.annotations },
    exporters,
    conflicts: conflictsOf(valid, oldest, clashes),
  };
}

/** The oldest export first; of exports of the same time that with the older Service, then the first by name. */
const byAge = (a: Valid, b: Valid): number =>
  Date.parse(a.exportedAt) - Date.parse(b.exportedAt) ||
  Date.parse(a.service.creationTimestamp) - Date.parse(b.service.creationTimestamp) ||
  (a.cluster < b.cluster ? -1 : 1);

type ImportPort = ServiceImportSpec['ports'][number];

const protocolOf = ({ protocol = 'TCP' }: Pick<ServicePort, 'protocol'>): string => protocol;
const portText = (port: ImportPort): string =>
  `${port.name ?? ''}${port.name === undefined ? '' : ' '}${protocolOf(port)} ${port.port}`;

/** A port goes to the clusters that expose it just so; one that says something else under a name or number that is taken has no part. */
function mergePorts(valid: readonly Valid[]): {
  ports: ImportPort[];
  exporters: Map<string, Exported>;
  clashes: string[];
} {
  const ports: ImportPort[] = [];
  const clashes: string[] = [];
  const taken = new Map<string, { port: ServicePort; as: ImportPort }[]>();
  for (const { cluster, service } of valid) {
    const mine: { port: ServicePort; as: ImportPort }[] = [];
    for (const given of service.ports as ServicePort[]) {
      const { name = '', appProtocol, port } = given;
      const wanted: ImportPort = {
        ...(name === '' ? {} : { name }),
        protocol: given.protocol ?? 'TCP',
        port,
        ...(appProtocol === undefined ? {} : { appProtocol }),
      };
      const rival = ports.find(
        (each) => (each.name ?? '') === name || (each.port === port && protocolOf(each) === protocolOf(given)),
      );
      if (rival === undefined) ports.push(wanted);
      const isSame =
        rival !== undefined &&
        (rival.name ?? '') === name &&
        rival.port === port &&
        protocolOf(rival) === protocolOf(given);
      if (rival === undefined || isSame) mine.push({ port: given, as: rival ?? wanted });
      else clashes.push(`${portText(wanted)} of ${cluster} is ${portText(rival)} in an older export`);
      if (isSame && rival.appProtocol !== appProtocol)
        clashes.push(`${portText(wanted)} of ${cluster} has another appProtocol than in an older export`);
    }
    taken.set(cluster, mine);
  }
  // The ports of a Service that has several need names.
  if (ports.length > 1) for (const port of ports) port.name ??= `${protocolOf(port).toLowerCase()}-${port.port}`;
  const exporters = new Map(
    valid.map(({ cluster, service }) => [
      cluster,
      {
        selector: { ...service.selector },
        ports: (taken.get(cluster) ?? []).map(({ port, as }): ServicePort => ({
          ...as,
          targetPort: port.targetPort ?? port.port,
        })),
      },
    ]),
  );
  return { ports, exporters, clashes };
}

const DEFAULT_AFFINITY_SECONDS = 10_800;

const affinitySeconds = ({ service }: Valid): number | undefined =>
  service.sessionAffinity === 'ClientIP'
    ? (service.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
    : undefined;

const portsText = ({ service }: Valid): string =>
  canonicalJson(
    service.ports
      .map((port) => [port.name ?? '', protocolOf(port as ServicePort), port.port, port.appProtocol ?? ''])
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  );

/** What has to be alike, as text. */
const ALIKE: readonly [ConflictReason, string, (each: Valid) => string][] = [
  ['TypeConflict', 'headless', ({ service }) => String(service.clusterIP === HEADLESS)],
  ['PortConflict', 'ports', portsText],
  ['SessionAffinityConflict', 'sessionAffinity', ({ service }) => service.sessionAffinity ?? 'None'],
  ['SessionAffinityConfigConflict', 'sessionAffinityConfig', (each) => String(affinitySeconds(each) ?? '')],
  [
    'InternalTrafficPolicyConflict',
    'internalTrafficPolicy',
    ({ service }) => service.internalTrafficPolicy ?? 'Cluster',
  ],
  ['TrafficDistributionConflict', 'trafficDistribution', ({ service }) => service.trafficDistribution ?? ''],
  ['IPFamilyConflict', 'ipFamilies', ({ service }) => (service.ipFamilies ?? []).join(',')],
  ['LabelsConflict', 'exportedLabels', ({ labels }) => canonicalJson(labels)],
  ['AnnotationsConflict', 'exportedAnnotations', ({ annotations }) => canonicalJson(annotations)],
];

function conflictsOf(valid: readonly Valid[], oldest: Valid, clashes: readonly string[]): Conflict[] {
  const found = ALIKE.flatMap(([reason, field, text]): Conflict[] => {
    const others = valid.filter((each) => text(each) !== text(oldest)).map(({ cluster }) => cluster);
    // Of clusters whose affinity differs, its terms say nothing more.
    if (others.length === 0 || (reason === 'SessionAffinityConfigConflict' && affinityDiffers(valid))) return [];
    const how = reason === 'PortConflict' ? 'all are taken together' : `that of ${oldest.cluster} is taken`;
    const details = reason === 'PortConflict' && clashes.length > 0 ? `; ${clashes.join('; ')}` : '';
    return [{ reason, message: `${field} of ${others.join(', ')} differs from ${oldest.cluster}'s; ${how}${details}` }];
  });
  return found.sort((a, b) => CONFLICT_REASONS.indexOf(a.reason) - CONFLICT_REASONS.indexOf(b.reason));
}

const affinityDiffers = (valid: readonly Valid[]): boolean =>
  new Set(valid.map(({ service }) => service.sessionAffinity ?? 'None')).size > 1;
