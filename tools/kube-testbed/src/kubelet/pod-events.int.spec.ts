import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedCredentials, KubeClient, type KubeObject } from '@skyflow/kube-client';
import { FakeKubeApi } from '@skyflow/kube-client/testing';
import { PodEvents } from './pod-events.js';

const api = new FakeKubeApi();
const pod: KubeObject = { kind: 'Pod', metadata: { name: 'web', namespace: 'team', uid: 'u', resourceVersion: '7' } };
const failed = { type: 'Warning', reason: 'Failed', message: 'Error: configmap "a" not found', source: 'kubelet' };
let client: KubeClient;

beforeAll(async () => {
  await api.start();
  const credentials = fixedCredentials({});
  client = new KubeClient({ server: new URL(api.url), skipTlsVerify: false, credentials });
});
afterAll(async () => {
  client.close();
  await api.stop();
});

const counts = async (): Promise<unknown[]> => {
  const path = '/api/v1/namespaces/team/events';
  const { items } = await client.request<{ items: KubeObject[] }>(path);
  return items.map(({ message, count }) => [message, count]);
};

describe('events of pods', () => {
  it('that say the same are one with a count, until the API has dropped it', async () => {
    const events = new PodEvents(client);
    await events.tell(pod, failed);
    await events.tell(pod, failed);
    await events.tell(pod, { ...failed, message: 'Error: another' });
    expect(await counts()).toEqual([
      [failed.message, 2],
      ['Error: another', 1],
    ]);
    api.refuse(/PATCH/, 404, 'NotFound', 'not found', 1);
    await events.tell(pod, failed);
    await events.tell(pod, failed);
    expect(await counts()).toContainEqual([failed.message, 1]);
  });
});
