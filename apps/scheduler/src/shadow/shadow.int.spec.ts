/** A shadow beside a scheduler that decides, on a real nats-server. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decisionSubject, shadowReportSchema, shadowReportSubject, type ShadowReport } from '@skyflow/contracts';
import { SubjectWriter } from '@skyflow/event-log';
import { rawEntry } from '@skyflow/event-log/testing';
import { ControlPlane, job } from '../testing/control-plane.js';

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
});
