/**
 * Three scheduler processes on a real log, killed (SIGKILL) and paused (SIGSTOP, for longer than the lease lasts) at random while jobs come;
 * and the lease is taken away from whoever holds it, so that the next is active while the last still takes itself for it.
 * SKYFLOW_TEST_SEED repeats a run's dice.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import { LEASE_BUCKET } from '@skyflow/contracts';
import { type SchedulingState, initialScheduling, isWorkIssued } from '@skyflow/domain';
import { ControlPlane, type SchedulerProcess, job } from './testing/control-plane.js';
import { checkedLog, expectAllPlaced, randomOf, seedsOf } from './testing/decided-once.js';

const JOBS = 200;
const SCHEDULERS = 3;
/** Longer than a lease (5 s): the paused one wakes up and finds another active. */
const LONG_PAUSE_MS = 6_000;
const LIVES = 12;

describe('scheduler processes that are killed, paused and deprived of their lease', () => {
  let plane: ControlPlane;

  beforeEach(async () => {
    plane = await ControlPlane.start();
  });

  afterEach(() => plane.stop());

  it.each(seedsOf(1))(
    'place every job once and lose none (seed %d)',
    async (seed) => {
      const random = randomOf(seed);
      const running: SchedulerProcess[] = Array.from({ length: SCHEDULERS }, () => plane.startScheduler());
      for (const name of ['a', 'b', 'c']) await plane.addCluster(name, { cpu: 1_000_000 });
      await plane.eventually(async () => {
        const ready = (await plane.entries('ClusterHealthDecided')).filter(({ data }) => data.state === 'READY');
        expect(new Set(ready.map(({ data }) => data.cluster)).size).toBe(3);
      }, 60_000);

      let submitting = true;
      const submit = async (): Promise<void> => {
        for (let index = 0; index < JOBS; index++) {
          await plane.create(job(`job-${index}`, 1 + (index % 3), { cpu: '10m' }));
          await pause(random() * 60);
        }
        submitting = false;
      };
      const disturb = async (): Promise<void> => {
        for (let life = 0; life < LIVES && submitting; life++) {
          await pause(random() * 600);
          const at = Math.floor(random() * SCHEDULERS);
          const chance = random();
          if (chance < 0.35) {
            await running[at]?.end('SIGKILL');
            running[at] = plane.startScheduler();
          } else if (chance < 0.6) {
            running[at]?.child.kill('SIGSTOP');
            await pause(random() < 0.3 ? LONG_PAUSE_MS : random() * 1_500);
            running[at]?.child.kill('SIGCONT');
          } else {
            await freeLease(plane);
          }
        }
      };
      await Promise.all([submit(), changeOfHands(plane).then(disturb)]);

      let state: SchedulingState = initialScheduling();
      await plane.eventually(async () => {
        state = await checkedLog(plane);
        expect([state.undecided.size, isWorkIssued(state), state.workloads.size]).toEqual([0, true, JOBS]);
      }, 90_000);
      expectAllPlaced(state, JOBS);
    },
    240_000,
  );
});

/** At least one, whatever the dice say. */
async function changeOfHands(plane: ControlPlane): Promise<void> {
  await plane.eventually(async () => {
    const { length } = await plane.entries('EpochStarted');
    if (length < 2) {
      await freeLease(plane);
      await pause(500);
    }
    expect(length).toBeGreaterThan(1);
  }, 60_000);
}

/** As `nats kv del` does: whoever waits takes it at once, whoever had it learns of it when he renews it. */
async function freeLease({ connection }: ControlPlane): Promise<void> {
  const deleted = headers();
  deleted.set('KV-Operation', 'DEL');
  connection.publish(`$KV.${LEASE_BUCKET}.scheduler`, '', { headers: deleted });
  await connection.flush();
}
