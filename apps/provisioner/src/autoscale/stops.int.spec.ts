import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { type Heartbeat, heartbeatSubject } from '@skyflow/contracts';
import {
  type ProvisionedCluster,
  type ProvisioningDraft,
  type ProvisioningState,
  decideSteps,
  evolveProvisioning,
  initialProvisioning,
} from '@skyflow/domain';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { AgentsHeard } from './agents-heard.js';
import { Stops } from './stops.js';

const REF = { kind: 'Cluster', name: 'night', uid: 'u-1' };
const NO_ANSWER = new Error('connect ECONNREFUSED');

/** An active cluster on demand that is idle for a second before it goes; as the log would have it. */
function activeCluster(): ProvisionedCluster {
  const state: ProvisioningState = initialProvisioning();
  let position = 0;
  const fold = (type: string, data: object, subject: string): void => {
    const entry = { type, v: 1, at: 1_000, actor: 'test', corr: 'c', data } as never;
    evolveProvisioning(state, entry, { position: ++position, subject });
  };
  const cloud = {
    provider: 'aws',
    nodes: 1,
    cpus: 2,
    memoryGiB: 4,
    autoscale: { minNodes: 0, maxNodes: 1, scaleDownAfterSeconds: 1 },
  };
  const metadata = { name: REF.name, uid: REF.uid, creationTimestamp: '' };
  const object = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata, spec: { provision: { cloud } } };
  fold('ObjectCreated', { object }, 'sky.cmd.0');
  const cluster = (): ProvisionedCluster => {
    const found = state.clusters.get(REF.uid);
    if (found === undefined) throw new Error('no cluster');
    return found;
  };
  const tell = (drafts: readonly ProvisioningDraft[]): void => {
    for (const { type, data } of drafts) fold(type, data, 'sky.evt.provisioner');
  };
  const machines = [{ name: 'm-0', driver: 'aws' as const, roles: ['etcd' as const] }];
  const planned = {
    type: 'Planned',
    attempt: 0,
    driver: 'k3s',
    machines,
    podCidr: '10.42.0.0/16',
    serviceCidr: '10.43.0.0/16',
  } as const;
  tell(decideSteps(cluster(), [{ step: planned }], 0, 1_000));
  const intended = { type: 'CreateIntended', driver: 'aws', token: 't', roles: ['etcd'] } as const;
  const prepared = { type: 'Prepared', address: '10.0.0.1', hostKey: 'k', facts: {} } as const;
  const active = { type: 'Activated', kubernetesVersion: 'v1', nodes: 1, configSha256: 'c' } as const;
  tell(
    decideSteps(
      cluster(),
      [
        { machine: 'm-0', step: { ...intended, roles: [...intended.roles] } },
        { machine: 'm-0', step: prepared },
        { step: active },
      ],
      0,
      1_000,
    ),
  );
  return cluster();
}

describe('autostop', () => {
  let nats: NatsFixture;
  let connection: NatsConnection;
  beforeAll(async () => {
    nats = await startNatsFixture();
    connection = await connect({ servers: nats.url });
  });
  afterAll(async () => {
    await connection.close();
    await nats.stop();
  });

  const beat = async (more: Partial<Heartbeat>): Promise<void> => {
    const heartbeat = {
      cluster: REF.name,
      uid: REF.uid,
      instance: 'i',
      at: 100_000,
      reachable: true,
      workSeq: 0,
      ...more,
    };
    connection.publish(heartbeatSubject(REF.name), JSON.stringify(heartbeat));
    await connection.flush();
  };

  it('hears of its agent since when nothing runs, by the clock of here', async () => {
    using agents = new AgentsHeard(connection);
    const nowMs = Date.now();
    expect(agents.of(REF, nowMs)).toBeUndefined();
    await beat({ idleSince: 40_000 });
    const { idleSinceMs = 0 } = agents.of(REF, nowMs) ?? {};
    expect(Math.abs(nowMs - 60_000 - idleSinceMs)).toBeLessThan(5_000);
    expect(agents.of({ ...REF, uid: 'another' }, nowMs)).toBeUndefined();
    expect(agents.of(REF, nowMs + 60_000)).toBeUndefined();
    await beat({});
    const { heardSinceMs = 0, ...rest } = agents.of(REF, Date.now()) ?? {};
    expect(rest).toEqual({ idleSinceMs: undefined });
    expect(Math.abs(nowMs - heardSinceMs)).toBeLessThan(5_000);
    await beat({ reachable: false });
    expect(agents.of(REF, Date.now())).toBeUndefined();
  });

  it('is asked for by the agent, and supervised from outside where neither agent nor API answers', async () => {
    using agents = new AgentsHeard(connection);
    const cluster = activeCluster();
    let replicas = 0;
    const scheduler = { placedWith: () => Promise.resolve(0), replicasOn: () => Promise.resolve(replicas) };
    const stops = new Stops(scheduler, agents);
    const idle = { nodes: [], isIdle: true };
    stops.note(cluster, { nodes: [], isIdle: false });
    await beat({ idleSince: 10_000 });
    expect(await stops.due(cluster, idle, 0)).toBeUndefined();
    stops.note(cluster, idle);
    expect(await stops.due(cluster, idle, 0)).toMatchObject({
      reason: 'nothing has run on it for 1 s, as its agent says',
    });
    replicas = 2;
    expect(await stops.due(cluster, idle, 0)).toBeUndefined();
    expect(await stops.verdict(cluster, idle, 0)).toMatchObject({ type: 'StopAbandoned' });

    // Its API is away, for its agent too; then its agent reaches it again, and something runs.
    replicas = 0;
    stops.note(cluster, undefined);
    await beat({ reachable: false });
    let step = await stops.due(cluster, NO_ANSWER, 0);
    while (step === undefined) {
      await pause(50);
      step = await stops.due(cluster, NO_ANSWER, 0);
    }
    expect(step).toMatchObject({ reason: 'its API has not answered for 1 s, and SkyFlow has no work there' });
    expect(await stops.verdict(cluster, NO_ANSWER, 0)).toEqual({ type: 'StopConfirmed' });
    await beat({});
    expect(await stops.due(cluster, NO_ANSWER, 0)).toBeUndefined();
    expect(await stops.verdict(cluster, NO_ANSWER, 0)).toMatchObject({ type: 'StopAbandoned' });
  });
});
