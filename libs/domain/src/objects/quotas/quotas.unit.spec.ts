import { describe, expect, it } from '@jest/globals';
import { type StoredObject, positionOf } from '@skyflow/contracts';
import fc from 'fast-check';
import { apiObject, statusBasis } from '../api-object.js';
import type { ObjectCommand } from '../commands.js';
import { decideObjects } from '../decide-objects.js';
import { evolveObjects } from '../evolve-objects.js';
import { type ObjectsState, initialObjects } from '../objects-state.js';
import { isRejection } from '../rejection.js';
import { QuotaClaims } from './quota-claims.js';
import { amountText, limitOf, quotaProblem } from './quota-names.js';

let seq = 0;

/** The refusal, or undefined when it was folded. */
function run(state: ObjectsState, command: ObjectCommand): string | undefined {
  const decision = decideObjects(state, command);
  if (isRejection(decision)) return decision.message;
  seq += 1;
  decision.entries.forEach((draft, index) => {
    const entry = { ...draft, v: 1, at: seq, actor: 'ann', corr: 'c' } as Parameters<typeof evolveObjects>[1];
    evolveObjects(state, entry, { position: positionOf(seq, index), subject: 'sky.cmd.0' });
  });
  return undefined;
}

const object = (kind: string, name: string, more: object, namespace?: string): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind,
  metadata: {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: `${kind}-${name}`,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(kind === 'Deployment' || kind === 'Job' ? { generation: 1 } : {}),
  },
  ...more,
});

const containers = (resources?: object): object => ({
  template: { spec: { containers: [{ name: 'main', ...(resources === undefined ? {} : { resources }) }] } },
});

const web = (name: string, replicas: number, cpu = '100m'): StoredObject =>
  object('Deployment', name, { spec: { replicas, ...containers({ requests: { cpu } }) } }, 'team');

function withQuota(hard: Record<string, string | number>): ObjectsState {
  const state = initialObjects();
  run(state, { verb: 'create', object: object('Namespace', 'team', {}) });
  run(state, { verb: 'create', object: object('ResourceQuota', 'q', { spec: { hard } }, 'team') });
  return state;
}

function used(state: ObjectsState): Record<string, string> {
  const record = state.table.get('ResourceQuota', 'team', 'q');
  if (record === undefined) throw new Error('the quota is gone');
  return (apiObject(record, statusBasis(state, NO_ONE)).status as { used: Record<string, string> }).used;
}
const NO_ONE = { nowMs: 0, lastHeartbeatMs: () => undefined, listeningSinceMs: 0, staleAfterMs: Infinity };

