/** The active loops on a log in memory whose faults are switched. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type EntryData,
  type EntryType,
  type RawEntry,
  commandSubject,
  decisionSubject,
  observationSubject,
  workSubject,
} from '@skyflow/contracts';
import { type SchedulingState, startListening } from '@skyflow/domain';
import { MemoryEventLog, Projection, SubjectWriter } from '@skyflow/event-log';
import { FaultyEventLog, appendEntries, rawEntry } from '@skyflow/event-log/testing';
import { createLogger, createMetrics } from '@skyflow/service';
import { schedulingFold } from '../fold/scheduling-fold.js';
import { schedulerMetrics } from '../scheduler.metrics.js';
import { eventually, job, storedObject } from '../testing/control-plane.js';
import { ActiveScheduler } from './active-scheduler.js';

const DECISIONS = decisionSubject('scheduler');

/** One scheduler process without the process. */
class Instance {
  readonly faults: FaultyEventLog;
  readonly projection: Projection<SchedulingState>;
  readonly stop = new AbortController();
  ended: Promise<unknown> = Promise.resolve();

  constructor(
    log: MemoryEventLog,
    readonly epoch: number,
  ) {
    this.faults = new FaultyEventLog(log);
    this.projection = new Projection({ log: this.faults, fold: schedulingFold });
  }

  async run(): Promise<void> {
    const { projection, faults: log, epoch } = this;
    await projection.start();
    const writer = new SubjectWriter({ log, subject: DECISIONS, writer: `scheduler/${epoch}`, state: projection });
    await writer.append([rawEntry('EpochStarted', { epoch, holder: `scheduler/${epoch}` })]);
    const logger = createLogger('scheduler', String(epoch), 'fatal');
    const metrics = schedulerMetrics(createMetrics('scheduler'));
    const heartbeats = { heartbeats: startListening(performance.now()), onHeard: () => undefined };
    const context = { name: 'scheduler', instance: String(epoch), logger };
    const active = new ActiveScheduler({ log, projection, writer, heartbeats, metrics, context, epoch });
    this.ended = active.run(this.stop.signal).then(
      () => 'stopped',
      (error: unknown) => error,
    );
  }

  async end(): Promise<unknown> {
    this.stop.abort();
    const outcome = await this.ended;
    await this.projection.close();
    return outcome;
  }
}

