import { describe, expect, it } from '@jest/globals';
import { timestamp } from '../model/object-facts.js';
import type { Pod } from '../model/pod.js';
import { VIRTUAL_DEFAULTS } from './virtual-behaviour.js';
import { virtualStep } from './virtual-step.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const ADDRESSES = { hostIP: '10.0.0.2', podIP: '10.244.0.2' };
const SETTINGS = { defaults: VIRTUAL_DEFAULTS, backoff: { baseMs: 10_000, maxMs: 300_000 } };

const pod = (annotations: Record<string, string>, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    uid: 'u',
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [`embedded.skyflow.io/${key}`, value]),
    ),
  },
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], ...spec },
});

/** Lives a pod until nothing is to come, or a time. Returns what was seen of its phase and container state, with seconds. */
function live(start: Pod, untilS: number): { pod: Pod; seen: string[] } {
  let current = start;
  let nowMs = START;
  const seen: string[] = [];
  while (nowMs <= START + untilS * 1000) {
    const { status, againAtMs } = virtualStep(current, ADDRESSES, nowMs, SETTINGS);
    if (status !== undefined) current = { ...current, status };
    const state = current.status?.containerStatuses?.[0]?.state;
    const what = state?.waiting?.reason ?? (state?.running === undefined ? state?.terminated?.reason : 'Running');
    const line = `${(nowMs - START) / 1000}s ${current.status?.phase} ${what}`;
    if (seen.at(-1)?.split(' ').slice(1).join(' ') !== line.split(' ').slice(1).join(' ')) seen.push(line);
    if (againAtMs === undefined) break;
    expect(againAtMs).toBeGreaterThan(nowMs);
    nowMs = againAtMs;
  }
  return { pod: current, seen };
}

describe('a virtual pod', () => {
  it('starts after its delay and runs for ever where it is to', () => {
    expect(live(pod({}), 100).seen).toEqual(['0s Pending ContainerCreating', '0.5s Running Running']);
  });

  it('runs to completion where it is to', () => {
    const { seen } = live(pod({ 'run-seconds': '7' }, { restartPolicy: 'Never' }), 100);
    expect(seen).toEqual(['0s Pending ContainerCreating', '0.5s Running Running', '7.5s Succeeded Completed']);
  });

  it('ends with the exit code asked for', () => {
    const { pod: after } = live(pod({ 'exit-code': '3', 'run-seconds': '1' }, { restartPolicy: 'Never' }), 100);
    expect(after.status?.phase).toBe('Failed');
    expect(after.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  });

  it('crashes in a loop with growing waits', () => {
    const { pod: after, seen } = live(pod({ 'exit-code': '1', 'run-seconds': '1' }), 120);
    expect(seen.filter((line) => line.endsWith('CrashLoopBackOff')).length).toBeGreaterThanOrEqual(3);
    const status = after.status?.containerStatuses?.[0];
    expect(status?.restartCount).toBeGreaterThanOrEqual(3);
    expect(status?.lastState.terminated?.exitCode).toBe(1);
    expect(after.status?.phase).toBe('Running');
  });

  it('never starts when it is told that it is stuck', () => {
    const { pod: after } = live(pod({ stuck: 'ImagePullBackOff' }), 100);
    expect(after.status?.containerStatuses?.[0]?.state.waiting?.reason).toBe('ImagePullBackOff');
  });

  it('is ready only after its ready delay', () => {
    const start = pod({ 'ready-delay-seconds': '5' });
    const ready = (each: Pod): string | undefined =>
      each.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    expect(ready(live(start, 2).pod)).toBe('False');
    expect(ready(live(start, 60).pod)).toBe('True');
  });

  it('fails when its own deadline is over', () => {
    const { pod: after } = live(pod({}, { activeDeadlineSeconds: 10 }), 100);
    expect(after.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
  });

  it('stops after its stop delay, never later than its grace period', () => {
    const running = live(pod({ 'stop-delay-seconds': '60' }), 10).pod;
    const deleted: Pod = {
      ...running,
      metadata: {
        ...running.metadata,
        deletionGracePeriodSeconds: 5,
        deletionTimestamp: timestamp(START + 25_000),
      },
    };
    expect(virtualStep(deleted, ADDRESSES, START + 21_000, SETTINGS)).toEqual({ againAtMs: START + 25_000 });
    expect(virtualStep(deleted, ADDRESSES, START + 25_000, SETTINGS).stopped).toBe(true);
  });
});
