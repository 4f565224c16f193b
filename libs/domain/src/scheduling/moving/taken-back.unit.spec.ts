/** Replicas that were to leave, and may stay after all before their replacement is ready. */
import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import { History, node, policy, workload } from '../testing/history.js';
import { previewMoves } from './preview-moves.js';

const cpu = { requests: { cpu: '1' } };
const notOn = (...names: string[]): StoredObject =>
  policy('where', { workloadSelector: { matchLabels: { app: 'web' } }, excludeClusters: names });

/** `web` fills the only cluster that it may use; nothing is free on the other. */
function crowded(placement: object = {}): { history: History; web: StoredObject } {
  const history = new History();
  history.startEpoch();
  for (const name of ['a', 'b']) history.cluster(name, [node(`${name}-1`, { cpu: 4_000 })]);
  const web = workload('web', { replicas: 4, ...cpu, labels: { app: 'web' }, placement });
  history.create(workload('other', { replicas: 4, ...cpu, placement: { clusters: ['b'] } }));
  history.schedule();
  history.create(web);
  history.schedule();
  history.report('a', web, 'RUNNING', 4);
  history.schedule();
  return { history, web };
}

const leavingOf = ({ state }: History): number[] =>
  state.workloads.get('uid-web')?.shares.map(({ leaving }) => leaving) ?? [];

describe('what leaves a cluster because of a policy', () => {
  it.each([
    ['divided softly', {}],
    ['divided by weights', { division: { type: 'StaticWeights', weights: [{ clusters: ['a'], weight: 1 }] } }],
  ])('stays where it is when the policy is taken back, though nothing is free there: %s', (_, placement) => {
    const { history, web } = crowded(placement);
    expect(history.placed(web)).toEqual({ a: 4 });
    history.create(notOn('a'));
    history.schedule();
    expect([history.placed(web), leavingOf(history)]).toEqual([{}, [4]]);
    const { nowMs } = history;
    const back = previewMoves(history.state, { objects: [notOn()], deleted: [] }, { nowMs, most: 10 });
    expect(back).toMatchObject({ workloads: 0, placed: 8 });
    history.update(notOn());
    history.schedule();
    expect([history.placed(web), leavingOf(history)]).toEqual([{ a: 4 }, [0]]);
    history.nowMs += 3_600_000;
    history.schedule();
    expect(history.entriesOf('WorkWithdrawn')).toEqual([]);
  });

  it('is not taken back by a cluster that takes nothing new', () => {
    const { history, web } = crowded();
    history.create(notOn('a'));
    history.schedule();
    history.update({
      ...history.log.map(({ entry }) => entry).find((entry) => entry.type === 'ObjectCreated')!.data.object,
      spec: { manager: 'k8', unschedulable: true },
    });
    history.update(notOn());
    history.schedule();
    expect(history.placed(web)).toEqual({});
  });
});
