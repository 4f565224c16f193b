/** The reaper against endpoints that speak the protocols of clouds: what it ends, what it leaves alone, and what it tells. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  PROVISIONING_STATE_VERSION,
  type ProvisioningState,
  evolveProvisioning,
  initialProvisioning,
} from '@skyflow/domain';
import { MemoryEventLog, Projection, SubjectWriter } from '@skyflow/event-log';
import type { CloudHarness } from '../testing/cloud-harness.js';
import { type AwsHarness, startAws } from '../testing/ec2/aws-harness.js';
import { startAzure } from '../testing/azure/azure-harness.js';
import { startGcp } from '../testing/gcp/gcp-harness.js';
import { Reaper } from './reaper.js';

const SUBJECT = 'sky.evt.provisioner';
const PACE = { firstMs: 1, mostMs: 1, visibleWithinMs: 1 };
const before = { ...process.env };
const { signal } = new AbortController();
let cloud: CloudHarness;
let log: MemoryEventLog;
let projection: Projection<ProvisioningState>;
let warnings: unknown[];

afterAll(() => {
  process.env = before;
});

async function begin(start: () => Promise<CloudHarness>): Promise<void> {
  cloud = await start();
  warnings = [];
  log = new MemoryEventLog();
  projection = new Projection({
    log,
    fold: { version: PROVISIONING_STATE_VERSION, initial: initialProvisioning, evolve: evolveProvisioning },
  });
  await projection.start();
}

/** @param owner of the installation: the correlation of its first epoch. */
async function reaperOf(
  limits: { most?: number; dryRun?: boolean; graceMs?: number } = {},
  owner = 'here',
): Promise<Reaper> {
  const writer = new SubjectWriter({ log, subject: SUBJECT, writer: 'test/1', state: projection });
  const started = {
    type: 'EpochStarted',
    v: 1,
    at: Date.now(),
    actor: 'test',
    corr: owner,
    data: { epoch: 1, holder: 'test' },
  };
  const outcome = await writer.submit(() => ({ entries: [started], result: undefined }));
  if (outcome.ok) await projection.waitFor(outcome.seq);
  const warn = (...words: unknown[]): void => void warnings.push(words);
  return new Reaper({
    projection,
    writer,
    context: { logger: { warn, error: warn } as never },
    machineDrivers: { [cloud.provider]: cloud.driver },
    pace: PACE,
    limits: { everyMs: 1_000, graceMs: 0, most: 5, dryRun: false, ...limits },
    epoch: 1,
  });
}

/** A cluster with one machine at work. */
async function building(): Promise<void> {
  const ref = { kind: 'Cluster', name: 'prod', uid: 'u1' };
  const { provider, offer } = cloud;
  const metadata = { name: 'prod', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z' };
  const object = {
    apiVersion: 'skyflow.io/v1',
    kind: 'Cluster',
    metadata,
    spec: { provision: { cloud: cloud.cloud } },
  };
  const machine = (step: object) => ['MachineAdvanced', { epoch: 1, ref, machine: 'prod-u1-0', step }] as const;
  const facts = [
    ['ObjectCreated', { object }],
    machine({ type: 'CreateIntended', driver: provider, token: 't', roles: ['etcd'], offer }),
    machine({ type: 'Created', providerId: 'i-1' }),
    machine({ type: 'Prepared', address: '10.0.0.1', hostKey: 'k', facts: {} }),
    [
      'ProvisioningAdvanced',
      { epoch: 1, ref, step: { type: 'Activated', kubernetesVersion: 'v1', nodes: 1, configSha256: 'c' } },
    ],
  ] as const;
  await append(facts);
}

async function append(facts: readonly (readonly [string, object])[]): Promise<void> {
  const writer = new SubjectWriter({ log, subject: SUBJECT, writer: 'test/2', state: projection });
  const entries = facts.map(([type, data]) => ({ type, v: 1, at: Date.now(), actor: 'test', corr: 'c', data }));
  const outcome = await writer.submit(() => ({ entries: entries, result: undefined }));
  if (!outcome.ok) throw new Error('refused');
  await projection.waitFor(outcome.seq);
}

const untilLater = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PACE.visibleWithinMs + 1));

describe('the reaper of a role without the right to list keys', () => {
  beforeEach(() => begin(startAws), 60_000);
  afterEach(() => cloud.stop());

  it('ends machines all the same, and says which right is missing until it is there', async () => {
    const { fake } = cloud as AwsHarness;
    const denied = { action: 'DescribeKeyPairs', code: 'UnauthorizedOperation', status: 403 };
    fake.world.weather.failures.push(denied);
    const reaper = await reaperOf();
    cloud.stray('a', 'here');
    await reaper.round(signal);
    expect(cloud.alive()).toEqual([]);
    expect(reaper.blind).toMatchObject([
      { region: 'eu-west-1', advice: 'allow ec2:DescribeKeyPairs to the role of the provisioner' },
    ]);
    expect(warnings).toHaveLength(1);
    await reaper.round(signal);
    expect(reaper.blind).toEqual([]);
  });

  it('says so, too, where it may list nothing though a cluster is there', async () => {
    const reaper = await reaperOf();
    cloud.refuse('list', 'auth');
    await reaper.round(signal);
    expect(reaper.blind).toEqual([]);
    await building();
    cloud.refuse('list', 'auth');
    await reaper.round(signal);
    expect(reaper.blind).toMatchObject([{ region: 'eu-west-1', advice: expect.stringContaining('AWS_ACCESS_KEY_ID') }]);
  });
});

