/** Probes on nodes, from the Secret that tells them what to do up to what the log says: the programs as they are, one node after the other. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueCertificate } from '@skyflow/certificates';
import { type EntryData, gatewayIdentity } from '@skyflow/contracts';
import { type KubeObject, resources } from '@skyflow/kube-client';
import getPort from 'get-port';
import { GatewayClient } from './mesh/gateway/gateway-client.js';
import {
  startOneCluster,
  startProgram,
  until,
  webService,
  type TestAgent,
  type TestBed,
  type TestCluster,
  type WorkWriter,
} from './testing/test-bed.spec.js';

const SECRET = { namespace: 'default', name: 'probes' };
const WEB = webService('LoadBalancer');
const LONG_MS = 60_000;

let bed: TestBed;
let cluster: TestCluster;
let work: WorkWriter;
const running: TestAgent[] = [];

beforeAll(async () => {
  ({ bed, cluster, work } = await startOneCluster());
}, 180_000);
afterAll(async () => {
  // A gateway would outlive an agent that is killed.
  await Promise.all(running.map((each) => each.kill('SIGTERM')));
  await bed.stop();
}, 60_000);

const observed = async <T extends 'GatewayObserved' | 'ReachObserved'>(type: T): Promise<EntryData<T> | undefined> =>
  (await bed.observed('onprem')).findLast((entry) => entry.type === type)?.data as EntryData<T> | undefined;

describe('probes on nodes', () => {
  let far: { authority: string; inside: string; control: string };

  /** The gateway of another cluster. */
  const startFar = async (peerAuthorities: string[]): Promise<void> => {
    const life = { lifeMs: 86_400_000, nowMs: Date.now() };
    const authority = issueCertificate({ subject: { commonName: 'mesh of far' }, use: 'authority', ...life });
    const uris = [gatewayIdentity('far')];
    const identity = issueCertificate({ subject: { commonName: 'far' }, uris, use: 'peer', ...life }, authority);
    const inside = `127.0.0.1:${await getPort({ host: '127.0.0.1' })}`;
    const control = join(bed.directory, 'far.sock');
    running.push(
      startProgram('apps/mesh-gateway/dist/main.js', {
        ...{ SKYFLOW_GATEWAY_CONTROL: control, SKYFLOW_GATEWAY_LISTEN: inside, SKYFLOW_HEALTH_PORT: '0' },
      }),
    );
    const client = new GatewayClient(control);
    await until('the far gateway answers', () => client.status().then(Boolean, () => false), LONG_MS);
    const peers = [{ cluster: 'onprem', authorities: peerAuthorities, addresses: [] }];
    await client.configure({ cluster: 'far', identity, peers, listeners: [], exports: [] });
    far = { authority: authority.certificate, inside, control };
  };

  it('are told by a Secret, and the log hears what all nodes found', async () => {
    const { namespace, name } = SECRET;
    running.push(bed.agent('onprem', { SKYFLOW_NODE_PROBE_SECRET: `${namespace}/${name}` }));
    await work.append('ServiceAssigned', { epoch: 1, object: WEB, primary: true });
    const { authorities } = await until('the gateway is known', () => observed('GatewayObserved'), LONG_MS);
    await startFar(authorities);
    const { authority, inside } = far;
    await work.append('PeersAssigned', {
      epoch: 1,
      peers: [{ cluster: 'far', authorities: [authority], addresses: [inside], inside }],
    });

    const told = await until(
      'the Secret is there',
      async () => {
        const secret = await cluster.client.find<KubeObject & { data?: Record<string, string> }>(
          { ...resources.services, plural: 'secrets', kind: 'Secret' },
          SECRET,
        );
        return secret?.data?.['probe.json'];
      },
      LONG_MS,
    );
    const file = join(bed.directory, 'probe.json');
    await writeFile(file, Buffer.from(told, 'base64'));

    const { items: nodes } = await cluster.client.list<KubeObject>(resources.nodes);
    const names = nodes.map(({ metadata }) => metadata.name).sort();
    const before = await until(
      'the log says that nodes have not tried',
      async () => (await observed('ReachObserved'))?.nodes,
      LONG_MS,
    );
    expect(before).not.toHaveProperty('ok');
    expect(before.message).toContain(`nodes have not tried: ${names[0] ?? ''}`);
    for (const node of names) {
      running.push(
        startProgram('apps/mesh-gateway/dist/node-probe.js', {
          ...{ SKYFLOW_NODE_PROBE_FILE: file, SKYFLOW_NODE_NAME: node, SKYFLOW_HEALTH_PORT: '0' },
        }),
      );
    }
    // What a busy machine has not answered in time is tried again.
    const after = await until(
      'the log says that all nodes reached it',
      async () => {
        const reached = await observed('ReachObserved');
        return reached?.ok === true && reached.nodes?.ok === true ? reached : undefined;
      },
      2 * LONG_MS,
    );
    expect(after.nodes?.message).toBe(`${names.length} of ${names.length} nodes: ${inside} answered with 64 KiB`);
  }, 240_000);
});
