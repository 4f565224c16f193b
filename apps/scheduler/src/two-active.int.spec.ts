/**
 * Two schedulers that both take themselves for the active one, on a real log: the lease is left out on purpose. They are killed,
 * stopped between deciding and appending, and told of appends that were stored as if they were not. SKYFLOW_TEST_SEED repeats a run.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { decisionSubject } from '@skyflow/contracts';
import { type SchedulingState, initialScheduling, isWorkIssued, startListening } from '@skyflow/domain';
import { JetStreamEventLog, Projection, SubjectWriter } from '@skyflow/event-log';
import { FaultyEventLog, rawEntry } from '@skyflow/event-log/testing';
import { createLogger, createMetrics } from '@skyflow/service';
import { ActiveScheduler } from './active/active-scheduler.js';
import { schedulingFold } from './fold/scheduling-fold.js';
import { schedulerMetrics } from './scheduler.metrics.js';
import { ControlPlane, job } from './testing/control-plane.js';
import { checkedLog, expectAllPlaced, randomOf, seedsOf } from './testing/decided-once.js';

const JOBS = 250;
const seeds = seedsOf(1, 2);

const meters = createMetrics('s');

/** A scheduler that decides from when it is made until it is killed, or sees that a newer one has started. */
class Life {
  readonly ended: Promise<unknown>;
  private readonly stop = new AbortController();

  private constructor(
    readonly log: FaultyEventLog,
    private readonly projection: Projection<SchedulingState>,
    private readonly writer: SubjectWriter,
    active: ActiveScheduler,
    readonly epoch: number,
  ) {
    this.ended = active.run(this.stop.signal).catch((error: unknown) => error);
  }

  static async start(connection: NatsConnection, epoch: number): Promise<Life> {
    const log = new FaultyEventLog(await JetStreamEventLog.open({ connection }));
    const projection = new Projection({ log, fold: schedulingFold });
    await projection.start();
    const writer = new SubjectWriter({
      log,
      subject: decisionSubject('scheduler'),
      writer: `s/${epoch}`,
      state: projection,
    });
    await writer.append([rawEntry('EpochStarted', { epoch, holder: `s/${epoch}` })]);
    const context = { name: 's', instance: String(epoch), logger: createLogger('s', String(epoch), 'fatal') };
    const metrics = schedulerMetrics(meters);
    const heartbeats = { heartbeats: startListening(performance.now()), onHeard: () => undefined };
    const active = new ActiveScheduler({ log, projection, writer, heartbeats, metrics, context, epoch });
    return new Life(log, projection, writer, active, epoch);
  }

  /** What it has under way may still reach the log, as with a process. */
  async kill(): Promise<void> {
    this.stop.abort();
    this.log.release();
    await this.ended;
    await this.writer.close(0);
    await this.projection.close();
    await this.log.close();
  }
}

describe('two schedulers forced active at once', () => {
  let plane: ControlPlane;

  beforeEach(async () => {
    plane = await ControlPlane.start();
  });

  afterEach(() => plane.stop());

  afterAll(() => meters.close());

  it.each(seeds)(
    'place every job once and lose none (seed %d)',
    async (seed) => {
      const random = randomOf(seed);
      const readying = new SubjectWriter({ log: plane.log, subject: decisionSubject('scheduler'), writer: 'test/1' });
      for (const name of ['a', 'b', 'c']) {
        await plane.addCluster(name, { cpu: 1_000_000 });
        const health = {
          epoch: 0,
          cluster: name,
          uid: `uid-${name}`,
          state: 'READY',
          reason: 'Test',
          message: '',
        } as const;
        await readying.append([rawEntry('ClusterHealthDecided', health)]);
      }
      let epoch = 0;
      let submitted = false;
      const submitting = (async () => {
        for (let index = 0; index < JOBS; index++) {
          await plane.create(job(`job-${index}`, 1 + (index % 3), { cpu: '10m' }));
          if (random() < 0.3) await pause(random() * 20);
        }
        submitted = true;
      })();
      const done = (): boolean => submitted;
      const living = async (): Promise<void> => {
        const connection = await connect({ servers: plane.nats.url });
        let life = await Life.start(connection, ++epoch);
        while (!done()) {
          await pause(random() * 120);
          const chance = random();
          const isOver = (await Promise.race([life.ended, pause(0, 'lives')])) !== 'lives';
          if (isOver || chance < 0.25) {
            await life.kill();
            life = await Life.start(connection, ++epoch);
          } else if (chance < 0.6) {
            life.log.hold();
            await pause(random() * 400);
            life.log.release();
          } else {
            life.log.failNext(random() < 0.5 ? 'fail' : 'lose-answer');
          }
        }
        await life.kill();
        await connection.close();
      };
      await Promise.all([submitting, living(), living()]);
      expect(epoch).toBeGreaterThan(3);

      const connection = await connect({ servers: plane.nats.url });
      const last = await Life.start(connection, ++epoch);
      let state = initialScheduling();
      await plane.eventually(async () => {
        state = await checkedLog(plane);
        expect([state.undecided.size, isWorkIssued(state)]).toEqual([0, true]);
      });
      expectAllPlaced(state, JOBS);
      await last.kill();
      await connection.close();
    },
    90_000,
  );
});
