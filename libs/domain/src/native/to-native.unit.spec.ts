import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JobSpec, PodTemplate, StoredObject } from '@skyflow/contracts';
import { canonicalJson, fingerprint } from './fingerprint.js';
import { batchJob, foreverJob, jobSpec, share, storedObject } from './native-samples.testing.js';
import { covers, planChange } from './plan-change.js';
import { nativeWorkload, toNative } from './to-native.js';

const key = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text !== '__proto__');
const labels = fc.dictionary(key, fc.string({ maxLength: 8 }), { maxKeys: 3 });
const anyTemplate = (restartPolicy: fc.Arbitrary<PodTemplate['spec']['restartPolicy']>): fc.Arbitrary<PodTemplate> =>
  fc
    .record({
      policy: restartPolicy,
      labels,
      fields: fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
      container: fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
    })
    .map(({ policy, labels: podLabels, fields, container }) => ({
      metadata: { labels: podLabels, annotations: { note: 'kept' } },
      spec: {
        ...fields,
        ...(policy === undefined ? {} : { restartPolicy: policy }),
        containers: [{ ...container, name: 'main' }],
      },
    }));
const anyWorkload: fc.Arbitrary<StoredObject> = fc
  .record({
    kind: fc.constantFrom('Job', 'Deployment'),
    template: anyTemplate(fc.constantFrom(undefined, 'Always' as const, 'OnFailure' as const, 'Never' as const)),
    labels,
    annotations: labels,
  })
  .map(({ kind, template, ...metadata }) => {
    const selector = kind === 'Deployment' ? { selector: { matchLabels: { app: 'x' } } } : {};
    const object = storedObject(kind, { replicas: 4, template, ...selector });
    return { ...object, metadata: { ...object.metadata, ...metadata } };
  });
const templateOf = (object: object) => (object as { spec: { template: PodTemplate } }).spec.template;

describe('a share as native objects', () => {
  it('loses nothing of the pod template, the labels and the annotations, and is always the same', () => {
    fc.assert(
      fc.property(anyWorkload, fc.nat({ max: 9 }), (object, replicas) => {
        const native = nativeWorkload(share(object, { replicas }));
        expect(templateOf(native).spec).toEqual(templateOf(object).spec);
        expect(covers(templateOf(object), templateOf(native))).toBe(true);
        expect(native.metadata.labels).toMatchObject(object.metadata.labels ?? {});
        expect(native.metadata.annotations).toMatchObject(object.metadata.annotations ?? {});
        expect(nativeWorkload(share(object, { replicas }))).toEqual(native);
        expect(planChange(native, native)).toEqual({ action: 'none' });
      }),
    );
  });

  it('leaves the pod template alone when only replicas, decision or epoch change, so that no pod restarts', () => {
    const before = nativeWorkload(share(foreverJob()));
    const after = nativeWorkload(share(foreverJob(), { replicas: 7, decision: 90_000, epoch: 2 }));
    expect(templateOf(after)).toEqual(templateOf(before));
    expect(planChange(after, before)).toEqual({ action: 'apply' });
  });

  it('is a Deployment for a Job that restarts for ever, found by the uid of the workload', () => {
    const native = nativeWorkload(share(foreverJob()));
    expect(native).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'web',
        namespace: 'team',
        labels: {
          'skyflow.io/managed-by': 'skyflow',
          'skyflow.io/workload-uid': 'uid-web',
          'skyflow.io/workload-name': 'web',
          'skyflow.io/workload-kind': 'Job',
        },
        annotations: { 'skyflow.io/decision': '70000', 'skyflow.io/generation': '1', 'skyflow.io/epoch': '1' },
      },
      spec: { replicas: 2, selector: { matchLabels: { 'skyflow.io/workload-uid': 'uid-web' } } },
    });
    expect(templateOf(native).metadata?.labels).toMatchObject({ 'skyflow.io/workload-uid': 'uid-web' });
  });

  it('rests a suspended Job that restarts for ever', () => {
    expect(nativeWorkload(share(storedObject('Job', jobSpec('Always', { suspend: true })))).spec).toMatchObject({
      replicas: 0,
    });
  });

  it('is a batch Job with its part of the completions and every other field', () => {
    const fields = { backoffLimit: 3, ttlSecondsAfterFinished: 60, podFailurePolicy: { rules: [] }, suspend: false };
    const native = nativeWorkload(share(batchJob({ ...fields, completions: 10 }), { replicas: 2, completions: 5 }));
    expect(native).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job' });
    expect(native.spec).toMatchObject({ ...fields, parallelism: 2, completions: 5 });
    expect(Object.keys(native.spec as JobSpec)).not.toEqual(expect.arrayContaining(['replicas', 'placement']));
    expect(nativeWorkload(share(batchJob(), { replicas: 3 })).spec).toMatchObject({ parallelism: 3, completions: 3 });
  });

  it('is a Deployment with all its fields, its selector as given', () => {
    const spec = {
      replicas: 6,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'Recreate' },
      minReadySeconds: 5,
      placement: { clusters: ['a'] },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main' }] } },
    };
    const native = nativeWorkload(share(storedObject('Deployment', spec)));
    const { placement: _, ...kept } = spec;
    expect(covers({ ...kept, replicas: 2 }, native['spec'])).toBe(true);
    expect(native['spec']).not.toHaveProperty('placement');
    expect((native['spec'] as typeof spec).selector).toEqual(spec.selector);
  });

  it('brings dependencies first, with our marks and without SkyFlow’s own group', () => {
    const config = { ...storedObject('ConfigMap', undefined, 'settings'), data: { a: '1' } };
    const [dependency, workload] = toNative(share(foreverJob(), { dependencies: [config] }));
    expect(dependency).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      data: { a: '1' },
      metadata: { name: 'settings', namespace: 'team', labels: { 'skyflow.io/managed-by': 'skyflow' } },
    });
    expect(workload?.kind).toBe('Deployment');
  });
});

