import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ObjectStore, type KubeObject } from '@skyflow/kube-client';
import { keepNode, keepPod, type KeptPod } from '../cluster/kept-objects.js';
import { NodeUsage } from './node-usage.js';

interface PodFacts {
  name: string;
  node: string | undefined;
  cpu: number;
  phase: string;
  isOurs: boolean;
}

const pod = ({ name, node, cpu, phase, isOurs }: PodFacts, version: number): KubeObject => ({
  metadata: {
    name,
    namespace: 'default',
    uid: name,
    resourceVersion: String(version),
    ...(isOurs ? { labels: { 'skyflow.io/managed-by': 'skyflow' } } : {}),
  },
  spec: {
    ...(node === undefined ? {} : { nodeName: node }),
    containers: [{ name: 'c', resources: { requests: { cpu: `${cpu}m` } } }],
  },
  status: { phase },
});
const nodes = ['n1', 'n2'].map((name) => keepNode({ metadata: { name }, status: { allocatable: { cpu: '4' } } }));
const anyPod = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  node: fc.constantFrom(undefined, 'n1', 'n2'),
  cpu: fc.integer({ min: 1, max: 900 }),
  phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
  isOurs: fc.boolean(),
});

describe('what is taken of a node', () => {
  it('by SkyFlow and by others is the sum of the requests of their unfinished pods there, however pods came, changed and went', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyPod, fc.constantFrom('a', 'b', 'c'))), (steps) => {
        const usage = new NodeUsage();
        const store = new ObjectStore<KeptPod>();
        const facts = new Map<string, PodFacts>();
        for (const [version, step] of steps.entries()) {
          // A deletion comes with the last state of the pod, which may be another than the one that was counted.
          const last = typeof step === 'string' ? facts.get(step) : undefined;
          const gone = last === undefined ? undefined : keepPod(pod({ ...last, phase: 'Succeeded' }, version));
          const change =
            typeof step === 'string' ? store.delete(`default/${step}`, gone) : store.set(keepPod(pod(step, version)));
          if (typeof step === 'string') facts.delete(step);
          else facts.set(step.name, step);
          if (change !== undefined) usage.apply(change);
        }
        const expected = (name: string, ours: boolean): object => {
          const counted = [...facts.values()].filter(
            ({ node, phase, isOurs }) =>
              node === name && isOurs === ours && phase !== 'Succeeded' && phase !== 'Failed',
          );
          const cpu = counted.reduce((sum, each) => sum + each.cpu, 0);
          return counted.length === 0 ? {} : { cpu, pods: counted.length };
        };
        for (const { name, requestedByOthers } of usage.observe(nodes)) {
          expect(requestedByOthers).toEqual(expected(name, false));
          expect(usage.ownUsage().get(name) ?? {}).toEqual(expected(name, true));
        }
      }),
    );
  });

  it('does not stop at a quantity that nobody understands', () => {
    const odd = pod({ name: 'odd', node: 'n1', cpu: 1, phase: 'Running', isOurs: false }, 1);
    Object.assign(odd, { spec: { nodeName: 'n1', containers: [{ resources: { requests: { cpu: 'many' } } }] } });
    const usage = new NodeUsage();
    usage.apply({ type: 'added', key: 'default/odd', object: keepPod(odd) });
    expect(usage.observe(nodes)[0]?.requestedByOthers).toEqual({ pods: 1 });
  });
});
