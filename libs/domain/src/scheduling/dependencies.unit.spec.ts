import { describe, expect, it } from '@jest/globals';
import { dependencyKeysOf, fingerprintOf } from './dependencies.js';
import { History, node, object, priorityClass, workload } from './testing/history.js';

describe('what a pod template refers to', () => {
  it('is found in volumes, projections, env, envFrom and pull secrets, once each and sorted', () => {
    const podSpec = {
      volumes: [
        { configMap: { name: 'files' } },
        { secret: { secretName: 'keys' } },
        {
          projected: {
            sources: [{ configMap: { name: 'projected' } }, { secret: { name: 'token' } }, { downwardAPI: {} }],
          },
        },
        { emptyDir: {} },
      ],
      containers: [
        {
          name: 'main',
          envFrom: [{ configMapRef: { name: 'env' } }, { secretRef: { name: 'keys' } }],
          env: [
            { name: 'A', value: 'plain' },
            { name: 'B', valueFrom: { configMapKeyRef: { name: 'one', key: 'k' } } },
            { name: 'C', valueFrom: { secretKeyRef: { name: 'two', key: 'k' } } },
          ],
        },
      ],
      initContainers: [{ name: 'init', envFrom: [{ configMapRef: { name: 'init' } }] }],
      imagePullSecrets: [{ name: 'pull' }],
    };
    expect(dependencyKeysOf(workload('job', { namespace: 'team', podSpec }))).toEqual([
      'ConfigMap/team/env',
      'ConfigMap/team/files',
      'ConfigMap/team/init',
      'ConfigMap/team/one',
      'ConfigMap/team/projected',
      'Secret/team/keys',
      'Secret/team/pull',
      'Secret/team/token',
      'Secret/team/two',
    ]);
  });

  it('is nothing for a template without references, and for an object without a template', () => {
    expect(dependencyKeysOf(workload('job'))).toEqual([]);
    expect(dependencyKeysOf(object('Job', 'job', null))).toEqual([]);
    expect(dependencyKeysOf(workload('job', { podSpec: { volumes: 'none' } }))).toEqual([]);
  });
});

describe('the fingerprint of dependencies', () => {
  const map = (data: object) => ({ ...object('ConfigMap', 'settings'), data });

  it('does not depend on the order of keys, and differs when anything does', () => {
    expect(fingerprintOf([map({ a: '1', b: '2' })])).toBe(fingerprintOf([map({ b: '2', a: '1' })]));
    expect(fingerprintOf([map({ a: '1' })])).not.toBe(fingerprintOf([map({ a: '2' })]));
    expect(fingerprintOf([map({ a: '1' })])).not.toBe(fingerprintOf([map({ a: '1' }), map({})]));
    expect(fingerprintOf([])).toBe('');
  });
});

describe('a priority class', () => {
  const ran = (history: History) => history.entriesOf('WorkAssigned').at(-1)?.dependencies ?? [];

  it('travels with the work that names it, and those that every cluster has do not', () => {
    const system = workload('critical', { podSpec: { priorityClassName: 'system-cluster-critical' } });
    expect(dependencyKeysOf(system)).toEqual([]);
    const history = new History();
    history.startEpoch();
    history.cluster('a', [node('a-1', { cpu: 2000 })]);
    history.create(priorityClass('urgent', 100), workload('vip', { priority: 'urgent' }));
    history.schedule();
    expect(ran(history)).toMatchObject([{ kind: 'PriorityClass', metadata: { name: 'urgent' }, value: 100 }]);
  });

  it('that is deleted stays with what runs, whose pods would be made anew without it', () => {
    const history = new History();
    history.startEpoch();
    history.cluster('a', [node('a-1', { cpu: 2000 })]);
    const urgent = priorityClass('urgent', 100);
    history.create(urgent, workload('vip', { priority: 'urgent' }));
    history.schedule();
    const before = history.log.length;
    history.delete(urgent);
    history.schedule();
    expect(history.log.length).toBe(before + 1);
    expect(history.state.unissued.size).toBe(0);
  });
});