describe('the plan for a change', () => {
  const desired = nativeWorkload(share(batchJob()));

  it('creates what is missing and replaces what cannot be changed', () => {
    expect(planChange(desired, undefined)).toEqual({ action: 'create' });
    const changed = storedObject(
      'Job',
      jobSpec('Never', { template: { spec: { restartPolicy: 'Never', containers: [] } } }),
    );
    expect(planChange(nativeWorkload(share(changed, { decision: 90_000 })), desired)).toEqual({ action: 'replace' });
    expect(planChange(nativeWorkload(share(batchJob({ backoffLimit: 1 }))), desired)).toEqual({ action: 'apply' });
  });

  it('never touches what SkyFlow did not make, nor what it made for another workload', () => {
    const foreign = { ...desired, metadata: { name: 'web', labels: { app: 'theirs' } } };
    expect(planChange(desired, foreign)).toMatchObject({
      action: 'conflict',
      by: 'foreign',
      message: expect.stringMatching('did not make'),
    });
    const other = storedObject('Job', jobSpec('Never'));
    other.metadata.uid = 'uid-of-before';
    expect(planChange(desired, nativeWorkload(share(other)))).toMatchObject({
      action: 'conflict',
      by: 'workload',
      message: expect.stringMatching('belongs to SkyFlow'),
    });
  });

  it('waits for what is going, and leaves what a later decision or a newer scheduler made', () => {
    const going = { ...desired, metadata: { ...desired.metadata, deletionTimestamp: '2026-11-24T09:00:00Z' } };
    expect(planChange(desired, going)).toEqual({ action: 'wait' });
    for (const later of [{ epoch: 2, decision: 10 }, { decision: 70_001 }]) {
      expect(planChange(desired, nativeWorkload(share(batchJob(), later)))).toMatchObject({ action: 'stale' });
    }
    expect(planChange(desired, nativeWorkload(share(batchJob(), { epoch: 0, decision: 90_000 })))).toEqual({
      action: 'apply',
    });
  });

  it('puts our labels back when someone took them off, short of the one that says whose it is', () => {
    const { 'skyflow.io/workload-name': _, ...labels } = desired.metadata.labels ?? {};
    expect(planChange(desired, { ...desired, metadata: { ...desired.metadata, labels } })).toEqual({ action: 'apply' });
  });
});

describe('a fingerprint', () => {
  it('does not depend on the order of keys, and changes with the value', () => {
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), fc.jsonValue(), (value, other) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(fingerprint(reversed)).toBe(fingerprint(value));
        expect(fingerprint(value)).toMatch(/^[0-9a-f]{16}$/);
        expect(fingerprint({ value, other: [other] }) === fingerprint({ value, other: [value] })).toBe(
          canonicalJson(other) === canonicalJson(value),
        );
      }),
    );
  });
});

describe('a priority class', () => {
  const urgent: StoredObject = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'urgent', uid: 'uid-urgent', creationTimestamp: '2026-01-01T00:00:00Z' },
    ...{ value: 100, globalDefault: true, preemptionPolicy: 'Never' },
  };
  const named = (priorityClassName: string) =>
    storedObject('Job', { template: { spec: { priorityClassName, containers: [{ name: 'main', image: 'x' }] } } });

  it('is named by pods where it came with the share or is Kubernetes’ own, and by no others', () => {
    const nameIn = (object: StoredObject, dependencies: StoredObject[]) =>
      templateOf(nativeWorkload({ ...share(object), dependencies })).spec.priorityClassName;
    expect(nameIn(named('urgent'), [urgent])).toBe('urgent');
    expect(nameIn(named('urgent'), [])).toBeUndefined();
    expect(nameIn(named('system-node-critical'), [])).toBe('system-node-critical');
  });

  it('is the same native object for every share, and never the default of the cluster', () => {
    const [native] = toNative({ ...share(named('urgent')), dependencies: [urgent] });
    expect(native).toMatchObject({ kind: 'PriorityClass', value: 100, preemptionPolicy: 'Never' });
    expect(native).not.toHaveProperty('globalDefault');
    expect(native?.metadata).not.toHaveProperty('namespace');
    const [later] = toNative({ ...share(named('urgent'), { decision: 90_000, epoch: 7 }), dependencies: [urgent] });
    expect(later).toEqual(native);
  });

  it('of another value is made anew', () => {
    const nativeOf = (value: number) =>
      toNative({ ...share(named('urgent')), dependencies: [{ ...urgent, value }] })[0]!;
    expect(planChange(nativeOf(7), nativeOf(100))).toEqual({ action: 'replace' });
    expect(planChange(nativeOf(100), nativeOf(100))).toEqual({ action: 'none' });
  });
});
