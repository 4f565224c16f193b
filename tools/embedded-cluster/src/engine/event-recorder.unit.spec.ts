import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@skyflow/contracts';
import { EventRecorder } from './event-recorder.js';

const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'team', uid: 'u' } };
const event = (message: string) => ({ type: 'Warning' as const, reason: 'BackOff', message, source: 'kubelet' });
const START = Date.parse('2026-01-01T00:00:00Z');

class Sink {
  readonly stored = new Map<string, KubeObject>();
  create = (each: KubeObject): Promise<KubeObject> => {
    this.stored.set(each.metadata.name, each);
    return Promise.resolve(each);
  };
  get = (_namespace: string, name: string): KubeObject | undefined => this.stored.get(name);
  replace = async (each: KubeObject): Promise<void> => {
    await this.create(each);
  };
  remove = (_namespace: string, name: string): Promise<void> => {
    this.stored.delete(name);
    return Promise.resolve();
  };
  get all(): KubeObject[] {
    return [...this.stored.values()];
  }
}

describe('events', () => {
  it('that are equal are one event with a count', async () => {
    const sink = new Sink();
    const recorder = new EventRecorder(sink, 10);
    for (let at = 0; at < 3; at++) await recorder.record(pod, event('again'), START + at * 1000);
    await recorder.record(pod, event('other'), START);
    expect(sink.all.map((each) => [each['message'], each['count']])).toEqual([
      ['again', 3],
      ['other', 1],
    ]);
    expect(sink.all[0]).toMatchObject({
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:02Z',
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'team', uid: 'u' },
    });
  });

  it('are dropped when there are too many, the oldest first', async () => {
    const sink = new Sink();
    const recorder = new EventRecorder(sink, 3);
    for (let at = 0; at < 10; at++) await recorder.record(pod, event(String(at)), START + at);
    expect(sink.all.map((each) => each['message'])).toEqual(['7', '8', '9']);
  });

  it('are dropped after an hour', async () => {
    const sink = new Sink();
    const recorder = new EventRecorder(sink, 100);
    await recorder.record(pod, event('old'), START);
    await recorder.record(pod, event('new'), START + 3_600_000);
    expect(sink.all.map((each) => each['message'])).toEqual(['new']);
  });
});
