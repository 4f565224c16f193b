import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { positionOf, type Entry, type EntryData, type StoredObject } from '@skyflow/contracts';
import { agentFold, type AgentState } from './agent-state.js';

const object = (name: string): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: { name, namespace: 'team', uid: `uid-${name}`, creationTimestamp: '2026-11-24T08:00:00Z' },
  spec: { replicas: 1, template: { spec: { containers: [] } } },
});
const ref = (name: string) => ({ kind: 'Job', namespace: 'team', name, uid: `uid-${name}` });
const observed = (name: string, ready: number): EntryData<'WorkObserved'> => ({
  ref: ref(name),
  generation: 1,
  epoch: 1,
  phase: 'RUNNING',
  replicas: 3,
  ready,
  running: ready,
  pending: 0,
  succeeded: 0,
  failed: 0,
});

const anyName = fc.constantFrom('a', 'b', 'c');
const anyData: fc.Arbitrary<Pick<Entry, 'type' | 'data'>> = fc.oneof(
  fc
    .record({ name: anyName, replicas: fc.nat(5), epoch: fc.integer({ min: 1, max: 3 }), decision: fc.nat(9) })
    .map(({ name, ...share }) => ({
      type: 'WorkAssigned' as const,
      data: { ...share, generation: 1, object: object(name) },
    })),
  fc.record({ name: anyName, epoch: fc.integer({ min: 1, max: 3 }), decision: fc.nat(9) }).map(({ name, ...rest }) => ({
    type: 'WorkWithdrawn' as const,
    data: { ...rest, ref: ref(name) },
  })),
  fc.record({ name: anyName, ready: fc.nat(3) }).map(({ name, ready }) => ({
    type: 'WorkObserved' as const,
    data: observed(name, ready),
  })),
  anyName.map((name) => ({ type: 'WorkRemoved' as const, data: { ref: ref(name) } })),
  fc.constant({ type: 'NamespaceWithdrawn' as const, data: { epoch: 1, namespace: 'team' } }),
  fc.boolean().map((reachable) => ({
    type: 'ClusterObserved' as const,
    data: { kubernetesVersion: 'v1', nodes: [], reachable },
  })),
);

function foldAll(state: AgentState, items: readonly Pick<Entry, 'type' | 'data'>[], from = 0): AgentState {
  return items.reduce((folded, item, at) => {
    const seq = from + at + 1;
    const entry = { ...item, v: 1, at: 0, actor: 'a', corr: `corr-${seq}` } as Entry;
    const context = { position: positionOf(seq, 0), seq, subject: 'sky.work.x', commitId: `c${seq}`, index: 0 };
    return agentFold.evolve(folded, entry, context);
  }, state);
}
async function* pieces(state: AgentState): AsyncGenerator {
  for (const piece of agentFold.encode(state)) yield await Promise.resolve(JSON.parse(JSON.stringify(piece)));
}

describe('the state of an agent', () => {
  it('is the same whether it was folded at once or from a snapshot taken anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyData, { maxLength: 30 }), fc.nat(30), async (items, cut) => {
        const atOnce = foldAll(agentFold.initial(), items);
        const before = foldAll(agentFold.initial(), items.slice(0, cut));
        const restored = await agentFold.decode(pieces(before));
        expect(foldAll(restored, items.slice(cut), Math.min(cut, items.length))).toEqual(atOnce);
      }),
    );
  });

  it('remembers where work came from until it is removed', () => {
    const assigned = {
      type: 'WorkAssigned' as const,
      data: { epoch: 1, decision: 1, generation: 1, replicas: 1, object: object('a') },
    };
    const state = foldAll(agentFold.initial(), [assigned]);
    expect(state.origins.get('uid-a')).toEqual({ corr: 'corr-1', cause: 'c1/0' });
    const withdrawn = { type: 'WorkWithdrawn' as const, data: { epoch: 1, decision: 2, ref: ref('a') } };
    foldAll(
      state,
      [withdrawn, { type: 'WorkObserved', data: observed('a', 1) }, { type: 'WorkRemoved', data: { ref: ref('a') } }],
      1,
    );
    expect([state.origins.size, state.reported.size, state.desired.withdrawn.size]).toEqual([0, 0, 0]);
    expect([...state.removed.keys()]).toEqual(['uid-a']);
    foldAll(state, [assigned], 4);
    expect([...state.removed.keys()]).toEqual([]);
  });
});
