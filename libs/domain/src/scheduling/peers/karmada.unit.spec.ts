/**
 * After Karmada's test tables (`pkg/scheduler/core`: division_algorithm, assignment, spreadconstraint/select_clusters, …_by_region): worked out
 * again by hand with our words and our clusters. Where SkyFlow decides otherwise on purpose, the case says so.
 */
import { describe, expect, it } from '@jest/globals';
import type { WorkloadPlacement } from '@skyflow/contracts';
import { node } from '../testing/history.js';
import { apply, fleet, placed, resize } from './peer-fleet.js';

describe('Karmada: division', () => {
  const weighted = (weights: Record<string, number>): WorkloadPlacement => ({
    division: {
      type: 'StaticWeights',
      weights: Object.entries(weights).map(([name, weight]) => ({ clusters: [name], weight })),
    },
  });
  const wide = { m1: 100, m2: 100, m3: 100 };

  it.each([
    ['weights that divide the replicas give each its part', { m1: 3, m2: 2, m3: 1 }, 18, { m1: 9, m2: 6, m3: 3 }],
    ['equal weights give equal parts', { m1: 1, m2: 1, m3: 1 }, 12, { m1: 4, m2: 4, m3: 4 }],
    // Karmada gives all of the rest to the greatest weight (8, 4, 2); here it goes where it is due next (Sainte-Laguë).
    ['what is left over goes to whom most is owed', { m1: 3, m2: 2, m3: 1 }, 14, { m1: 7, m2: 5, m3: 2 }],
    ['a cluster without a weight gets nothing', { m1: 1, m2: 1 }, 6, { m1: 3, m2: 3 }],
  ])('%s', (_title, weights, replicas, expected) => {
    expect(placed(fleet(wide), replicas, weighted(weights as Record<string, number>))).toEqual(expected);
  });

  it.each([
    ['by what fits', { m1: 18, m2: 12, m3: 6 }, 12, { m1: 6, m2: 4, m3: 2 }],
    ['by what fits, the middle one is the largest', { m1: 6, m2: 12, m3: 6 }, 12, { m1: 3, m2: 6, m3: 3 }],
    ['by what fits, as pods count', { m1: 6, m2: 8, m3: 10 }, 12, { m1: 3, m2: 4, m3: 5 }],
  ])('dynamic weights divide %s', (_title, cpus, replicas, expected) => {
    expect(placed(fleet(cpus), replicas, { division: { type: 'DynamicWeights' } })).toEqual(expected);
  });

  it('with less room than replicas Karmada places nothing; here what fits is placed, and nothing when that is asked for', () => {
    const cpus = { m1: 3, m2: 3, m3: 3 };
    const division = { type: 'DynamicWeights' as const };
    expect(placed(fleet(cpus), 12, { division })).toEqual(cpus);
    expect(placed(fleet(cpus), 12, { division, allOrNothing: true })).toEqual({});
  });

  it.each([
    ['on the one cluster that takes all', { m1: 6, m2: 12, m3: 6 }, 12, { m2: 12 }],
    ['on two where none takes all', { m1: 6, m2: 6, m3: 6 }, 12, 2],
    ['on all three where two do not suffice', { m1: 6, m2: 6, m3: 6 }, 18, { m1: 6, m2: 6, m3: 6 }],
  ])('aggregated is %s', (_title, cpus, replicas, expected) => {
    const found = placed(fleet(cpus), replicas, { division: { type: 'Aggregated' } });
    if (typeof expected === 'number') expect(Object.keys(found)).toHaveLength(expected);
    else expect(found).toEqual(expected);
  });

  it('of at most two clusters those are taken that have room for all replicas together', () => {
    const spreadConstraints = [{ topologyKey: 'cluster', maxGroups: 2 }];
    const found = placed(fleet({ m1: 40, m2: 60, m3: 80, m4: 50 }), 130, { spreadConstraints });
    expect(Object.keys(found)).toEqual(['m3', expect.stringMatching(/^m[24]$/)].sort());
    expect(Object.values(found).reduce((sum, count) => sum + count, 0)).toBe(130);
  });

  it('more groups than there are clusters cannot be had', () => {
    const spreadConstraints = [{ topologyKey: 'cluster', minGroups: 7, maxGroups: 7 }];
    const found = placed(fleet({ m1: 40, m2: 40 }), 30, { spreadConstraints });
    // One each: no group gets a second before seven have one.
    expect(found).toEqual({ m1: 1, m2: 1 });
  });
});

