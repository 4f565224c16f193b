/** What a placement, a Service or a Link names must be there: a name that is mistyped would wait for ever. */
import {
  AUTO_CLUSTER,
  LINK_KIND,
  type LinkSpec,
  type ServiceSpec,
  type StoredObject,
  isWorkloadKind,
} from '@skyflow/contracts';
import type { ObjectRecord } from './object-record.js';
import type { ObjectsState } from './objects-state.js';
import type { Rejection } from './rejection.js';

/** A name in a placement, and the path of its field. */
interface NamedThere {
  name: string;
  field: string;
}

/** Clusters and policies that an object's placement names. */
export interface PlacementNames {
  clusters: readonly NamedThere[];
  policy: NamedThere | undefined;
}

/** Clusters and policies must exist; one that was named before and went does not block other changes. */
export function placementProblem(
  state: ObjectsState,
  object: StoredObject,
  old: ObjectRecord | undefined,
): Rejection | undefined {
  const { clusters, policy } = placementNames(object.kind, object.spec);
  if (clusters.length === 0 && policy === undefined) return undefined;
  const before = placementNames(object.kind, old && (JSON.parse(old.body) as { spec?: unknown }).spec);
  const known = new Set(before.clusters.map(({ name }) => name));
  const missing = clusters.find(({ name }) => !known.has(name) && state.table.get('Cluster', '', name) === undefined);
  if (missing !== undefined) {
    const names = [...state.table.ordered('Cluster')].map((record) => record.name);
    const rest = names.length === 0 ? 'no cluster is registered yet' : `the clusters are: ${names.join(', ')}`;
    const message = `there is no cluster "${missing.name}"; ${rest}`;
    return { rejected: 'CLUSTER_NOT_FOUND', field: missing.field, message };
  }
  return policy === undefined || policy.name === before.policy?.name ? undefined : policyProblem(state, object, policy);
}

export function placementNames(kind: string, spec: unknown): PlacementNames {
  if (kind === 'Service') return { clusters: serviceClusters(spec), policy: undefined };
  if (kind === LINK_KIND) return { clusters: linkClusters(spec), policy: undefined };
  const placement = isWorkloadKind(kind) ? recordAt(spec, 'placement') : kind === 'PlacementPolicy' ? spec : undefined;
  if (typeof placement !== 'object' || placement === null) return NOTHING;
  const path = kind === 'PlacementPolicy' ? 'spec' : 'spec.placement';
  const { policy } = placement as { policy?: unknown };
  return {
    clusters: [
      ...clustersOf(placement, path),
      ...listAt(placement, 'groups').flatMap((set, index) => clustersOf(set, `${path}.groups[${String(index)}]`)),
      ...listAt(recordAt(placement, 'division'), 'weights').flatMap((set, index) =>
        clustersOf(set, `${path}.division.weights[${String(index)}]`),
      ),
    ],
    policy:
      isWorkloadKind(kind) && typeof policy === 'string' && policy !== ''
        ? { name: policy, field: `${path}.policy` }
        : undefined,
  };
}

function linkClusters(spec: unknown): NamedThere[] {
  const { from = '', to = '' } = (spec ?? {}) as Partial<LinkSpec>;
  return [
    { name: from, field: 'spec.from' },
    { name: to, field: 'spec.to' },
  ];
}

function serviceClusters(spec: unknown): NamedThere[] {
  const { cluster, sources = [] } = (spec ?? {}) as Partial<ServiceSpec>;
  return [
    ...(cluster === undefined || cluster === AUTO_CLUSTER ? [] : [{ field: 'spec.cluster', name: cluster }]),
    ...sources.map((name, index) => ({ field: `spec.sources[${String(index)}]`, name })),
  ];
}

const NOTHING: PlacementNames = { clusters: [], policy: undefined };

function policyProblem(state: ObjectsState, object: StoredObject, { name, field }: NamedThere): Rejection | undefined {
  const { namespace = '' } = object.metadata;
  if (state.table.get('PlacementPolicy', namespace, name) !== undefined) return undefined;
  const names = [...state.table.ordered('PlacementPolicy')]
    .filter((record) => record.namespace === namespace)
    .map((record) => record.name);
  const rest = names.length === 0 ? 'there is none in this namespace yet' : `there are: ${names.join(', ')}`;
  const message = `there is no PlacementPolicy "${name}" in namespace "${namespace}"; ${rest}`;
  return { rejected: 'POLICY_NOT_FOUND', field, message };
}

const clustersOf = (set: unknown, path: string): NamedThere[] =>
  (['clusters', 'excludeClusters'] as const).flatMap((field) =>
    listAt(set, field).flatMap((name, index) =>
      typeof name === 'string' ? [{ name, field: `${path}.${field}[${String(index)}]` }] : [],
    ),
  );

const recordAt = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;

function listAt(value: unknown, field: string): unknown[] {
  const list = recordAt(value, field);
  return Array.isArray(list) ? list : [];
}
