/** The feature level of a real log: born with it, raised by an event, kept by a restore as far as its commits need it. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  FEATURES_SUBJECT,
  FEATURE_LEVEL,
  FIRST_LEVEL,
  type FeatureName,
  type RawEntry,
  decisionSubject,
  featureNames,
  features,
  observationSubject,
  workSubject,
} from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { type StoredCommit, restoreLog } from '../backup/index.js';
import { JetStreamEventLog } from '../jetstream/jetstream-event-log.js';
import { appendEntries, rawEntry } from '../testing/index.js';
import { FeatureLevelError, FeatureOffError } from './level-in-force.js';
import { readAtLevel } from './reading-level.js';

const raised: RawEntry = rawEntry('FeatureLevelRaised', { level: 2, from: 1, version: '0.2.0', heard: 3 });
const imported = rawEntry('ExportWithdrawn', { epoch: 1, namespace: 'default', name: 'web' });

const ref = { kind: 'Cluster', name: 'east', uid: 'c' };

/** What an older program cannot read of each feature; a new one has to be named here. Links are objects alone: the gateway refuses them. */
const writtenOf: Record<Exclude<FeatureName, 'LinkPlanes'>, [subject: string, entry: RawEntry]> = {
  MultiClusterServices: [workSubject('east'), imported],
  FlatPlaneProof: [
    observationSubject('east'),
    rawEntry('ReachObserved', { peer: 'west', ok: true, message: 'answered' }),
  ],
  ClusterLifecycle: [
    decisionSubject('provisioner'),
    rawEntry('ProvisioningAdvanced', { epoch: 1, ref, step: { type: 'Stopped', reason: 'idle' } }),
  ],
};

describe('the feature level of a log', () => {
  let nats: NatsFixture;
  let connection: NatsConnection;

  beforeEach(async () => {
    nats = await startNatsFixture({ syncAlways: false });
    connection = await connect({ servers: nats.url });
  });
  afterEach(async () => {
    readAtLevel({ version: 'test' });
    await connection.close();
    await nats.stop();
  });

  const openAt = (level: number): Promise<JetStreamEventLog> => {
    readAtLevel({ level, version: '0.1.0' });
    return JetStreamEventLog.open({ connection });
  };
  async function* storedIn(log: JetStreamEventLog): AsyncGenerator<StoredCommit> {
    for await (const { seq, subject, storedAt, bytes } of log.read({ keepBytes: true }))
      yield { seq, subject, storedAt, data: Buffer.from(bytes ?? []).toString('utf8') };
  }

  it('is that of the program that made it, and an older one does not start on it', async () => {
    expect(await (await openAt(FEATURE_LEVEL)).featureLevel()).toBe(FEATURE_LEVEL);
    const older = openAt(FIRST_LEVEL);
    await expect(older).rejects.toThrow(FeatureLevelError);
    await expect(older).rejects.toThrow(
      /version 0\.1\.0 reads feature level 1, and the log is at level 2, which never falls: run a version that reads level 2, without SKYFLOW_FEATURE_LEVEL below it/,
    );
  });

  it('of one that an older program made is raised by an event, for those that have it open, too; nothing above it is written before', async () => {
    await openAt(FIRST_LEVEL);
    const [one, other] = [await openAt(FEATURE_LEVEL), await openAt(FEATURE_LEVEL)];
    expect(await one.featureLevel()).toBe(FIRST_LEVEL);
    await expect(appendEntries(one, 'sky.work.east', imported)).rejects.toThrow(FeatureOffError);
    expect(await one.head()).toBe(0);
    await appendEntries(other, FEATURES_SUBJECT, raised);
    await appendEntries(one, 'sky.work.east', imported);
    expect(await one.featureLevel()).toBe(2);
    await expect(openAt(FIRST_LEVEL)).rejects.toThrow(FeatureLevelError);
  });

  it.each(Object.entries(writtenOf))(
    'keeps out what %s writes until all can read it',
    async (name, [subject, entry]) => {
      await openAt(FIRST_LEVEL);
      const log = await openAt(FEATURE_LEVEL);
      const refused = new RegExp(
        `${entry.type} cannot be written: feature ${name} is off until all of SkyFlow reads level 2; in force is 1`,
      );
      await expect(appendEntries(log, subject, entry)).rejects.toThrow(refused);
      expect(await log.head()).toBe(0);
      await appendEntries(log, FEATURES_SUBJECT, raised);
      await appendEntries(log, subject, entry);
      expect(await log.head()).toBe(2);
    },
  );

  it('knows every feature that writes anything of its own', () => {
    const writing = featureNames.filter((name) => (features[name].entries ?? features[name].isIn) !== undefined);
    expect(Object.keys(writtenOf).sort()).toEqual(writing.sort());
  });

  it('of a restored one is the least that its commits need', async () => {
    const log = await openAt(FEATURE_LEVEL);
    await appendEntries(log, 'sky.evt.scheduler', rawEntry('EpochStarted', { epoch: 1, holder: 'a' }));
    const [first] = await Array.fromAsync(storedIn(log));
    await appendEntries(log, 'sky.work.east', imported);
    const whole = await Array.fromAsync(storedIn(log));
    const restore = async (commits: readonly StoredCommit[]): Promise<void> => {
      async function* each(): AsyncGenerator<StoredCommit> {
        yield* commits;
        await Promise.resolve();
      }
      await restoreLog({ connection, commits: each(), lastKnown: 2, replace: true });
    };
    await restore(first === undefined ? [] : [first]);
    expect(await (await openAt(FIRST_LEVEL)).featureLevel()).toBe(FIRST_LEVEL);
    await restore(whole);
    expect(await (await openAt(FEATURE_LEVEL)).featureLevel()).toBe(2);
  });
});