describe('quotas of a namespace', () => {
  it('refuse what is beyond them, with the numbers', () => {
    const state = withQuota({ pods: 5, 'requests.cpu': '1' });
    expect(run(state, { verb: 'create', object: web('a', 3) })).toBeUndefined();
    expect(used(state)).toEqual({ pods: '3', 'requests.cpu': '300m' });
    expect(run(state, { verb: 'create', object: web('b', 2, '400m') })).toBe(
      'exceeded quota: q, requested: requests.cpu=800m, used: requests.cpu=300m, limited: requests.cpu=1; ' +
        'ask for less, or delete something in namespace "team"',
    );
    expect(run(state, { verb: 'create', object: web('b', 3, '200m') })).toContain('requested: pods=3,');
    expect(run(state, { verb: 'create', object: web('b', 2) })).toBeUndefined();
  });

  it('let what is over them be made smaller, not greater', () => {
    const state = withQuota({ pods: 10 });
    run(state, { verb: 'create', object: web('a', 8) });
    run(state, { verb: 'update', object: object('ResourceQuota', 'q', { spec: { hard: { pods: 4 } } }, 'team') });
    expect(run(state, { verb: 'update', object: web('a', 9) })).toContain('requested: pods=1, used: pods=8');
    expect(run(state, { verb: 'update', object: web('a', 8, '200m') })).toBeUndefined();
    expect(run(state, { verb: 'update', object: web('a', 6) })).toBeUndefined();
    expect(used(state)).toEqual({ pods: '6' });
  });

  it('refuse pods that do not say what is limited', () => {
    const state = withQuota({ 'limits.cpu': 4, 'requests.memory': '1Gi' });
    const silent = object('Deployment', 'a', { spec: { replicas: 1, ...containers() } }, 'team');
    expect(run(state, { verb: 'create', object: silent })).toBe(
      'failed quota: q: must specify limits.cpu for: main; requests.memory for: main',
    );
    const limits = { cpu: '1', memory: '128Mi' };
    const says = object('Deployment', 'a', { spec: { replicas: 2, ...containers({ limits }) } }, 'team');
    expect(run(state, { verb: 'create', object: says })).toBeUndefined();
    expect(used(state)).toEqual({ 'limits.cpu': '2', 'requests.memory': '256Mi' });
    expect(run(state, { verb: 'update', object: silent })).toContain('must specify');
  });

  it('count objects, services by their type too', () => {
    const state = withQuota({ configmaps: 1, 'count/deployments.apps': 1, 'services.loadbalancers': 1 });
    const make = (kind: string, name: string, more: object = {}): string | undefined =>
      run(state, { verb: 'create', object: object(kind, name, more, 'team') });
    expect(make('ConfigMap', 'a')).toBeUndefined();
    expect(make('ConfigMap', 'b')).toContain('requested: configmaps=1, used: configmaps=1, limited: configmaps=1');
    expect(make('Service', 'a', { spec: { type: 'LoadBalancer' } })).toBeUndefined();
    expect(make('Service', 'b', { spec: { type: 'ClusterIP' } })).toBeUndefined();
    expect(make('Service', 'c', { spec: { type: 'LoadBalancer' } })).toContain('services.loadbalancers');
    expect(run(state, { verb: 'delete', kind: 'ConfigMap', namespace: 'team', name: 'a' })).toBeUndefined();
    expect(make('ConfigMap', 'b')).toBeUndefined();
  });

  it('count what goes into the same commit', () => {
    const state = withQuota({ pods: 3 });
    let claims = QuotaClaims.none();
    const outcomes = ['a', 'b', 'c'].map((name) => {
      const decision = decideObjects(state, { verb: 'create', object: web(name, 2) }, claims);
      if (isRejection(decision)) return decision.rejected;
      claims = claims.with('team', decision.claim);
      return 'accepted';
    });
    expect(outcomes).toEqual(['accepted', 'QUOTA_EXCEEDED', 'QUOTA_EXCEEDED']);
  });

  it('do not count jobs that have ended, and tell watchers of it', () => {
    const state = withQuota({ pods: 2 });
    const job = object(
      'Job',
      'sum',
      { spec: { replicas: 2, completions: 2, template: { spec: { restartPolicy: 'Never', containers: [] } } } },
      'team',
    );
    run(state, { verb: 'create', object: job });
    expect(used(state)).toEqual({ pods: '2' });
    const ref = { kind: 'Job', namespace: 'team', name: 'sum', uid: 'Job-sum' };
    const counts = { replicas: 2, ready: 0, running: 0, pending: 0, succeeded: 2, failed: 0 };
    state.changes = [];
    [
      {
        type: 'PlacementDecided',
        data: {
          ...{ ref, generation: 1, epoch: 1, decision: 1, unplaced: 0, verdicts: [] },
          placements: [{ cluster: 'x', replicas: 2, completions: 2 }],
        },
        subject: 'sky.evt.scheduler',
      },
      {
        type: 'WorkObserved',
        data: { ref, cluster: 'x', generation: 1, epoch: 1, phase: 'COMPLETED', ...counts },
        subject: 'sky.obs.x',
      },
    ].forEach(({ type, data, subject }) => {
      seq += 1;
      const entry = { type, data, v: 1, at: seq, actor: 'a', corr: 'c' } as unknown as Parameters<
        typeof evolveObjects
      >[1];
      evolveObjects(state, entry, { position: positionOf(seq, 0), subject });
    });
    expect(used(state)).toEqual({ pods: '0' });
    expect(state.changes.map(({ record }) => record.kind)).toContain('ResourceQuota');
  });

  it('are never passed by, whatever is written in whatever order, and count what is there', () => {
    const steps = fc.array(
      fc.record({
        verb: fc.constantFrom('create' as const, 'update' as const, 'delete' as const),
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        replicas: fc.integer({ min: 1, max: 4 }),
        cpu: fc.constantFrom('100m', '250m', '1'),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const state = withQuota({ pods: 6, 'requests.cpu': '2' });
        const there = new Map<string, { pods: number; cpu: number }>();
        for (const { verb, name, replicas, cpu } of all) {
          const command: ObjectCommand =
            verb === 'delete'
              ? { verb, kind: 'Deployment', namespace: 'team', name, force: true }
              : { verb, object: web(name, replicas, cpu) };
          if (run(state, command) !== undefined) continue;
          if (verb === 'delete') there.delete(name);
          else there.set(name, { pods: replicas, cpu: replicas * limitOf('requests.cpu', cpu) });
        }
        const pods = [...there.values()].reduce((sum, each) => sum + each.pods, 0);
        const cpu = [...there.values()].reduce((sum, each) => sum + each.cpu, 0);
        expect(pods).toBeLessThanOrEqual(6);
        expect(cpu).toBeLessThanOrEqual(2000);
        expect(used(state)).toEqual({ pods: String(pods), 'requests.cpu': amountText('requests.cpu', cpu) });
      }),
    );
  });

  it.each([
    ['pods', '5', undefined],
    ['requests.nvidia.com/gpu', 2, undefined],
    ['count/deployments.apps', 2, undefined],
    ['persistentvolumeclaims', 2, undefined],
    ['gpus', 2, 'must be a standard resource for quota'],
    ['limits.nvidia.com/gpu', 2, 'must be a standard resource for quota'],
    ['pods', 'many', 'is not a number'],
  ])('may limit %s to %s: %s', (name, amount, problem) => {
    if (problem === undefined) expect(quotaProblem(name, amount)).toBeUndefined();
    else expect(quotaProblem(name, amount)).toContain(problem);
  });
});
