import { describe, expect, it } from '@jest/globals';
import { FIELD_MANAGER, LABEL_MANAGED_BY, MANAGED_BY } from '@skyflow/contracts';
import fc from 'fast-check';
import { FINALIZER_REPORT } from '../native/native-names.js';
import { SLICE_MANAGER } from '../mesh/native-service.js';
import { type FoundMetadata, type FoundObject, wordsOf } from './found-object.js';
import { isNothing, matters, namespacesInQuestion, planRemoval, STAGES } from './plan-removal.js';

const OURS = { [LABEL_MANAGED_BY]: MANAGED_BY };
const CLUSTER_SCOPED = new Set(['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'PriorityClass']);

const found = (kind: string, name: string, metadata: Partial<FoundMetadata> = {}): FoundObject => ({
  kind: { group: '', version: 'v1', plural: `${kind.toLowerCase()}s`, kind, namespaced: !CLUSTER_SCOPED.has(kind) },
  metadata: {
    name,
    uid: `uid-${kind}-${metadata.namespace ?? ''}-${name}`,
    ...(CLUSTER_SCOPED.has(kind) ? {} : { namespace: 'shop' }),
    ...metadata,
  },
});
const removed = (objects: FoundObject[], unseen: FoundObject['kind'][] = []): string[] =>
  planRemoval(objects, unseen).removals.map(({ object }) => wordsOf(object));

describe('the plan of an uninstall', () => {
  it('removes what has the label, agent first, namespaces and rights last', () => {
    const objects = [
      found('ClusterRole', 'skyflow-agent'),
      found('Namespace', 'shop', { labels: OURS }),
      found('ConfigMap', 'settings', { labels: OURS }),
      found('Deployment', 'web', { labels: OURS }),
      found('Deployment', 'skyflow-agent', { namespace: 'skyflow' }),
      found('ConfigMap', 'kube-root-ca.crt'),
      found('ServiceAccount', 'default'),
    ];
    expect(removed(objects)).toEqual([
      'Deployment skyflow/skyflow-agent',
      'Deployment shop/web',
      'ConfigMap shop/settings',
      'Namespace shop',
      'ClusterRole skyflow-agent',
    ]);
  });

  it('keeps a namespace that holds anything of others, takes its marks off and says what it holds', () => {
    const namespace = found('Namespace', 'shop', {
      labels: { ...OURS, team: 'a' },
      managedFields: [{ manager: FIELD_MANAGER }, { manager: 'kubectl' }],
    });
    const plan = planRemoval([namespace, found('Secret', 'theirs'), found('Job', 'ours', { labels: OURS })]);
    expect(plan.removals.map(({ object }) => wordsOf(object))).toEqual(['Job shop/ours']);
    expect(plan.releases).toEqual([
      {
        object: namespace,
        labels: [LABEL_MANAGED_BY],
        annotations: [],
        finalizers: [],
        managedFields: [{ manager: 'kubectl' }],
        reason: 'it holds Secret shop/theirs, which SkyFlow did not make',
      },
    ]);
  });

  it('keeps a namespace of which not everything could be seen', () => {
    const { kind } = found('Widget', 'any');
    const objects = [found('Namespace', 'shop', { labels: OURS })];
    expect(removed(objects, [{ ...kind, group: 'example.org' }])).toEqual([]);
    expect(planRemoval(objects, [{ ...kind, group: 'example.org' }]).kept[0]?.reason).toBe(
      'nobody can say whether it is empty: widgets.example.org could not be listed',
    );
    expect(removed(objects)).toEqual(['Namespace shop']);
  });

  it('lets go of what somebody took over', () => {
    const taken = found('Deployment', 'web', {
      annotations: { 'skyflow.io/decision': '1', note: 'mine' },
      finalizers: [FINALIZER_REPORT, 'example.org/hold'],
      managedFields: [{ manager: FIELD_MANAGER }],
    });
    expect(planRemoval([taken]).releases).toMatchObject([
      { labels: [], annotations: ['skyflow.io/decision'], finalizers: [FINALIZER_REPORT], managedFields: [] },
    ]);
    expect(removed([taken])).toEqual([]);
  });

  it('leaves slices that other controllers made to the Service that they copied their labels from', () => {
    const label = 'endpointslice.kubernetes.io/managed-by';
    const objects = [
      found('EndpointSlice', 'web-x', { labels: { ...OURS, [label]: 'endpointslice-controller.k8s.io' } }),
      found('EndpointSlice', 'web-y', {
        labels: { ...OURS, [label]: SLICE_MANAGER },
        ownerReferences: [{ uid: 'of the Service' }],
      }),
      found('Endpoints', 'web', { labels: OURS }),
    ];
    expect(removed(objects)).toEqual(['EndpointSlice shop/web-y']);
  });

  it("takes what a release of the agent's chart made, and Helm's own record of that release only", () => {
    const chart = {
      labels: { 'app.kubernetes.io/name': 'skyflow-agent' },
      annotations: { 'meta.helm.sh/release-name': 'east', 'meta.helm.sh/release-namespace': 'shop' },
    };
    const record = (release: string): FoundObject =>
      found('Secret', `sh.helm.release.v1.${release}.v1`, { labels: { owner: 'helm', name: release } });
    expect(
      removed([
        found('Deployment', 'east-skyflow-agent', chart),
        record('east'),
        record('other'),
        found('Namespace', 'shop'),
      ]),
    ).toEqual(['Deployment shop/east-skyflow-agent', 'Secret shop/sh.helm.release.v1.east.v1']);
  });

  it('removes the namespace of the manifest only where the manifest made it', () => {
    const applied = '{"apiVersion":"v1","kind":"Namespace","metadata":{"annotations":{},"name":"skyflow"}}\n';
    const namespace = (managers: string[]): FoundObject =>
      found('Namespace', 'skyflow', {
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': applied },
        managedFields: managers.map((manager) => ({ manager })),
      });
    expect(removed([namespace(['kubectl-client-side-apply'])])).toEqual(['Namespace skyflow']);
    expect(removed([namespace(['kubectl-create', 'kubectl-client-side-apply'])])).toEqual([]);
    expect(removed([found('Namespace', 'skyflow')])).toEqual([]);
  });

  const name = fc.constantFrom('a', 'b', 'skyflow', 'skyflow-agent');
  const namespace = fc.constantFrom('one', 'two', 'three');
  const object = fc
    .record({
      kind: fc.constantFrom(
        'Deployment',
        'Job',
        'Secret',
        'ConfigMap',
        'Service',
        'EndpointSlice',
        'PriorityClass',
        'ClusterRole',
      ),
      name,
      namespace,
      ours: fc.boolean(),
      owned: fc.boolean(),
      managers: fc.subarray([FIELD_MANAGER, 'kubectl']),
      finalizers: fc.subarray([FINALIZER_REPORT, 'example.org/hold']),
    })
    .map(({ kind, name, namespace, ours, owned, managers, finalizers }) =>
      found(kind, name, {
        ...(CLUSTER_SCOPED.has(kind) ? {} : { namespace }),
        labels: { ...(ours ? OURS : {}), app: 'x' },
        ...(owned ? { ownerReferences: [{ uid: 'some' }] } : {}),
        managedFields: managers.map((manager) => ({ manager })),
        finalizers,
      }),
    );
  const namespaces = fc
    .subarray(['one', 'two', 'three'])
    .chain((names) =>
      fc.tuple(
        ...names.map((each) => fc.boolean().map((ours) => found('Namespace', each, ours ? { labels: OURS } : {}))),
      ),
    );
  const world = fc
    .tuple(namespaces, fc.uniqueArray(object, { selector: ({ metadata }) => metadata.uid, maxLength: 20 }))
    .map(([spaces, objects]) => [...spaces, ...objects]);

  it('touches nothing without a mark of SkyFlow, and no namespace that anything foreign is in', () => {
    fc.assert(
      fc.property(world, (objects) => {
        const { removals, releases } = planRemoval(objects);
        const gone = new Set(removals.map(({ object: { metadata } }) => metadata.uid));
        for (const { kind, metadata } of removals.map((removal) => removal.object)) {
          const isAgent = metadata.name === 'skyflow-agent';
          expect(metadata.labels?.[LABEL_MANAGED_BY] === MANAGED_BY || isAgent).toBe(true);
          if (kind.kind !== 'Namespace') continue;
          const inside = objects.filter((each) => each.metadata.namespace === metadata.name);
          for (const each of inside) {
            const isPart = (each.metadata.ownerReferences ?? []).length > 0;
            expect(gone.has(each.metadata.uid) || isPart).toBe(true);
          }
        }
        for (const { object: each } of releases) expect(gone.has(each.metadata.uid)).toBe(false);
      }),
    );
  });

  it('goes by stages, and comes to an end: done as planned, nothing is left to do', () => {
    fc.assert(
      fc.property(world, (objects) => {
        const { removals, releases } = planRemoval(objects);
        const stages = removals.map(({ stage }) => STAGES.indexOf(stage));
        expect(stages).toEqual(stages.toSorted((a, b) => a - b));
        const gone = new Set(removals.map(({ object: each }) => each.metadata.uid));
        const left = objects
          .filter(({ metadata }) => !gone.has(metadata.uid))
          .map((each): FoundObject => {
            const release = releases.find(({ object: { metadata } }) => metadata.uid === each.metadata.uid);
            if (release === undefined) return each;
            const without = (
              keys: readonly string[],
              map: Readonly<Record<string, string>> = {},
            ): Record<string, string> => Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
            return {
              ...each,
              metadata: {
                ...each.metadata,
                labels: without(release.labels, each.metadata.labels),
                annotations: without(release.annotations, each.metadata.annotations),
                finalizers: (each.metadata.finalizers ?? []).filter((one) => !release.finalizers.includes(one)),
                managedFields: release.managedFields,
              },
            };
          });
        expect(isNothing(planRemoval(left))).toBe(true);
      }),
    );
  });

  it('is the same from what matters as from everything', () => {
    fc.assert(
      fc.property(world, (objects) => {
        const inQuestion = namespacesInQuestion(objects.filter(({ kind }) => kind.kind === 'Namespace'));
        const kept = objects.filter((each) => each.kind.kind === 'Namespace' || matters(each, inQuestion));
        expect(planRemoval(kept)).toEqual(planRemoval(objects));
      }),
    );
  });
});
