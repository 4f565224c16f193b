/** Arbitrary histories for property tests: few names, so that entries meet; uids of old objects, stale epochs and nonsense included. */
import type { Entry, ObjectRef, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { positionOf } from '@skyflow/contracts';
import { evolveObjects } from './evolve-objects.js';
import { type EntryPlace, type ObjectsState, initialObjects } from './objects-state.js';

export interface PlacedEntry {
  entry: Entry;
  place: EntryPlace;
}

const names = fc.constantFrom('a', 'b');
const namespaces = fc.constantFrom('default', 'team');
const kinds = fc.constantFrom('Job', 'Deployment', 'ConfigMap', 'Namespace', 'Cluster');
const uids = fc.constantFrom('u1', 'u2');
const isScoped = (kind: string): boolean => kind !== 'Namespace' && kind !== 'Cluster';

/** A stored object of any kind; what `spec` does not say is made up. */
export function storedObject(
  kind: string,
  namespace: string,
  name: string,
  uid: string,
  more: { replicas?: number; restartPolicy?: 'Always' | 'Never'; generation?: number; finalizers?: string[] } = {},
): StoredObject {
  const { replicas = 1, restartPolicy = 'Always', generation = 1, finalizers } = more;
  const requests = { cpu: '500m', memory: '64Mi' };
  const template = { spec: { restartPolicy, containers: [{ name: 'main', image: 'x', resources: { requests } }] } };
  return {
    apiVersion: kind === 'ConfigMap' ? 'v1' : 'skyflow.io/v1',
    kind,
    metadata: {
      name,
      ...(isScoped(kind) ? { namespace } : {}),
      uid,
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation,
      labels: { app: name },
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    ...(kind === 'ConfigMap' ? { data: { key: String(replicas) } } : { spec: { replicas, template } }),
  };
}

const objects: fc.Arbitrary<StoredObject> = fc
  .tuple(
    kinds,
    namespaces,
    names,
    uids,
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.integer({ min: 1, max: 3 }),
    fc.boolean(),
  )
  .map(([kind, namespace, name, uid, replicas, ends, generation, kept]) =>
    storedObject(kind, namespace, kind === 'Namespace' ? namespace : name, uid, {
      replicas,
      restartPolicy: ends ? 'Never' : 'Always',
      generation,
      ...(kept ? { finalizers: ['test/keep'] } : {}),
    }),
  );

const refs: fc.Arbitrary<ObjectRef> = objects.map(({ kind, metadata }) => ({
  kind,
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  name: metadata.name,
  uid: metadata.uid,
}));

const epoch = fc.integer({ min: 0, max: 3 });
const count = fc.integer({ min: 0, max: 3 });
const generation = fc.integer({ min: 1, max: 3 });

type Data = {
  [T in Entry['type']]: { type: T; data: Extract<Entry, { type: T }>['data']; subject: string };
}[Entry['type']];
const on = <T extends Entry['type']>(
  type: T,
  subject: fc.Arbitrary<string>,
  data: fc.Arbitrary<Extract<Entry, { type: T }>['data']>,
): fc.Arbitrary<Data> => fc.record({ type: fc.constant(type), subject, data }) as unknown as fc.Arbitrary<Data>;

const command = fc.constant('sky.cmd.0');
const decision = fc.constant('sky.evt.scheduler');
const seen = names.map((name) => `sky.obs.${name}`);

const placements = fc.uniqueArray(fc.record({ cluster: names, replicas: count }), { selector: (each) => each.cluster });
const pods = fc.option(
  fc.array(
    fc.constantFrom('p', 'q').map((pod) => ({ name: pod, phase: 'Running', containers: [{ name: 'c', ready: true }] })),
    { maxLength: 2 },
  ),
  { nil: undefined },
);
const observed = fc.record({
  ref: refs,
  generation,
  epoch,
  phase: fc.constantFrom('PENDING' as const, 'RUNNING' as const, 'COMPLETED' as const, 'FAILED' as const),
  replicas: count,
  ready: count,
  running: count,
  pending: count,
  succeeded: count,
  failed: count,
  pods,
});

const data: fc.Arbitrary<Data> = fc.oneof(
  {
    weight: 6,
    arbitrary: on(
      'ObjectCreated',
      command,
      objects.map((object) => ({ object })),
    ),
  },
  {
    weight: 2,
    arbitrary: on(
      'ObjectUpdated',
      command,
      objects.map((object) => ({ object, expect: 0 })),
    ),
  },
  {
    weight: 2,
    arbitrary: on(
      'ObjectDeleted',
      command,
      fc.tuple(refs, fc.boolean()).map(([ref, force]) => (force ? { ref, force } : { ref })),
    ),
  },
  on(
    'EpochStarted',
    decision,
    fc.integer({ min: 1, max: 3 }).map((value) => ({ epoch: value, holder: 'x' })),
  ),
  {
    weight: 4,
    arbitrary: on(
      'PlacementDecided',
      decision,
      fc.tuple(epoch, refs, generation, placements, count).map(([e, ref, g, p, unplaced]) => ({
        epoch: e,
        ref,
        generation: g,
        placements: p,
        unplaced,
        basis: 0,
        code: 't',
        verdicts: [],
      })),
    ),
  },
  on('ObjectReleased', decision, fc.record({ epoch, ref: refs })),
  on(
    'ClusterHealthDecided',
    decision,
    fc.record({
      epoch,
      cluster: names,
      uid: uids,
      state: fc.constantFrom('READY' as const, 'LOST' as const, 'SUSPECT' as const),
      reason: fc.constant('r'),
      message: fc.constantFrom('m', 'n'),
    }),
  ),
  on('ClusterObserved', seen, fc.constant({ kubernetesVersion: 'v1', nodes: [], reachable: true })),
  on(
    'NodesObserved',
    seen,
    fc.constant({
      nodes: [{ name: 'n', ready: true, allocatable: { cpu: 1 }, requestedByOthers: {} }],
      removed: ['m'],
    }),
  ),
  { weight: 4, arbitrary: on('WorkObserved', seen, observed) },
  on('WorkRemoved', seen, fc.record({ ref: refs })),
);

/** Entries with positions and times; idempotency keys on some. */
export const histories: fc.Arbitrary<PlacedEntry[]> = fc
  .array(fc.tuple(data, fc.option(fc.constantFrom('k1', 'k2'))), { maxLength: 60 })
  .map((entries) =>
    entries.map(([{ type, data: body, subject }, idem], index) => ({
      entry: {
        type,
        v: 1,
        at: 1_000 + index,
        actor: 'user',
        corr: 'c',
        ...(idem === null ? {} : { idem }),
        data: body,
      } as unknown as Entry,
      place: { position: positionOf(index + 1, 0), subject },
    })),
  );

export const foldAll = (entries: readonly PlacedEntry[], from: ObjectsState = initialObjects()): ObjectsState =>
  entries.reduce((state, { entry, place }) => evolveObjects(state, entry, place), from);
