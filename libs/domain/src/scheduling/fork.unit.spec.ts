import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideRound } from './decide-round.js';
import { evolveScheduling } from './evolve.js';
import { forkScheduling } from './fork.js';
import { encodeScheduling } from './snapshot.js';
import { type SchedulingState, initialScheduling } from './state.js';
import { History, node, workload } from './testing/history.js';
import { runs } from './testing/long-runs.js';

const text = (state: SchedulingState): string => JSON.stringify([...encodeScheduling(state)]);
const workedOut = (state: SchedulingState): unknown => ({
  undecided: [...state.undecided],
  unissued: [...state.unissued].sort(),
  releasable: [...state.releasable].sort(),
  waiting: [...state.waiting].map(([key, { members, reasons }]) => [key, [...members], [...reasons]]).sort(),
  dependents: [...state.dependents].map(([key, uids]) => [key, [...uids]]),
  rooms: [...state.clusters.values()].map(({ name, room, shares }) => [name, [...room.free], [...shares]]),
  users: [...state.shapes.values()].map(({ key, users }) => [key, users]),
});

const names = ['a', 'b', 'c'];
const anyStep = fc.record({
  do: fc.constantFrom('create', 'create', 'scale', 'delete', 'grow', 'lose', 'lost', 'agents', 'schedule', 'schedule'),
  job: fc.nat(6),
  replicas: fc.integer({ min: 1, max: 5 }),
  cpu: fc.constantFrom('0', '300m', '900m', '1500m'),
  cluster: fc.constantFrom(...names),
});
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

function take(history: History, step: Step): void {
  const { state } = history;
  const volumes = [{ name: 'v', configMap: { name: `settings-${step.job % 2}` } }];
  const object = workload(`job-${step.job}`, {
    replicas: step.replicas,
    requests: { cpu: step.cpu },
    podSpec: { volumes },
    ...(step.job > 4 && { restartPolicy: 'Never' as const }),
  });
  const known = state.workloads.has(object.metadata.uid);
  if (step.do === 'create' && !known) history.create(object);
  else if (step.do === 'scale' && known) history.update({ ...object, metadata: { ...object.metadata, generation: 2 } });
  else if (step.do === 'delete' && known) history.delete(object, step.replicas > 3);
  else if (step.do === 'grow') {
    if (state.clusters.has(step.cluster)) {
      history.observe(
        step.cluster,
        Array.from({ length: step.replicas }, (_, index) => node(`${step.cluster}-${index}`, { cpu: 2000 })),
      );
    } else history.cluster(step.cluster, [node(`${step.cluster}-0`, { cpu: 2000 })]);
  } else if (step.do === 'lose') {
    const cluster = state.clusters.get(step.cluster);
    if (cluster !== undefined) {
      const metadata = { name: cluster.name, uid: cluster.uid, creationTimestamp: '2026-01-01T00:00:00Z' };
      history.delete({ apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata }, step.replicas > 2);
    }
  } else if (step.do === 'lost') history.health(step.cluster, step.replicas > 2 ? 'READY' : 'LOST');
  else if (step.do === 'agents') {
    for (const { ref, shares } of [...state.workloads.values()]) {
      for (const share of [...shares]) if (share.work === 'withdrawing') history.removed(share.cluster, ref);
    }
  } else if (step.do === 'schedule') history.schedule(3);
}

describe('a fork of the scheduling state', () => {
  it('becomes what the state would become, and leaves the state as it was', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 25 }), fc.array(anyStep, { maxLength: 25 }), (before, after) => {
        const history = new History();
        history.startEpoch();
        for (const name of names) history.cluster(name, [node(`${name}-0`, { cpu: 2000 })]);
        for (const step of before) take(history, step);
        const cut = history.log.length;
        const base = history.replay();
        for (const step of [...after, ...after]) take(history, step);

        const untouched = [text(base), workedOut(base)];
        const fork = forkScheduling(base);
        const again = initialScheduling();
        history.log.forEach(({ entry, place }, index) => {
          if (index >= cut) evolveScheduling(fork, entry, place);
          evolveScheduling(again, entry, place);
        });
        expect(text(fork)).toBe(text(again));
        expect(workedOut(fork)).toEqual(workedOut(again));
        const limits = { epoch: history.epoch, decisions: 100, verdicts: 32 };
        expect(JSON.stringify(decideRound(fork, limits))).toBe(JSON.stringify(decideRound(again, limits)));
        expect([text(base), workedOut(base)]).toEqual(untouched);
      }),
      runs(200),
    );
  });

  it('can be forked again', () => {
    const history = new History();
    history.startEpoch();
    history.cluster('a', [node('a-0', { cpu: 2000 })]);
    history.create(workload('one', { requests: { cpu: '1' } }));
    const fork = forkScheduling(forkScheduling(history.state));
    expect(decideRound(fork, { epoch: 1, decisions: 10, verdicts: 32 })).toHaveLength(1);
    expect(text(fork)).toBe(text(history.state));
  });
});