describe('Karmada: what is there and is scaled', () => {
  const dynamic = { division: { type: 'DynamicWeights' as const } };
  const aggregated = { division: { type: 'Aggregated' as const } };

  it('down, by dynamic weights: from where most are (Karmada: each gives its part, 1, 2 and 3)', () => {
    const history = fleet({ m1: 2, m2: 4, m3: 6 });
    expect(placed(history, 12, dynamic)).toEqual({ m1: 2, m2: 4, m3: 6 });
    expect(apply(history, { replicas: 6, placement: dynamic })).toEqual({ m1: 2, m2: 2, m3: 2 });
  });

  it('up, by dynamic weights: what is added goes by what is free, what was there stays', () => {
    const history = fleet({ m1: 2, m2: 4, m3: 6 });
    placed(history, 12, dynamic);
    for (const [name, cpus] of [
      ['m1', 12],
      ['m2', 14],
      ['m3', 16],
    ] as const)
      resize(history, name, cpus);
    expect(apply(history, { replicas: 24, placement: dynamic })).toEqual({ m1: 6, m2: 8, m3: 10 });
  });

  it('down, aggregated: the smaller share goes first', () => {
    const history = fleet({ m1: 4, m2: 8 });
    expect(placed(history, 12, aggregated)).toEqual({ m1: 4, m2: 8 });
    expect(apply(history, { replicas: 6, placement: aggregated })).toEqual({ m2: 6 });
  });

  it('up, aggregated: the clusters that have some are filled before another is begun', () => {
    const history = fleet({ m1: 4, m2: 8 });
    placed(history, 12, aggregated);
    resize(history, 'm1', 10);
    resize(history, 'm2', 14);
    history.cluster('m3', [node('m3-1', { cpu: 20_000 })]);
    expect(apply(history, { replicas: 24, placement: aggregated })).toEqual({ m1: 10, m2: 14 });
  });

  it('up beyond the room that there is: Karmada leaves it as it was; here what fits is added and the rest waits', () => {
    const history = fleet({ m1: 4, m2: 8 });
    placed(history, 12, aggregated);
    resize(history, 'm1', 5);
    expect(apply(history, { replicas: 24, placement: aggregated })).toEqual({ m1: 5, m2: 8 });
    expect(apply(history, { replicas: 24, placement: { ...aggregated, allOrNothing: true } })).toEqual({
      m1: 5,
      m2: 8,
    });
  });

  it('after a cluster has gone and another has come', () => {
    const history = fleet({ m1: 4, m2: 8 });
    placed(history, 12, aggregated);
    history.health('m2', 'LOST');
    resize(history, 'm1', 8);
    history.cluster('m3', [node('m3-1', { cpu: 8_000 })]);
    history.cluster('m4', [node('m4-1', { cpu: 12_000 })]);
    history.nowMs += 3_600_000;
    const found = apply(history, { replicas: 24, placement: aggregated });
    expect(Object.values(found).reduce((sum, count) => sum + count, 0)).toBe(24);
    expect(found.m1).toBeGreaterThanOrEqual(4);
    expect(found.m2).toBeUndefined();
  });

  it('a cluster that two weights name has the first of them (Karmada: the greatest)', () => {
    const weights = [
      { clusters: ['m1'], weight: 1 },
      { clusters: ['m1', 'm2'], weight: 2 },
    ];
    expect(placed(fleet({ m1: 20, m2: 20 }), 9, { division: { type: 'StaticWeights', weights } })).toEqual({
      m1: 3,
      m2: 6,
    });
  });
});

describe('Karmada: regions', () => {
  const member = (region: string, cpus: number) => ({ cpus, spec: { region } });
  const regions = (minGroups: number, maxGroups = minGroups): WorkloadPlacement => ({
    spreadConstraints: [{ topologyKey: 'region', minGroups, maxGroups }],
  });
  const regionsOf = (found: Record<string, number>): string[] =>
    [...new Set(Object.keys(found).map((name) => name.slice(0, 2)))].sort();

  it('one region is the one that has room for all', () => {
    const history = fleet({
      r1a: member('r1', 10),
      r1b: member('r1', 10),
      r2a: member('r2', 30),
      r3a: member('r3', 5),
    });
    expect(placed(history, 30, regions(1))).toEqual({ r2a: 30 });
  });

  it('two regions are those that have room together, where the emptiest alone have not', () => {
    const history = fleet({
      ...{ r1a: member('r1', 4), r1b: member('r1', 4) },
      ...{ r2a: member('r2', 9), r2b: member('r2', 9), r3a: member('r3', 12) },
    });
    const found = placed(history, 30, regions(2));
    expect(regionsOf(found)).toEqual(['r2', 'r3']);
    expect(found).toEqual({ r2a: 9, r2b: 9, r3a: 12 });
  });

  it('regions that are lacking cannot be had: one replica each, the rest waits (Karmada: none)', () => {
    const history = fleet({ r1a: member('r1', 10), r2a: member('r2', 10) });
    expect(placed(history, 6, regions(3))).toEqual({ r1a: 1, r2a: 1 });
    expect(placed(fleet({ r1a: member('r1', 10) }), 6, { ...regions(3), allOrNothing: true })).toEqual({});
  });

  it('at least two clusters within each region: one that has fewer is passed over', () => {
    const members = {
      ...{ r1a: member('r1', 10), r1b: member('r1', 10), r2a: member('r2', 10) },
      ...{ r3a: member('r3', 10), r3b: member('r3', 10) },
    };
    const within = { topologyKey: 'cluster', within: 'region', minGroups: 2 };
    const two = { topologyKey: 'region', minGroups: 2, maxGroups: 2 };
    expect(placed(fleet(members), 8, { spreadConstraints: [two, within] })).toEqual({ r1a: 2, r1b: 2, r3a: 2, r3b: 2 });
    const { r3a: _a, r3b: _b, ...fewer } = members;
    expect(placed(fleet(fewer), 8, { spreadConstraints: [within] })).toEqual({ r1a: 4, r1b: 4 });
    expect(placed(fleet({ r2a: member('r2', 10) }), 8, { spreadConstraints: [within] })).toEqual({});
  });

  it('copies on fewer clusters than asked for: as many as can be, and the others wait (Karmada: none)', () => {
    const history = fleet({ m1: 10, m2: 10 });
    const duplicated = { division: { type: 'Duplicated' as const } };
    const spreadConstraints = [{ topologyKey: 'cluster', minGroups: 3 }];
    expect(placed(history, 2, { ...duplicated, spreadConstraints })).toEqual({ m1: 2, m2: 2 });
    expect(placed(fleet({ m1: 10, m2: 10 }), 2, { ...duplicated, spreadConstraints, allOrNothing: true })).toEqual({});
    history.cluster('m3', [node('m3-1', { cpu: 8_000 })]);
    expect(apply(history, { replicas: 2, placement: { ...duplicated, spreadConstraints } })).toEqual({
      m1: 2,
      m2: 2,
      m3: 2,
    });
  });
});
