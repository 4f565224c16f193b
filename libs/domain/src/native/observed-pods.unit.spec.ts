import { describe, expect, it } from '@jest/globals';
import { PODS_TOLD } from '@skyflow/contracts';
import fc from 'fast-check';
import type { NativePod } from './native-object.js';
import { pod, runningPod } from './native-samples.testing.js';
import { observedPods, samePods } from './observed-pods.js';

const pods: fc.Arbitrary<NativePod[]> = fc.uniqueArray(
  fc
    .tuple(fc.stringMatching(/^[a-z]{1,4}$/), fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'))
    .map(([name, phase]) => pod(name, { phase })),
  { selector: ({ metadata }) => metadata.name, maxLength: 3 * PODS_TOLD },
);

describe('the pods that a report names', () => {
  it('are the first by name, whatever the order, and the rest is counted', () => {
    fc.assert(
      fc.property(pods, (all) => {
        const told = observedPods(all);
        expect(observedPods(all.toReversed())).toEqual(told);
        expect(told.pods.length + (told.morePods ?? 0)).toBe(all.length);
        expect(told.pods.length).toBe(Math.min(PODS_TOLD, all.length));
        const names = all.map(({ metadata }) => metadata.name).sort();
        expect(told.pods.map(({ name }) => name)).toEqual(names.slice(0, PODS_TOLD));
        expect(samePods(told, observedPods(all))).toBe(true);
      }),
    );
  });

  it('have their node, their age, their containers and why they do not run', () => {
    const waiting: NativePod = {
      metadata: { name: 'a', creationTimestamp: '2026-11-28T16:00:00Z' },
      spec: { nodeName: 'n1', containers: [{ name: 'main' }, { name: 'side' }] },
      status: {
        phase: 'Running',
        containerStatuses: [
          { name: 'main', ready: false, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } } },
          { name: 'side', ready: true, state: { running: {} } },
        ],
      },
    };
    expect(observedPods([waiting]).pods).toEqual([
      {
        name: 'a',
        node: 'n1',
        phase: 'Running',
        reason: 'CrashLoopBackOff',
        created: '2026-11-28T16:00:00Z',
        containers: [
          { name: 'main', ready: false },
          { name: 'side', ready: true },
        ],
      },
    ]);
  });

  it('are others when one is, and no others where a report did not name them', () => {
    const told = observedPods([runningPod('a'), runningPod('b')]);
    expect(samePods(told, observedPods([runningPod('a'), runningPod('c')]))).toBe(false);
    expect(samePods(told, observedPods([runningPod('a'), pod('b', { phase: 'Failed' })]))).toBe(false);
    expect(samePods(told, observedPods([runningPod('a')]))).toBe(false);
    expect(samePods({}, told)).toBe(true);
  });
});
