/** Those for whom there would be no room if nothing else ran: what is said of them, and that they keep nothing from others. */
import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import { explainNow } from '../explain/explain-now.js';
import { Reason } from '../reasons.js';
import { History, node, queue, workload } from '../testing/history.js';

const job = (name: string, cpus: number, spec: Record<string, unknown> = {}): StoredObject =>
  workload(name, { requests: { cpu: String(cpus) }, spec: { queue: 'q', ...spec } });

const member = (name: string, cpus: number, size: number, within = 'Fleet'): StoredObject =>
  job(name, cpus, { gang: { name: 'team', size, within } });

/** Two clusters of one node of four cores. */
function twoBy4(): History {
  const history = new History();
  history.startEpoch();
  for (const name of ['a', 'b']) history.cluster(name, [node(`${name}-1`, { cpu: 4000 })]);
  history.create(queue('q'));
  return history;
}

function saidOf(gang: StoredObject[], before: StoredObject[] = []): { recorded: string; explained: unknown } {
  const history = twoBy4();
  history.create(...before);
  history.schedule();
  history.create(...gang);
  history.schedule();
  const { reason, message = '' } = history.decisionOn(gang[0]!)!;
  expect(reason).toBe(Reason.GANG_DOES_NOT_FIT);
  const now = explainNow(history.state, gang[0]!.metadata.uid, 0)?.clusters.find(({ plugin }) => plugin === 'Queues');
  return { recorded: message, explained: now && [now.message, now.change] };
}

describe('a gang of several workloads', () => {
  it('says that it would never fit, with the numbers of the resource that there is too little of', () => {
    const { recorded, explained } = saidOf([member('one', 4, 3), member('two', 3, 3), member('three', 2, 3)]);
    const never =
      'it would not fit if nothing else ran: it needs 9000m cpu, all clusters that it may use have 8000m cpu';
    expect(recorded).toBe(
      `gang default/team of 3 workloads is placed whole or not at all; ${never}; three: a: needs 2000m cpu per replica, the largest node has 0m free; b: needs 2000m cpu per replica, the largest node has 1000m free`,
    );
    expect(explained).toEqual([
      `gang default/team is placed whole or not at all; ${never}`,
      ['more nodes, or a gang that asks for less'],
    ]);
  });

  it('says so of replicas that are alike by what nodes take of them', () => {
    const { recorded } = saidOf([member('one', 3, 3), member('two', 3, 3), member('three', 3, 3)]);
    expect(recorded).toContain(
      'it needs room for 3 replicas of one and 2 like it, all clusters that it may use have room for 2',
    );
  });

  it('says so of one cluster, where it has to be on one', () => {
    const { recorded } = saidOf([member('one', 3, 2, 'Cluster'), member('two', 2, 2, 'Cluster')]);
    expect(recorded).toContain('it needs 5000m cpu, no cluster that it may use has more than 4000m cpu');
  });

  it('does not say so of what others hold', () => {
    const { recorded, explained } = saidOf([member('one', 4, 2), member('two', 4, 2)], [job('other', 2)]);
    expect(recorded).not.toContain('if nothing else ran');
    expect(explained).toEqual(['gang default/team is placed whole or not at all', ['room for the others of its gang']]);
  });
});

describe('who could not be placed if nothing else ran', () => {
  it.each([
    ['a gang', [member('one', 4, 3), member('two', 4, 3), member('three', 4, 3)]],
    ['a workload', [job('huge', 5)]],
  ])('leaves it to the next of its queue to have room kept, if it is %s', (_, first) => {
    const history = twoBy4();
    const fillers = [job('filler-a', 3), job('filler-b', 3)];
    history.create(...fillers);
    history.schedule();
    history.create(...first, job('big', 4));
    history.schedule();
    const small = Array.from({ length: 4 }, (_each, index) => job(`small-${index}`, 1));
    history.create(...small);
    history.schedule();
    // One node is kept for `big`, so that what comes later fills the other only.
    expect(small.filter((each) => history.decisionOn(each)?.unplaced === 0)).toHaveLength(1);
    for (const filler of fillers) {
      history.delete(filler);
      history.schedule();
      for (const name of ['a', 'b']) history.removed(name, filler);
      history.schedule();
    }
    expect(history.decisionOn(job('big', 4))?.unplaced).toBe(0);
  });
});
