import { describe, expect, it } from '@jest/globals';
import { FEATURE_LEVEL, featureAskedBy, featureNames, featureOfEntry, features } from '@skyflow/contracts';
import fc from 'fast-check';
import { type Announced, type LevelView, featureRefusal, featuresOff, judgeLevel, liveOf } from './feature-level.js';

const OURS = 5;
const names = ['api-gateway', 'scheduler', 'agent of east', 'agent of west'];
const announced: fc.Arbitrary<Announced> = fc.record({
  who: fc.constantFrom(...names),
  instance: fc.stringMatching(/^[a-z]{3}$/),
  level: fc.integer({ min: 1, max: OURS + 1 }),
  lastHeardMs: fc.integer({ min: 0, max: 1_000 }),
});
const view: fc.Arbitrary<LevelView> = fc.record({
  inForce: fc.integer({ min: 1, max: OURS + 1 }),
  ours: fc.constant(OURS),
  nowMs: fc.constant(1_000),
  listeningSinceMs: fc.integer({ min: 0, max: 1_000 }),
  settleMs: fc.integer({ min: 0, max: 900 }),
  heard: fc.uniqueArray(announced, { selector: ({ instance }) => instance, maxLength: 6 }),
  expected: fc.uniqueArray(fc.constantFrom('agent of east', 'agent of west')),
});

describe('the feature level', () => {
  it('rises, never falls, to what every live program reads and no higher, and only when all are known for long enough', () => {
    fc.assert(
      fc.property(view, (seen) => {
        const { raiseTo } = judgeLevel(seen);
        if (raiseTo === undefined) return;
        const live = liveOf(seen);
        expect(raiseTo).toBeGreaterThan(seen.inForce);
        expect(raiseTo).toBeLessThanOrEqual(seen.ours);
        for (const { level } of live) expect(raiseTo).toBeLessThanOrEqual(level);
        for (const who of seen.expected) expect(live.map((each) => each.who)).toContain(who);
        expect(seen.nowMs - seen.listeningSinceMs).toBeGreaterThanOrEqual(seen.settleMs);
      }),
    );
  });

  it('rises as far as it can: who is named as holding it back is all that does', () => {
    fc.assert(
      fc.property(view, (seen) => {
        const { heldBackBy } = judgeLevel(seen);
        fc.pre(seen.inForce < seen.ours);
        const held = new Set(heldBackBy.map(({ instance, who }) => instance ?? who));
        const without = {
          ...seen,
          listeningSinceMs: seen.nowMs - seen.settleMs,
          heard: seen.heard.filter(({ instance }) => !held.has(instance)),
          expected: [],
        };
        expect(judgeLevel(without)).toEqual({ raiseTo: seen.ours, heldBackBy: [] });
        const { raiseTo } = judgeLevel(seen);
        if (heldBackBy.length > 0) expect(raiseTo ?? 0).toBeLessThan(seen.ours);
      }),
    );
  });

  it('is the same whatever the order in which programs were heard; one more never makes it higher', () => {
    fc.assert(
      fc.property(view, announced, (seen, more) => {
        expect(judgeLevel({ ...seen, heard: seen.heard.toReversed() })).toEqual(judgeLevel(seen));
        const before = judgeLevel({ ...seen, expected: [] }).raiseTo ?? seen.inForce;
        const after = judgeLevel({ ...seen, expected: [], heard: [...seen.heard, { ...more, instance: '' }] });
        expect(after.raiseTo ?? seen.inForce).toBeLessThanOrEqual(before);
      }),
    );
  });

  it('holds for a whole upgrade, however programs are replaced: nobody lives below what is in force, and it ends at the new level', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), fc.nat(20), (order, settleMs) => {
        let inForce = 1;
        const levels = new Map(names.map((name) => [name, 1]));
        const heard = new Map<string, Announced>();
        for (let nowMs = 0; nowMs < 80; nowMs++) {
          const replaced = nowMs % 10 === 9 ? order[Math.floor(nowMs / 10)] : undefined;
          if (replaced !== undefined) levels.set(replaced, 2);
          for (const [who, level] of levels) {
            heard.set(`${who} ${level}`, { who, instance: `${who} ${level}`, level, lastHeardMs: nowMs });
          }
          const { raiseTo } = judgeLevel({
            ...{ inForce, ours: 2, nowMs, listeningSinceMs: 0, settleMs: settleMs + 1 },
            ...{ heard: [...heard.values()], expected: ['agent of east'] },
          });
          inForce = raiseTo ?? inForce;
          if (Math.min(...levels.values()) < inForce) throw new Error(`level ${inForce} at ${nowMs}`);
        }
        expect(inForce).toBe(2);
      }),
    );
  });
});

describe('features', () => {
  it('need a level that this program reads, and each is on from its own level on', () => {
    for (const name of featureNames) {
      const { level } = features[name];
      expect(level).toBeLessThanOrEqual(FEATURE_LEVEL);
      expect(featuresOff(level - 1)).toContain(name);
      expect(featuresOff(level)).not.toContain(name);
    }
    expect(featuresOff(FEATURE_LEVEL)).toEqual([]);
  });

  it('are found in what is written and in what is asked for, and in nothing that v0.1 had', () => {
    const step = (fields: object): object => ({ epoch: 1, step: fields });
    expect(featureOfEntry('ExportAssigned', {})).toBe('MultiClusterServices');
    expect(featureOfEntry('ProvisioningAdvanced', step({ type: 'Stopped', reason: 'idle' }))).toBe('ClusterLifecycle');
    expect(featureOfEntry('ProvisioningAdvanced', step({ type: 'RunStarted', command: 'snapshot' }))).toBeDefined();
    expect(
      featureOfEntry('ProvisioningAdvanced', step({ type: 'Planned', driver: 'k3s', machines: [{ driver: 'gcp' }] })),
    ).toBeDefined();
    expect(
      featureOfEntry('ProvisioningAdvanced', step({ type: 'Planned', driver: 'rke2', machines: [{ driver: 'aws' }] })),
    ).toBeUndefined();
    expect(featureOfEntry('WorkAssigned', {})).toBeUndefined();
    expect(featureAskedBy('ServiceExport', undefined)).toBe('MultiClusterServices');
    expect(featureAskedBy('Cluster', { provision: { cloud: { provider: 'azure' } } })).toBe('ClusterLifecycle');
    expect(featureAskedBy('Cluster', { provision: { cloud: { provider: 'aws' } } })).toBeUndefined();
    expect(featureAskedBy('Cluster', {})).toBeUndefined();
    expect(featureAskedBy('Job', { replicas: 1 })).toBeUndefined();
  });

  it('that are off are refused with their name, who holds them back, and what to do', () => {
    const holders = [
      { who: 'scheduler', version: '0.1.0', level: 1, why: 'reads level 1: replace it' },
      { who: 'agent of east', why: 'is not heard' },
    ];
    expect(featureRefusal('MultiClusterServices', 1, holders)).toBe(
      'feature MultiClusterServices (ServiceExports and their ServiceImports) is off until all of SkyFlow reads level 2; in force is 1: scheduler (version 0.1.0) reads level 1: replace it, and 1 more. skyctl version shows who reads what',
    );
  });
});
