import { describe, expect, it } from '@jest/globals';
import type { ApiObject } from '@skyflow/contracts';
import { type LoggedCommit, commitsOf, linesOf } from './commit-text.js';
import { differences } from './differences.js';

const job = (name: string, phase: string, ready: number): ApiObject => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: { name, namespace: 'n', uid: name, resourceVersion: '1', creationTimestamp: '' },
  spec: { replicas: 2 },
  status: { phase, placed: ready, replicas: 2, clusters: ready > 0 ? [{ cluster: 'a', replicas: 2, ready }] : [] },
});
describe('two moments', () => {
  it('differ by what came, went and is otherwise', () => {
    const before = [job('a', 'PENDING', 0), job('b', 'RUNNING', 2), job('c', 'RUNNING', 2)];
    const after = [job('a', 'RUNNING', 2), job('b', 'RUNNING', 2), job('d', 'PENDING', 0)];
    expect(differences('jobs', before, after)).toEqual([
      { kind: 'jobs', key: 'n/a', what: 'changed', before: 'PENDING, 2 waiting', after: 'RUNNING, a 2/2' },
      { kind: 'jobs', key: 'n/c', what: 'went', before: 'RUNNING, a 2/2', after: '' },
      { kind: 'jobs', key: 'n/d', what: 'came', before: '', after: 'PENDING, 2 waiting' },
    ]);
    expect(differences('jobs', before, before)).toEqual([]);
  });
});

describe('a commit', () => {
  it('is told with who did it, to what, and what led to it', () => {
    const logged: LoggedCommit = {
      seq: 7,
      subject: 'sky.obs.east',
      storedAt: 0,
      commit: {
        v: 1,
        id: 'c',
        prev: '',
        writer: 'w',
        entries: [
          {
            type: 'WorkObserved',
            v: 1,
            at: 0,
            actor: 'system:cluster-agent',
            corr: 'r',
            cause: 'b/0',
            data: { ref: { kind: 'Job', namespace: 'n', name: 'a' } },
          },
          { type: 'ClusterObserved', v: 1, at: 0, actor: 'system:cluster-agent', corr: 'r', data: {} },
        ],
      },
    };
    expect(linesOf(commitsOf(`${JSON.stringify(logged)}\n`)[0] ?? logged)).toEqual([
      { what: 'Work observed', about: 'Job n/a on east', actor: 'system:cluster-agent', cause: 'b/0', request: 'r' },
      { what: 'Cluster observed', about: 'on east', actor: 'system:cluster-agent', cause: '', request: 'r' },
    ]);
  });
});
