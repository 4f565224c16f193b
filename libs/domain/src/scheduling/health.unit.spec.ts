import { describe, expect, it } from '@jest/globals';
import { decideHealth } from './health.js';
import { type Heartbeats, hear, noteCheck, startListening } from './heartbeats.js';
import { History, node, object, twoClusters, workload } from './testing/history.js';

class Listener {
  heartbeats: Heartbeats;
  now = 1_000_000;

  constructor(readonly history: History) {
    this.heartbeats = startListening(this.now);
  }

  beat(cluster: string, reachable = true, uid = `uid-${cluster}`): void {
    const beat = {
      cluster,
      uid,
      instance: 'i',
      at: 0,
      reachable,
      workSeq: 0,
      ...(!reachable && { message: 'refused' }),
    };
    hear(this.heartbeats, beat, this.now);
  }

  /** Lets seconds pass with a check each; `beating` clusters beat every second. */
  pass(seconds: number, beating: readonly string[] = []): void {
    for (let i = 0; i < seconds; i++) {
      this.now += 1000;
      for (const cluster of beating) this.beat(cluster);
      this.check();
    }
  }

  check(): void {
    noteCheck(this.heartbeats, this.now);
    const drafts = decideHealth(this.history.state, this.heartbeats, this.now, this.history.epoch);
    this.history.append('sky.evt.scheduler', ...drafts);
  }

  state(cluster: string): string | undefined {
    return this.history.state.clusters.get(cluster)?.health.state;
  }
}

describe('the health of a cluster', () => {
  it('becomes READY on the first good heartbeat after the nodes are known', () => {
    const history = new History();
    history.startEpoch();
    history.create(object('Cluster', 'a'));
    const listener = new Listener(history);
    listener.pass(30);
    expect(listener.state('a')).toBe('INIT');
    listener.pass(1, ['a']);
    expect(listener.state('a')).toBe('INIT');
    history.observe('a', [node('a-1', { cpu: 1 })]);
    listener.pass(1, ['a']);
    expect(listener.state('a')).toBe('READY');
  });

  it('is not LOST while it is stopped and nothing of ours is there, and READY again when it is built', () => {
    const history = twoClusters();
    const listener = new Listener(history);
    listener.pass(5, ['a', 'b']);
    history.built('a', 'STOPPING');
    listener.pass(1, ['a', 'b']);
    expect(listener.state('a')).toBe('READY');
    history.built('a', 'STOPPED');
    listener.pass(30, ['b']);
    expect(listener.state('a')).toBe('INIT');
    history.built('a', 'PROVISIONING', 40);
    history.built('a', 'ACTIVE');
    listener.pass(10, ['a', 'b']);
    expect(listener.state('a')).toBe('READY');

    const job = workload('job', { placement: { clusters: ['b'] } });
    history.create(job);
    history.schedule();
    history.built('b', 'STOPPED');
    listener.pass(30, ['a']);
    expect(listener.state('b')).toBe('LOST');
  });

  it('goes SUSPECT after 7 s of silence, LOST after 9 s, and comes back steadily', () => {
    const listener = new Listener(twoClusters());
    listener.pass(5, ['a', 'b']);
    listener.pass(6, ['b']);
    expect(listener.state('a')).toBe('READY');
    listener.pass(1, ['b']);
    expect(listener.state('a')).toBe('SUSPECT');
    listener.pass(2, ['b']);
    expect(listener.state('a')).toBe('LOST');
    expect(listener.state('b')).toBe('READY');
    listener.pass(2, ['a', 'b']);
    expect(listener.state('a')).toBe('LOST');
    listener.pass(1, ['a', 'b']);
    expect(listener.state('a')).toBe('READY');
  });

  it('is no news when an agent stands still for five seconds, wherever in its second it was', () => {
    for (let part = 0; part < 1000; part += 100) {
      const listener = new Listener(twoClusters());
      const before = listener.history.log.length;
      listener.pass(3, ['a', 'b']);
      listener.now += part;
      listener.pass(6, ['b']);
      listener.pass(10, ['a', 'b']);
      expect(listener.history.log.length).toBe(before);
    }
  });

  it('is READY again only when what was withdrawn meanwhile is removed, and says who stays when something there keeps it for a minute', () => {
    const history = twoClusters();
    const listener = new Listener(history);
    const [first, second] = [workload('first', { replicas: 2 }), workload('second', { replicas: 2 })];
    history.create(first, second);
    history.schedule();
    listener.pass(5, ['a', 'b']);
    listener.pass(9, ['b']);
    expect(listener.state('a')).toBe('LOST');
    history.delete(first);
    history.delete(second);
    history.schedule();
    listener.pass(5, ['a', 'b']);
    expect(history.state.clusters.get('a')?.health).toMatchObject({ state: 'SUSPECT', reason: 'RemovingStaleWork' });
    history.removed('a', first);
    listener.pass(50, ['a', 'b']);
    expect(listener.state('a')).toBe('SUSPECT');
    listener.pass(600, ['a', 'b']);
    expect(history.state.clusters.get('a')?.health).toMatchObject({
      state: 'SUSPECT',
      reason: 'StaleWorkStuck',
      message: expect.stringMatching(
        /^stale copies of Job default\/second are still there: .* no new work before they are gone/,
      ),
    });
    history.create(workload('third', { replicas: 2 }));
    history.schedule();
    expect(history.entriesOf('PlacementDecided').at(-1)?.placements).toEqual([{ cluster: 'b', replicas: 2 }]);
    history.removed('a', second);
    listener.pass(1, ['a', 'b']);
    expect(listener.state('a')).toBe('READY');
    expect(history.entriesOf('ClusterHealthDecided').filter(({ cluster }) => cluster === 'a')).toHaveLength(6);
  });

  it('does not flap on a line that lets a heartbeat through now and then', () => {
    const history = twoClusters();
    const listener = new Listener(history);
    const before = history.log.length;
    for (let i = 0; i < 10; i++) {
      listener.pass(7, ['b']);
      listener.pass(1, ['a', 'b']);
    }
    expect(history.log.length - before).toBe(1);
    expect(listener.state('a')).toBe('SUSPECT');
  });

  it('is UNREACHABLE with what the agent said when the API of the cluster does not answer', () => {
    const history = twoClusters();
    const listener = new Listener(history);
    listener.now += 1000;
    listener.beat('a', false);
    listener.check();
    expect(history.state.clusters.get('a')?.health).toMatchObject({
      state: 'UNREACHABLE',
      message: 'the agent cannot reach the cluster: refused',
    });
    listener.pass(3, ['a', 'b']);
    expect(listener.state('a')).toBe('READY');
  });

  it('is not concluded from silence by a scheduler that just started or was stopped for a while', () => {
    const listener = new Listener(twoClusters());
    listener.pass(4);
    listener.now += 3_600_000;
    listener.check();
    expect(listener.state('a')).toBe('READY');
    listener.pass(6);
    expect(listener.state('a')).toBe('READY');
    listener.pass(1);
    expect(listener.state('a')).toBe('SUSPECT');
  });

  it('ignores heartbeats of an agent of an older cluster of the same name', () => {
    const history = new History();
    history.startEpoch();
    history.create(object('Cluster', 'a'));
    history.observe('a', [node('a-1', { cpu: 1 })]);
    const listener = new Listener(history);
    listener.now += 1000;
    listener.beat('a', true, 'uid-of-before');
    listener.check();
    expect(listener.state('a')).toBe('INIT');
  });
});
