import { describe, expect, it } from '@jest/globals';
import type { ContainerStatus, Pod } from '../model/pod.js';
import { duration, jobCompletions, podReady, podStatusText, selectorText } from './cells.js';

const container = (state: ContainerStatus['state'], ready = false): ContainerStatus => ({
  name: 'c',
  image: '',
  imageID: '',
  ready,
  restartCount: 0,
  state,
  lastState: {},
});
const pod = (status: Pod['status'], deleting = false): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
  spec: { containers: [{ name: 'c' }] },
  ...(status === undefined ? {} : { status }),
});
const running = container({ running: { startedAt: '2026-01-01T00:00:00Z' } }, true);

describe('what kubectl prints', () => {
  it('of the status of a pod is what needs attention most', () => {
    const terminated = (reason: string, exitCode: number) => container({ terminated: { exitCode, reason } });
    const cases: [Pod, string][] = [
      [pod({ phase: 'Pending' }), 'Pending'],
      [pod({ phase: 'Running', containerStatuses: [running] }), 'Running'],
      [pod({ phase: 'Running', containerStatuses: [running] }, true), 'Terminating'],
      [
        pod({ phase: 'Pending', containerStatuses: [container({ waiting: { reason: 'ErrImagePull' } })] }),
        'ErrImagePull',
      ],
      [pod({ phase: 'Succeeded', containerStatuses: [terminated('Completed', 0)] }), 'Completed'],
      [pod({ phase: 'Failed', containerStatuses: [terminated('Error', 1)] }), 'Error'],
      [pod({ phase: 'Failed', reason: 'DeadlineExceeded' }), 'DeadlineExceeded'],
    ];
    for (const [each, text] of cases) expect(podStatusText(each)).toBe(text);
  });

  it('of readiness counts containers', () => {
    expect(podReady(pod({ phase: 'Running', containerStatuses: [running] }))).toBe('1/1');
    expect(podReady(pod(undefined))).toBe('0/1');
  });

  it('of durations is short', () => {
    const seconds = [5, 119, 120, 605, 3 * 3600 + 60, 50 * 3600, 400 * 86_400].map((each) => duration(each * 1000));
    expect(seconds).toEqual(['5s', '119s', '2m', '10m', '3h1m', '2d2h', '400d']);
  });

  it('of selectors and completions is as upstream writes it', () => {
    expect(
      selectorText({ matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'In', values: ['d', 'e'] }] }),
    ).toBe('a=b,c in (d,e)');
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' } };
    const template = { spec: { containers: [] } };
    expect(jobCompletions({ ...job, spec: { completions: 3, template }, status: { succeeded: 1 } })).toBe('1/3');
    expect(jobCompletions({ ...job, spec: { parallelism: 2, template } })).toBe('0/1 of 2');
  });
});
