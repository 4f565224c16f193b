import { describe, expect, it } from '@jest/globals';
import type { Entry } from '@skyflow/contracts';
import fc from 'fast-check';
import { decideRound } from './decide-round.js';
import { evolveScheduling } from './evolve.js';
import { decideReleases } from './releases.js';
import { reconcileWork } from './reconcile-work.js';
import { encodeScheduling } from './snapshot.js';
import { initialScheduling } from './state.js';
import { runs } from './testing/long-runs.js';

/** Entries as the schemas allow them, in any order, about few names so that they meet; specs are anything at all. */
const name = fc.constantFrom('a', 'b');
const uid = fc.constantFrom('u1', 'u2', 'u3');
const small = fc.nat(4);
const epoch = fc.integer({ min: 1, max: 3 });
const kind = fc.constantFrom('Job', 'Deployment', 'Cluster', 'Namespace', 'ConfigMap', 'Secret', 'Service');
const ref = fc.record({ kind, name, uid, namespace: fc.option(name, { nil: undefined }) });
/** What a pod spec may hold where something else is expected. */
const junk = fc.constantFrom<unknown>(null, 'x', 7, [], [null], ['x'], {}, [{}], [['x']], { x: null }, { name: 7 });
const or = (arbitrary: fc.Arbitrary<unknown>) => fc.oneof(arbitrary, junk);
const container = or(
  fc.record(
    {
      resources: or(fc.record({ requests: junk, limits: junk })),
      env: or(fc.tuple(fc.record({ valueFrom: junk }))),
      envFrom: junk,
    },
    { requiredKeys: [] },
  ),
);
const brokenPodSpec = fc.record(
  {
    containers: or(fc.array(container, { maxLength: 2 })),
    initContainers: or(fc.array(container, { maxLength: 2 })),
    tolerations: junk,
    nodeSelector: junk,
    affinity: or(
      fc.record({
        nodeAffinity: or(
          fc.record({
            requiredDuringSchedulingIgnoredDuringExecution: or(
              fc.record({ nodeSelectorTerms: or(fc.tuple(fc.record({ matchExpressions: junk, matchFields: junk }))) }),
            ),
          }),
        ),
      }),
    ),
    volumes: or(fc.tuple(fc.record({ configMap: junk, secret: junk, projected: or(fc.record({ sources: junk })) }))),
    imagePullSecrets: junk,
    overhead: junk,
    resources: junk,
  },
  { requiredKeys: [] },
);
const brokenSpec = fc.record(
  {
    replicas: junk,
    completions: junk,
    template: or(fc.record({ spec: or(brokenPodSpec) })),
    placement: or(
      fc.record({ clusters: junk, clusterSelector: or(fc.record({ matchLabels: junk })) }, { requiredKeys: [] }),
    ),
  },
  { requiredKeys: [] },
);
const spec = fc.oneof(
  brokenSpec,
  fc.anything(),
  fc.record({
    replicas: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.anything()),
    completions: fc.option(small, { nil: undefined }),
    completionMode: fc.constantFrom('Indexed', 'NonIndexed'),
    placement: fc.record({ clusters: fc.array(name) }, { requiredKeys: [] }),
    template: fc.record({
      spec: fc.record({
        containers: fc.array(
          fc.record({
            name,
            resources: fc.record({
              requests: fc.dictionary(fc.constantFrom('cpu', 'x'), fc.constantFrom('1', '200m', 'lots')),
            }),
          }),
        ),
        restartPolicy: fc.constantFrom('Always', 'Never'),
        volumes: fc.constant([{ configMap: { name: 'a' } }]),
      }),
    }),
  }),
);
const object = fc.record({
  apiVersion: fc.constant('skyflow.io/v1'),
  kind,
  metadata: fc.record({
    name,
    namespace: fc.option(name, { nil: undefined }),
    uid,
    creationTimestamp: fc.constant('t'),
    generation: fc.option(epoch, { nil: undefined }),
  }),
  spec,
});
const nodes = fc.array(
  fc.record({
    name,
    ready: fc.boolean(),
    allocatable: fc.dictionary(fc.constantFrom('cpu', 'pods', 'x'), fc.nat(4000)),
    requestedByOthers: fc.dictionary(fc.constantFrom('cpu', 'y'), fc.nat(4000)),
  }),
  { maxLength: 3 },
);
const placements = fc.array(fc.record({ cluster: name, replicas: small }), { maxLength: 2 });
const typed = (type: string, data: fc.Arbitrary<unknown>) => data.map((each) => ({ type, data: each }));
const anyEntry = fc.oneof(
  typed('ObjectCreated', fc.record({ object })),
  typed('ObjectUpdated', fc.record({ object, expect: small })),
  typed('ObjectDeleted', fc.record({ ref, force: fc.boolean() })),
  typed('EpochStarted', fc.record({ epoch, holder: name })),
  typed(
    'PlacementDecided',
    fc.record({
      epoch,
      ref,
      generation: epoch,
      placements,
      unplaced: small,
      reason: fc.option(name, { nil: undefined }),
      basis: fc.nat(2_000_000),
      code: name,
      verdicts: fc.constant([]),
    }),
  ),
  typed('ObjectReleased', fc.record({ epoch, ref })),
  typed(
    'ClusterHealthDecided',
    fc.record({ epoch, cluster: name, uid, state: fc.constantFrom('READY', 'LOST'), reason: name, message: name }),
  ),
  typed('WorkAssigned', fc.record({ epoch, decision: fc.nat(2_000_000), generation: epoch, replicas: small, object })),
  typed('WorkWithdrawn', fc.record({ epoch, decision: small, ref })),
  typed('NamespaceWithdrawn', fc.record({ epoch, namespace: name })),
  typed('ClusterObserved', fc.record({ kubernetesVersion: name, nodes, reachable: fc.boolean() })),
  typed('NodesObserved', fc.record({ nodes, removed: fc.array(name, { maxLength: 2 }) })),
  typed(
    'WorkObserved',
    fc.record({ ref, generation: epoch, epoch, phase: fc.constantFrom('RUNNING', 'COMPLETED', 'FAILED') }),
  ),
  typed('WorkRemoved', fc.record({ ref })),
);
const anyLog = fc.array(
  fc.record({ entry: anyEntry, on: fc.constantFrom('sky.work.a', 'sky.work.b', 'sky.obs.a', 'sky.obs.b') }),
  { maxLength: 60 },
);

describe('any log at all', () => {
  it('is folded, decided on and snapshotted without an error', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const state = initialScheduling();
        log.forEach(({ entry, on }, index) => {
          const whole = { v: 1, at: 0, actor: 'test', corr: 'c', ...entry } as unknown as Entry;
          const position = (index + 1) * 10_000;
          evolveScheduling(state, whole, { position, subject: on, commitId: `c-${index}`, index: 0 });
          const decided = decideRound(state, { epoch: 3, decisions: 10, verdicts: 8 });
          for (const { data } of decided) {
            for (const { replicas } of data.placements) expect(replicas).toBeGreaterThan(0);
            expect(data.unplaced).toBeGreaterThanOrEqual(0);
          }
          reconcileWork(state, { epoch: 3, workloads: 10 });
          decideReleases(state, 3, 10);
        });
        expect([...encodeScheduling(state)].length).toBeGreaterThan(0);
      }),
      runs(400),
    );
  });
});
