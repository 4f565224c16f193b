import { describe, expect, it } from '@jest/globals';
import {
  applyDefaults,
  applyServerSide,
  prune,
  recordUpdate,
  SchemaSet,
  type StatusError,
} from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { nativeSchemas } from './native-schemas.js';
import {
  deployment,
  indexedJob,
  others,
  schemaOf,
  service,
  valueAt,
  withValueAt,
  type Manifest,
} from './testing/index.js';

const set = new SchemaSet(nativeSchemas());

const apply = (live: KubeObject | undefined, manifest: Manifest, manager: string, force = false): KubeObject => {
  const { object } = applyServerSide({
    ...(live === undefined ? {} : { live }),
    applied: manifest,
    manager,
    force,
    apiVersion: manifest.apiVersion,
    schema: schemaOf(manifest),
    set,
    nowMs: 0,
    ignoredFields: ['status'],
  });
  prune(object, schemaOf(manifest), set);
  applyDefaults(object, schemaOf(manifest), set);
  return object;
};

const update = (
  old: KubeObject,
  edit: (object: Manifest) => unknown,
  manager: string,
  subresource?: string,
): KubeObject => {
  const updated = structuredClone(old);
  edit(updated);
  updated.metadata.managedFields = recordUpdate({
    old,
    updated,
    manager,
    apiVersion: old.apiVersion,
    ...(subresource === undefined ? {} : { subresource }),
    schema: schemaOf(old),
    set,
    nowMs: 0,
  });
  return updated;
};

const conflictsOf = (attempt: () => unknown): string[] => {
  try {
    attempt();
  } catch (error) {
    return (error as StatusError).details?.causes?.map(({ message, field }) => `${message}: ${field ?? ''}`) ?? [];
  }
  return [];
};

describe('server-side apply of a Deployment', () => {
  const live = apply(undefined, deployment(), 'skyflow-agent');

  it('owns items by their keys, defaults of keys included', () => {
    const containers = valueAt(live.metadata.managedFields?.[0]?.fieldsV1, 'f:spec');
    const text = JSON.stringify(containers);
    expect(text).toContain(String.raw`"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}"`);
    expect(text).toContain(String.raw`"k:{\"containerPort\":53,\"protocol\":\"UDP\"}"`);
    expect(text).toContain(String.raw`"k:{\"mountPath\":\"/cache\"}"`);
    expect(text).toContain('"f:tolerations":{}');
    expect(text).toContain('"f:nodeSelector":{}');
    expect(text).toContain('"f:selector":{}');
    expect(text).not.toContain('terminationMessagePath');
  });

  it('again, after defaults were filled in, changes nothing', () => {
    expect(apply(live, deployment(), 'skyflow-agent')).toEqual(live);
  });

  it('by another manager with the same manifest conflicts in nothing, defaults inside atomic values included', () => {
    const both = apply(live, deployment(), 'other');
    expect(both.spec).toEqual(live.spec);
    expect(both.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['other', 'skyflow-agent']);
  });

  it('removes an env variable and a container that are gone from the manifest, and keeps defaults', () => {
    const smaller = withValueAt(deployment(), 'spec.template.spec.containers[0].env', [
      { name: 'PORT', value: '8080' },
    ]);
    (valueAt(smaller, 'spec.template.spec.containers') as unknown[]).pop();
    const result = apply(live, smaller, 'skyflow-agent');
    expect(valueAt(result, 'spec.template.spec.containers[0].env')).toEqual([{ name: 'PORT', value: '8080' }]);
    expect(valueAt(result, 'spec.template.spec.containers[1]')).toBeUndefined();
    expect(valueAt(result, 'spec.template.spec.dnsPolicy')).toBe('ClusterFirst');
  });

  it('conflicts with an autoscaler over replicas, and not once the manifest leaves them out', () => {
    const scaled = update(live, (object) => withValueAt(object, 'spec.replicas', 9), 'hpa', 'scale');
    expect(conflictsOf(() => apply(scaled, deployment(), 'skyflow-agent'))).toEqual([
      'conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
    ]);
    const result = apply(scaled, withValueAt(deployment(), 'spec.replicas', undefined), 'skyflow-agent');
    expect(valueAt(result, 'spec.replicas')).toBe(9);
  });

  it('says which image of which container someone else has set', () => {
    const edited = update(
      live,
      (object) => withValueAt(object, 'spec.template.spec.containers[1].image', 'mine'),
      'kubectl-edit',
    );
    expect(conflictsOf(() => apply(edited, deployment(), 'skyflow-agent'))).toEqual([
      'conflict with "kubectl-edit" using apps/v1: .spec.template.spec.containers[name="proxy"].image',
    ]);
    const forced = apply(edited, deployment(), 'skyflow-agent', true);
    expect(valueAt(forced, 'spec.template.spec.containers[1].image')).toBe('envoyproxy/envoy');
  });

  it('leaves the labels and annotations of others alone', () => {
    const labelled = update(live, (object) => withValueAt(object, 'metadata.labels.mine', 'x'), 'kubectl-label');
    const result = apply(labelled, withValueAt(deployment(), 'metadata.labels.tier', undefined), 'skyflow-agent');
    expect(result.metadata.labels).toEqual({ app: 'shop', mine: 'x' });
  });

  it('does not take what the status says', () => {
    const observed = update(
      live,
      (object) => {
        object.status = { readyReplicas: 3 };
      },
      'controller',
      'status',
    );
    const result = apply(observed, deployment(), 'skyflow-agent');
    expect(result.status).toEqual({ readyReplicas: 3 });
  });
});

describe('server-side apply of other kinds', () => {
  it.each([service(), ...others()].map((manifest) => [manifest.kind, manifest] as const))(
    'of a %s again changes nothing',
    (_, manifest) => {
      const live = apply(undefined, structuredClone(manifest), 'm');
      expect(apply(structuredClone(live), structuredClone(manifest), 'm')).toEqual(live);
    },
  );

  it.each(
    [indexedJob(), service(), ...others()]
      .filter(({ kind }) => kind !== 'Secret')
      .map((manifest) => [manifest.kind, manifest] as const),
  )('of a %s by another manager conflicts in nothing', (_, manifest) => {
    const live = apply(undefined, structuredClone(manifest), 'one');
    expect(apply(live, structuredClone(manifest), 'two')).toMatchObject({
      ...live,
      metadata: { name: manifest.metadata.name },
    });
  });

  it('of a ConfigMap by two managers keeps the keys of both', () => {
    const config = (data: Record<string, string>): Manifest => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data,
    });
    const both = apply(apply(undefined, config({ one: '1' }), 'one'), config({ two: '2' }), 'two');
    expect(both.data).toEqual({ one: '1', two: '2' });
    expect(apply(both, config({}), 'one').data).toEqual({ two: '2' });
  });
});