describe('the reaper where a cluster was', () => {
  beforeEach(() => begin(startAws), 60_000);
  afterEach(() => cloud.stop());

  it('looks in a region that is not named in its settings after all of the cluster is gone: a machine may be late to appear', async () => {
    const { world } = (cloud as AwsHarness).fake;
    const region = 'ap-south-1';
    const { id: group } = world.createGroup(region, 'g', 'vpc', {});
    world.importKey(region, 'k', 'key', {});
    const marks = { 'skyflow-owner': 'here', 'skyflow-cluster': 'u1', 'skyflow-cluster-name': 'prod' };
    world.run({
      ...{ region, zone: `${region}a`, type: 'm5.large', token: 'late', key: 'k', group },
      tags: { ...marks, 'skyflow-machine': 'prod-u1-7' },
    });
    const reaper = await reaperOf();
    await reaper.round(signal);
    expect(cloud.alive()).toEqual(['prod-u1-7']);
    await building();
    const ref = { kind: 'Cluster', name: 'prod', uid: 'u1' };
    await append([
      ['ProvisioningAdvanced', { epoch: 1, ref, step: { type: 'GroundworkIntended', provider: 'aws', region } }],
      ['ProvisioningAdvanced', { epoch: 1, ref, step: { type: 'Deleted' } }],
    ]);
    await reaper.round(signal);
    expect(cloud.alive()).toEqual([]);
  });
});

describe.each([
  ['aws', startAws],
  ['gcp', startGcp],
  ['azure', startAzure],
] as const)('the reaper of %s', (_name, start) => {
  beforeEach(() => begin(start), 60_000);
  afterEach(() => cloud.stop());

  it('ends what has the mark and belongs to nobody, and tells of it until it is gone', async () => {
    const reaper = await reaperOf();
    const orphan = cloud.stray('a', 'here');
    cloud.stray('b', 'elsewhere');
    cloud.stray('c', undefined);
    await reaper.round(signal);
    expect(cloud.alive()).toEqual(['b', 'c']);
    expect([...projection.state.orphans.values()]).toMatchObject([
      { id: orphan, name: 'a', clusterName: 'prod', phase: 'Ending' },
    ]);
    await reaper.round(signal);
    expect(projection.state.orphans.size).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('ends a few at a time, after the grace, and none in a dry run', async () => {
    const patient = await reaperOf({ graceMs: 3_600_000 });
    for (const name of ['a', 'b', 'c']) cloud.stray(name, 'here');
    await patient.round(signal);
    expect(projection.state.orphans.size).toBe(3);
    expect(cloud.alive()).toHaveLength(3);
    await (await reaperOf({ dryRun: true })).round(signal);
    expect(cloud.alive()).toHaveLength(3);
    const reaper = await reaperOf({ most: 2 });
    await reaper.round(signal);
    expect(cloud.alive()).toHaveLength(1);
  });

  it('keeps what cannot be ended in view, and ends it later', async () => {
    const reaper = await reaperOf();
    cloud.stray('a', 'here');
    cloud.refuse('delete', 'auth');
    await reaper.round(signal);
    expect([...projection.state.orphans.values()]).toMatchObject([{ failures: 1, failure: { class: 'auth' } }]);
    for (const until = Date.now() + 20_000; cloud.alive().length > 0 && Date.now() < until;) await reaper.round(signal);
    expect(cloud.alive()).toEqual([]);
  });

  it('tells that a machine at work is lost when it is missing for long enough, and not when it was seen meanwhile', async () => {
    const reaper = await reaperOf();
    const id = cloud.stray('prod-u1-0', 'here');
    await building();
    await reaper.round(signal);
    const machine = () => projection.state.clusters.get('u1')?.machines.get('prod-u1-0');
    expect(machine()?.phase).toBe('Prepared');
    cloud.setTimes({ visibleAfterMs: 3_600_000 });
    await reaper.round(signal);
    expect(machine()?.phase).toBe('Prepared');
    cloud.setTimes({ visibleAfterMs: 0 });
    await reaper.round(signal);
    // Somebody ends it, or the cloud takes it back.
    cloud.vanish('prod-u1-0');
    await reaper.round(signal);
    expect(machine()?.phase).toBe('Prepared');
    await untilLater();
    await reaper.round(signal);
    expect(machine()).toMatchObject({
      phase: 'Lost',
      failure: { message: expect.stringContaining('does not list it') },
    });
    expect(projection.state.orphans.size).toBe(0);
    expect(id).not.toBe('');
  });

  it('believes nothing of a region that does not answer', async () => {
    const reaper = await reaperOf({ graceMs: 3_600_000 });
    cloud.stray('a', 'here');
    await reaper.round(signal);
    cloud.refuse('list', 'config');
    await reaper.round(signal);
    expect(projection.state.orphans.size).toBe(1);
    expect(warnings).toHaveLength(1);
  });
});
