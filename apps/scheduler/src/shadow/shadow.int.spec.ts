/** A shadow beside a scheduler that decides, on a real nats-server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decisionSubject, shadowReportSchema, shadowReportSubject, type ShadowReport } from '@skyflow/contracts';
import { agentFold, objectsFold, schedulingStateFold } from '@skyflow/domain';
import { type StoredCommit, SubjectWriter, foldCheckpoint, foldingOf, purgeLog } from '@skyflow/event-log';
import { rawEntry } from '@skyflow/event-log/testing';
import { ControlPlane, job, storedObject } from '../testing/control-plane.js';

describe('a shadow scheduler', () => {
  let plane: ControlPlane;

  beforeEach(async () => {
    plane = await ControlPlane.start();
  });

  afterEach(() => plane.stop());

  const report = async (): Promise<ShadowReport> =>
    shadowReportSchema.parse((await plane.connection.request(shadowReportSubject(), '', { timeout: 5_000 })).json());

  it('decides again what is decided, says where it differs, and writes nothing', async () => {
    const active = plane.startScheduler();
    await plane.addCluster('a', { cpu: 1930 });
    await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(1));
    const shadow = plane.startScheduler({ SKYFLOW_SCHEDULER_SHADOW: 'true' });
    for (let index = 0; index < 5; index++) await plane.create(job(`job-${index}`, 1, { cpu: '500m' }));
    await plane.eventually(async () =>
      expect(await report()).toMatchObject({ decisions: 5, differences: 0, newest: [], seq: await plane.log.head() }),
    );
    expect(await active.end('SIGTERM')).toBe(0);

    const head = await plane.log.head();
    const other = new SubjectWriter({ log: plane.log, subject: decisionSubject('scheduler'), writer: 'other/1' });
    const decided = (await plane.entries('PlacementDecided'))[0]!.data;
    await plane.create(job('odd', 1, { cpu: '10m' }));
    const basis = 10_000 * (await plane.log.head());
    const ref = { ...decided.ref, name: 'odd', uid: 'uid-odd' };
    await other.append([
      rawEntry('PlacementDecided', { ...decided, ref, basis, placements: [{ cluster: 'z', replicas: 1 }] }),
    ]);
    await plane.eventually(async () => {
      const { differences, newest } = await report();
      expect(differences).toBe(1);
      expect(newest[0]).toMatchObject({
        recorded: { ref },
        difference: { path: 'placements[0].cluster', recorded: 'z', decided: 'a' },
      });
    });
    expect(await plane.log.head()).toBe(head + 2);
    expect(shadow.output).toContain('would have decided otherwise');
    expect(await shadow.end('SIGTERM')).toBe(0);
    expect((await plane.commits()).some(({ commit }) => commit.writer.includes(String(shadow.child.pid)))).toBe(false);
  }, 60_000);

  it('goes on from the checkpoint of a purged log, says from where it compares, and takes another configuration there, too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skyflow-shadow-'));
    try {
      const active = plane.startScheduler();
      await plane.addCluster('a', { cpu: 1930 });
      await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(1));
      for (let index = 0; index < 3; index++) await plane.create(job(`job-${index}`, 1, { cpu: '500m' }));
      await plane.eventually(async () => expect(await plane.entries('WorkAssigned')).toHaveLength(3));
      const beginning = await purged(plane);
      const shadow = plane.startScheduler({ SKYFLOW_SCHEDULER_SHADOW: 'true' });
      await plane.eventually(async () => expect(await report()).toMatchObject({ from: beginning + 1, decisions: 0 }));
      await plane.create(job('later', 1, { cpu: '100m' }), job('too-much', 1, { cpu: '500m' }));
      await plane.eventually(async () =>
        expect(await report()).toMatchObject({ from: beginning + 1, decisions: 2, differences: 0 }),
      );
      expect(shadow.output).toContain(`"from":${beginning + 1},"msg":"older history was purged`);
      expect(await shadow.end('SIGTERM')).toBe(0);

      const taint = { key: 'upkeep', effect: 'NoSchedule' };
      const cluster = storedObject('Cluster', 'a', { manager: 'k8', taints: [taint] });
      await writeFile(join(folder, 'tainted.json'), JSON.stringify(cluster));
      const SKYFLOW_SCHEDULER_SHADOW_WITH = join(folder, 'tainted.json');
      const other = plane.startScheduler({ SKYFLOW_SCHEDULER_SHADOW: 'true', SKYFLOW_SCHEDULER_SHADOW_WITH });
      await plane.eventually(async () => {
        const { newest } = await report();
        expect(
          newest.map(({ decided, recorded: { ref } }) => ({ ref, placements: decided?.placements })),
        ).toContainEqual({ ref: expect.objectContaining({ name: 'later' }), placements: [] });
      });
      expect(await other.end('SIGTERM')).toBe(0);
      expect(await active.end('SIGTERM')).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);

  it('decides with another configuration when it is given one, and refuses what is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skyflow-shadow-'));
    const written = async (name: string, value: unknown): Promise<string> => {
      await writeFile(join(folder, name), JSON.stringify(value));
      return join(folder, name);
    };
    const policy = {
      apiVersion: 'skyflow.io/v1',
      kind: 'PlacementPolicy',
      metadata: { name: 'only-b', namespace: 'default' },
      spec: { workloadSelector: {}, clusters: ['b'] },
    };
    try {
      const active = plane.startScheduler();
      await plane.addCluster('a', { cpu: 1930 });
      await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(1));
      await plane.create(job('one', 1, { cpu: '500m' }));
      const file = await written('other.json', { items: [policy] });
      const shadow = plane.startScheduler({
        SKYFLOW_SCHEDULER_SHADOW: 'true',
        SKYFLOW_SCHEDULER_SHADOW_WITH: file,
      });
      await plane.eventually(async () => {
        const { by, differences, newest } = await report();
        expect({ by: by.replace(/^\S+ /, ''), differences }).toEqual({
          by: `with 1 objects of ${file}`,
          differences: 1,
        });
        expect(newest[0]).toMatchObject({ recorded: { ref: { name: 'one' } }, decided: { placements: [] } });
      });
      expect(await shadow.end('SIGTERM')).toBe(0);
      expect(await active.end('SIGTERM')).toBe(0);
      const wrong = plane.startScheduler({
        SKYFLOW_SCHEDULER_SHADOW: 'true',
        SKYFLOW_SCHEDULER_SHADOW_WITH: await written('wrong.json', { ...policy, kind: 'Job' }),
      });
      await plane.eventually(() => expect(wrong.output).toContain('Job only-b is no configuration of a scheduler'));
      await wrong.end('SIGTERM');
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);
});

/** Takes out all history that there is. @returns the commit that the log begins with */
async function purged({ connection, log }: ControlPlane): Promise<number> {
  const stored = async function* (): AsyncGenerator<StoredCommit> {
    for await (const { seq, subject, storedAt, bytes } of log.read({ keepBytes: true }))
      yield { seq, subject, storedAt, data: Buffer.from(bytes ?? []).toString('utf8') };
  };
  const folded = await foldCheckpoint(stored(), {
    whole: [foldingOf(schedulingStateFold), foldingOf(objectsFold)],
    ofCluster: (cluster) => foldingOf(agentFold, cluster),
  });
  if (folded === undefined) throw new Error('there is nothing to purge');
  await purgeLog({ connection, archive: 'nowhere', kept: [], ...folded });
  return folded.seq;
}
