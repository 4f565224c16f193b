import { describe, expect, it } from '@jest/globals';
import { withNatsServer } from '@skyflow/nats-server/testing';
import { startGatewayFixture, until } from '../testing/gateway-fixture.js';

const CONFIG_MAPS = '/api/v1/namespaces/team/configmaps';

describe('the gateway on its own', () => {
  it('deletes a namespace larger than a commit to its end, also when it was stopped in between', async () => {
    await withNatsServer(async ({ url }) => {
      let gateway = await startGatewayFixture(url);
      await gateway.request('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'team' },
      });
      for (let list = 0; list < 5; list++) {
        const items = Array.from({ length: 1_000 }, (_, index) => ({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `c-${String(list)}-${String(index)}` },
        }));
        const created = await gateway.request('POST', CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMapList', items });
        expect(created.status).toBe(201);
      }
      const deleted = await gateway.request('DELETE', '/api/v1/namespaces/team');
      expect(deleted.status).toBe(200);
      await gateway.stop();
      gateway = await startGatewayFixture(url);
      try {
        await until('the namespace is gone', async () => {
          const { status } = await gateway.request('GET', '/api/v1/namespaces/team');
          return status === 404;
        });
        expect((await gateway.request('GET', '/api/v1/configmaps')).body.items).toEqual([]);
        expect((await gateway.request('GET', '/api/v1/namespaces/default')).status).toBe(200);
      } finally {
        await gateway.stop();
      }
    });
  });
});
