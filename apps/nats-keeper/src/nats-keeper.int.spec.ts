/** Three nats-servers, a gateway and the keeper, as processes: who is let in where, while nodes stand still and keys are replaced. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsConnection, nkeys } from '@nats-io/transport-node';
import { setTimeout as pause } from 'node:timers/promises';
import { KeptNodes } from './testing/kept-nodes.js';

const NODES = [0, 1, 2];
const CLUSTER = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name: 'east' }, spec: { manager: 'k8' } };

describe('the keeper of three nodes', () => {
  let nodes: KeptNodes;
  beforeAll(async () => {
    nodes = await KeptNodes.start();
  }, 120_000);
  afterAll(() => nodes.stop());

  /** Resolves with what `read` gives once it gives something. */
  const until = async <T>(what: string, read: () => Promise<T>): Promise<T> => {
    const deadline = performance.now() + 60_000;
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (performance.now() > deadline)
          throw new Error(`${what}: ${String(error)}\n${nodes.lastWords}`, { cause: error });
        await pause(100);
      }
    }
  };
  const refused = (what: string, connecting: () => Promise<NatsConnection>): Promise<void> =>
    until(`${what} is refused`, () => expect(connecting()).rejects.toThrow(/authorization/i));

  it('lets an agent in at every node, also at one that stood still then, and out when its token is deleted', async () => {
    const created = await until('the gateway takes a cluster', async () => {
      const answer = await nodes.api('POST', '/apis/skyflow.io/v1/clusters', CLUSTER);
      if (answer.status !== 201) throw new Error(await answer.text());
      return answer;
    });
    expect(created.status).toBe(201);
    nodes.children.get('node-2')?.kill('SIGSTOP');
    const { joinToken } = await until('a join token', async () => {
      const answer = await nodes.api('POST', '/auth/joins', { cluster: 'east' });
      if (!answer.ok) throw new Error(await answer.text());
      return (await answer.json()) as { joinToken: string };
    });
    const agent = nkeys.createUser();
    const enrolled = await nodes.api('POST', '/auth/enrol', { joinToken, natsKey: agent.getPublicKey() }, '');
    expect(enrolled.status).toBe(201);
    for (const node of [0, 1]) await until(`node ${node} lets it in`, () => nodes.connectAgent(node, agent.getSeed()));
    nodes.children.get('node-2')?.kill('SIGCONT');
    const connection = await until('node 2 lets it in', () => nodes.connectAgent(2, agent.getSeed()));
    // Its account has its imports at that node too: a gateway answers.
    await until('a gateway answers it', () =>
      connection.request('sky.reader.east', JSON.stringify({ slot: 0, from: 1 }), { timeout: 1_000 }),
    );

    const token = await nodes.agentToken('east');
    expect((await nodes.api('DELETE', `/apis/skyflow.io/v1/tokens/${token}`)).ok).toBe(true);
    for (const node of NODES)
      await refused(`the agent at node ${node}`, () => nodes.connectAgent(node, agent.getSeed()));
  }, 180_000);

  it('replaces the keys of all services while they are connected', async () => {
    const before = nodes.seed('scheduler');
    const connection = await nodes.connect('scheduler');
    const statuses: string[] = [];
    void (async () => {
      for await (const { type } of connection.status()) statuses.push(type);
    })();
    nodes.children.get('keeper')?.kill('SIGUSR2');
    for (const node of NODES)
      await refused(`the old key at node ${node}`, () => nodes.connect('scheduler', node, before));
    await until('the service is back with its new key', () =>
      connection.request('$JS.API.INFO', '', { timeout: 1_000 }),
    );
    expect(statuses).toContain('reconnect');
    for (const node of NODES) await until(`node ${node} takes the new key`, () => nodes.connect('scheduler', node));
  }, 180_000);

  it('has every node show a renewed certificate, and nobody is cut off by that', async () => {
    const connection = await nodes.connect('scheduler');
    const statuses: string[] = [];
    void (async () => {
      for await (const { type } of connection.status()) statuses.push(type);
    })();
    const renewed = nodes.renewCertificate();
    for (const node of NODES)
      await until(`node ${node} shows it`, async () => expect(await nodes.shownBy(node)).toBe(renewed));
    await connection.flush();
    expect(statuses).toEqual([]);
  }, 180_000);
});
