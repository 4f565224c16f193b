import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evolveProvisioning } from './evolve.js';
import { DEFAULT_PACE } from './failures.js';
import { EVERYWHERE, evolveOrphan, orphanChanges, orphansToEnd, type ListedMachine } from './orphans.js';
import { decodeProvisioning, encodeProvisioning } from './snapshot.js';
import { type ProvisioningState, initialProvisioning, requestedCluster } from './state.js';

const GRACE_MS = 1_000;
const limits = { graceMs: GRACE_MS, most: 2, dryRun: false };
const listed = (id: number): ListedMachine => ({
  ...{ id: `i-${String(id)}`, name: `m-${String(id)}`, cluster: 'u', clusterName: 'prod' },
});

/** A state that owns the machines of these numbers. */
function owning(...numbers: number[]): ProvisioningState {
  const state = initialProvisioning();
  const cluster = requestedCluster({ kind: 'Cluster', name: 'prod', uid: 'u' }, {}, 0);
  for (const number of numbers) {
    const name = `m-${String(number)}`;
    const times = { sinceMs: 0, intendedMs: 0, failures: {} };
    cluster.machines.set(name, { name, driver: 'aws', roles: [], token: name, phase: 'Prepared', ...times });
  }
  state.clusters.set('u', cluster);
  return state;
}

function round(state: ProvisioningState, machines: ListedMachine[], atMs: number): void {
  for (const { data } of orphanChanges(state, { provider: 'aws', region: 'r', machines }, 1)) {
    evolveOrphan(state.orphans, data, atMs);
  }
}

describe('orphans', () => {
  it('are never a machine that a cluster has, never ended before the grace, never more than the limit at once', () => {
    const numbers = fc.uniqueArray(fc.nat(12));
    fc.assert(
      fc.property(
        numbers,
        fc.array(fc.record({ there: numbers, passMs: fc.nat(800) }), { maxLength: 12 }),
        (own, rounds) => {
          const state = owning(...own);
          const since = new Map<string, number>();
          let nowMs = 0;
          for (const { there, passMs } of rounds) {
            nowMs += passMs;
            round(state, there.map(listed), nowMs);
            for (const id of since.keys()) if (!there.some((each) => `i-${String(each)}` === id)) since.delete(id);
            for (const each of there)
              if (!own.includes(each) && !since.has(`i-${String(each)}`)) since.set(`i-${String(each)}`, nowMs);
            expect([...state.orphans.values()].map(({ id }) => id).sort()).toEqual([...since.keys()].sort());
            const ending = orphansToEnd(state, nowMs, DEFAULT_PACE, limits);
            expect(ending.length).toBeLessThanOrEqual(limits.most);
            for (const { id, name } of ending) {
              expect(own.map((each) => `m-${String(each)}`)).not.toContain(name);
              expect(nowMs - (since.get(id) ?? nowMs)).toBeGreaterThanOrEqual(GRACE_MS);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are not what stays when its cluster is deleted, though its machines are in nobody’s cluster then', async () => {
    const ref = { kind: 'Cluster', name: 'prod', uid: 'u' };
    const ground = { ...listed(9), id: 'sg-1', ground: true } as const;
    const left = async (retain: boolean): Promise<string[]> => {
      let state = owning(1);
      const cluster = state.clusters.get('u');
      if (cluster === undefined) throw new Error('no cluster');
      Object.assign(cluster, {
        retain,
        groundwork: { phase: 'Laid', provider: 'aws', region: 'r', intendedMs: 0, facts: {} },
      });
      const entry = { type: 'ProvisioningAdvanced', v: 1, at: 0, actor: 'a', corr: 'c' } as const;
      const data = { epoch: 1, ref, step: { type: 'Deleted' } } as const;
      evolveProvisioning(state, { ...entry, data }, { subject: 'sky.evt.provisioner', position: 1 });
      state = await decodeProvisioning(viaText(encodeProvisioning(state)));
      round(state, [listed(1), listed(2), ground], 0);
      return [...state.orphans.values()].map(({ id }) => id);
    };
    expect(await left(true)).toEqual(['i-2']);
    expect(await left(false)).toEqual(['i-1', 'i-2', 'sg-1']);
  });

  it('are only told of in a dry run', () => {
    const state = owning();
    round(state, [listed(1)], 0);
    expect(orphansToEnd(state, GRACE_MS, DEFAULT_PACE, { ...limits, dryRun: true })).toEqual([]);
    expect(orphansToEnd(state, GRACE_MS, DEFAULT_PACE, limits)).toHaveLength(1);
  });

  it('are also what machines shared, unless their cluster has it there, or is about to', () => {
    const ground: ListedMachine = { id: 'sg-1', name: 'skyflow-prod', cluster: 'u', clusterName: 'prod', ground: true };
    const state = owning();
    const cluster = state.clusters.get('u');
    if (cluster === undefined) throw new Error('no cluster');
    for (const [provider, region, isOrphan] of [
      ['aws', 'r', false],
      ['aws', 'elsewhere', true],
      ['gcp', 'r', true],
      [undefined, '', true],
    ] as const) {
      cluster.groundwork =
        provider === undefined ? undefined : { provider, region, phase: 'Intended', intendedMs: 0, facts: {} };
      round(state, [ground], 0);
      expect(orphansToEnd(state, GRACE_MS, DEFAULT_PACE, limits)).toMatchObject(
        isOrphan ? [{ id: 'sg-1', ground: true }] : [],
      );
      round(state, [], 0);
    }
    cluster.groundwork = { provider: 'gcp', region: 'r', phase: 'Laid', intendedMs: 0, facts: {} };
    expect(orphanChanges(state, { provider: 'gcp', region: EVERYWHERE, machines: [ground] }, 1)).toEqual([]);
    expect(orphanChanges(state, { provider: 'aws', region: EVERYWHERE, machines: [ground] }, 1)).toHaveLength(1);
  });

  it('that cannot be ended stay visible and are told again, for ever, less and less often', () => {
    const state = owning();
    round(state, [listed(1)], 0);
    const failure = { class: 'auth', message: 'You are not', advice: '' } as const;
    for (let times = 0, nowMs = GRACE_MS; times < 30; times++) {
      const step = { type: 'DeleteFailed', failure } as const;
      evolveOrphan(state.orphans, { provider: 'aws', region: 'r', id: 'i-1', step }, nowMs);
      expect(orphansToEnd(state, nowMs, DEFAULT_PACE, limits)).toEqual([]);
      nowMs += DEFAULT_PACE.mostMs;
      expect(orphansToEnd(state, nowMs, DEFAULT_PACE, limits)).toMatchObject([{ id: 'i-1', failure }]);
    }
  });
});

async function* viaText(pieces: Iterable<unknown>): AsyncIterable<unknown> {
  for (const piece of pieces) yield await Promise.resolve(JSON.parse(JSON.stringify(piece)));
}
