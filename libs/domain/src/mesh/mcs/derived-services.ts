/**
 * The Services by which clusters import: one per import and cluster, which the planner treats as any service of that cluster. They are
 * worked out by the fold from what is exported, and are in no user's hands. No selector: pods here and elsewhere are in slices of
 * SkyFlow alike, so that a port leads only to clusters that export it.
 */
import { API_VERSION, HEADLESS, type ServicePort, type ServiceSpec, type StoredObject } from '@skyflow/contracts';
import { fingerprint } from '../../native/fingerprint.js';
import { LABEL_MCS_SERVICE } from '../native-service.js';
import type { DerivedFrom, ExportBook, ServiceRecord } from '../state.js';
import { exportKey } from './export-book.js';
import type { ImportPlan } from './merge-exports.js';

/** As the reference controller of mcs-api names it: `derived-` and ten characters that follow from namespace and name. */
export const derivedName = (namespace: string, name: string): string =>
  `derived-${fingerprint(exportKey(namespace, name)).slice(0, 10)}`;

export const derivedUid = (key: string, cluster: string): string => `import-${fingerprint(`${key} ${cluster}`)}`;

/** The service of one cluster, and what it is made from. @param generation of it; @param since RFC 3339. */
export function derivedService(
  { namespace, name }: Pick<ExportBook, 'namespace' | 'name'>,
  plan: ImportPlan,
  cluster: string,
  generation: number,
  since: string,
): { object: StoredObject; spec: ServiceSpec; derived: DerivedFrom } {
  const { spec: wanted, labels, annotations, exporters } = plan;
  const { sessionAffinity = 'None', sessionAffinityConfig, internalTrafficPolicy, type } = wanted;
  const spec: ServiceSpec = {
    cluster,
    type: 'ClusterIP',
    ...(type === 'Headless' ? { clusterIP: HEADLESS } : {}),
    selector: {},
    ports: wanted.ports.map((port): ServicePort => ({ ...port })),
    sessionAffinity,
    ...(sessionAffinityConfig === undefined || type === 'Headless' ? {} : { sessionAffinityConfig }),
    ...(internalTrafficPolicy === 'Local' || internalTrafficPolicy === 'Cluster' ? { internalTrafficPolicy } : {}),
    sources: [...exporters.keys()],
    import: { name, labels, annotations, spec: wanted, clusters: [...exporters.keys()] },
  };
  const object: StoredObject = {
    apiVersion: API_VERSION,
    kind: 'Service',
    metadata: {
      name: derivedName(namespace, name),
      namespace,
      uid: derivedUid(exportKey(namespace, name), cluster),
      creationTimestamp: since,
      generation,
      labels: { [LABEL_MCS_SERVICE]: name },
    },
    spec,
  };
  return { object, spec, derived: { key: exportKey(namespace, name), cluster, exported: exporters } };
}

/** The service as a cluster is told it: of one that clusters import, each is told the pods and ports that it exports itself. */
export function toldObject({ object, spec, derived }: ServiceRecord, cluster: string): StoredObject {
  if (derived === undefined) return object;
  const exported = derived.exported.get(cluster);
  if (cluster === derived.cluster) return exported === undefined ? object : { ...object, spec: { ...spec, exported } };
  const { import: _import, ...rest } = spec;
  return { ...object, spec: { ...rest, ...(exported ?? { ports: [] }) } };
}

/** Which pods of a cluster are behind a service that it was told, and their ports; undefined: none. */
export function selectionOf(object: StoredObject): Pick<ServiceSpec, 'selector' | 'ports'> | undefined {
  const {
    type,
    selector = {},
    ports = [],
    exported,
    import: imported,
  } = (object['spec'] ?? {}) as Partial<ServiceSpec>;
  const chosen = imported === undefined ? { selector, ports } : exported;
  // An external name has no pods, and an empty selector would match all of them.
  return type === 'ExternalName' || chosen === undefined || Object.keys(chosen.selector).length === 0
    ? undefined
    : chosen;
}