describe('the active scheduler', () => {
  const log = new MemoryEventLog();
  const instances: Instance[] = [];
  let epoch = 0;

  const start = async (): Promise<Instance> => {
    const instance = new Instance(log, ++epoch);
    instances.push(instance);
    await instance.run();
    return instance;
  };

  const cluster = async (name: string): Promise<void> => {
    const nodes = [{ name: 'n', ready: true, allocatable: { cpu: 100_000, pods: 1000 }, requestedByOthers: {} }];
    await create(storedObject('Cluster', name, {}));
    await appendEntries(
      log,
      observationSubject(name),
      rawEntry('ClusterObserved', { kubernetesVersion: 'v1', nodes, reachable: true }),
    );
    const ready = {
      epoch,
      cluster: name,
      uid: `uid-${name}`,
      state: 'READY',
      reason: 'Test',
      message: 'by the test',
    } as const;
    await appendEntries(log, DECISIONS, rawEntry('ClusterHealthDecided', ready));
  };

  const create = async (...objects: ReturnType<typeof job>[]): Promise<void> => {
    const entries: RawEntry[] = objects.map((object) => rawEntry('ObjectCreated', { object }));
    await appendEntries(log, commandSubject(), ...entries);
  };

  const entries = async <T extends EntryType>(type: T): Promise<EntryData<T>[]> => {
    const found: EntryData<T>[] = [];
    for await (const { commit } of log.read()) {
      for (const entry of commit.entries) if (entry.type === type) found.push(entry.data as EntryData<T>);
    }
    return found;
  };

  const names = (of: readonly { object: { metadata: { name: string } } }[]): string[] =>
    of.map(({ object }) => object.metadata.name);

  afterEach(async () => {
    await Promise.all(instances.splice(0).map((instance) => instance.end()));
  });

  it('decides in one commit what came while an append was under way', async () => {
    const { faults } = await start();
    await cluster('grouped');
    await create(job('first'));
    await eventually(async () => expect(names(await entries('WorkAssigned'))).toContain('first'));
    faults.hold();
    await create(job('second'));
    await eventually(() => expect(faults.appends.length).toBeGreaterThan(3));
    for (let i = 0; i < 10; i++) await create(job(`later-${i}`));
    const before = faults.appends.length;
    faults.release();
    await eventually(async () => expect(names(await entries('WorkAssigned'))).toContain('later-9'));
    const rounds = faults.appends.slice(before).filter(({ subject }) => subject === DECISIONS);
    expect(rounds).toHaveLength(1);
    expect(rounds[0]?.draft.entries).toHaveLength(10);
  });

  it('stores everything once when appends fail or their answers are lost', async () => {
    const { faults } = await start();
    await cluster('faulty');
    faults.failNext('lose-answer', 'fail', 'lose-answer', 'fail', 'fail', 'lose-answer');
    await create(...Array.from({ length: 20 }, (_, index) => job(`faulty-${index}`)));
    await eventually(async () => {
      expect(names(await entries('WorkAssigned')).filter((name) => name.startsWith('faulty-'))).toHaveLength(20);
    });
    const decided = (await entries('PlacementDecided')).filter(({ ref }) => ref.name.startsWith('faulty-'));
    expect(decided).toHaveLength(20);
  });

  it('gives little work to two clusters at a time, so that the log has room for what is decided next', async () => {
    const { faults } = await start();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await cluster(`apart-${name}`);
    const append = faults.append.bind(faults);
    let underWay = 0;
    let most = 0;
    faults.append = async (subject, draft, expected) => {
      if (!subject.startsWith(workSubject(''))) return append(subject, draft, expected);
      most = Math.max(most, ++underWay);
      await pause(1);
      return append(subject, draft, expected).finally(() => underWay--);
    };
    const placement = { division: { type: 'Duplicated' } };
    const spec = { placement, template: { spec: { containers: [{ name: 'main', image: 'nginx' }] } } };
    await create(storedObject('Job', 'everywhere', spec, 'default'));
    await eventually(async () => {
      const issued = (await entries('WorkAssigned')).filter(({ object }) => object.metadata.name === 'everywhere');
      expect(issued.length).toBeGreaterThanOrEqual(5);
    });
    expect(most).toBe(2);
  });

  it('stands down at its next append when another has started a newer epoch, having stored nothing', async () => {
    const older = await start();
    await cluster('contested');
    older.faults.hold();
    await create(job('contested'));
    await eventually(() => expect(older.faults.appends.at(-1)?.draft.entries[0]?.type).toBe('PlacementDecided'));
    await start();
    await eventually(async () => expect(names(await entries('WorkAssigned'))).toContain('contested'));
    older.faults.release();
    expect(await older.ended).toMatchObject({ name: 'SteppedDownError' });
    const decisions = (await entries('PlacementDecided')).filter(({ ref }) => ref.name === 'contested');
    expect(decisions.map((decision) => decision.epoch)).toEqual([epoch]);
  });

  it('writes nothing while there is nothing to decide', async () => {
    const { faults } = await start();
    await cluster('idle');
    await create(job('huge', 1, { cpu: '1M' }));
    await eventually(async () => {
      expect((await entries('PlacementDecided')).some(({ ref }) => ref.name === 'huge')).toBe(true);
    });
    const before = faults.appends.length;
    await create(storedObject('ConfigMap', 'unrelated', undefined, 'default'));
    await pause(50);
    expect(faults.appends).toHaveLength(before);
  });

  it('ends without an error when it is asked to', async () => {
    const instance = await start();
    expect(await instance.end()).toBe('stopped');
  });
});
