/** The reaper against an endpoint that speaks EC2's protocol: what it ends, what it leaves alone, and what it tells. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  PROVISIONING_STATE_VERSION,
  type ProvisioningState,
  evolveProvisioning,
  initialProvisioning,
} from '@skyflow/domain';
import { MemoryEventLog, Projection, SubjectWriter } from '@skyflow/event-log';
import { AwsDriver } from '../drivers/aws/aws-driver.js';
import { CANONICAL, DEFAULT_IMAGE } from '../drivers/aws/aws-options.js';
import { Ec2Clients } from '../drivers/aws/ec2-clients.js';
import { FakeEc2 } from '../testing/ec2/fake-ec2.js';
import { Reaper } from './reaper.js';

const SUBJECT = 'sky.evt.provisioner';
const PACE = { firstMs: 1, mostMs: 1, visibleWithinMs: 1 };
const before = { ...process.env };
const { signal } = new AbortController();
let ec2: FakeEc2;
let log: MemoryEventLog;
let projection: Projection<ProvisioningState>;
let warnings: unknown[];

beforeAll(async () => {
  ec2 = await new FakeEc2().start();
  Object.assign(process.env, ec2.environment);
});
afterAll(async () => {
  process.env = before;
  await ec2.stop();
});
beforeEach(async () => {
  ec2.world.instances.length = 0;
  ec2.world.keys.set('eu-west-1/k', 'key');
  warnings = [];
  log = new MemoryEventLog();
  projection = new Projection({
    log,
    fold: { version: PROVISIONING_STATE_VERSION, initial: initialProvisioning, evolve: evolveProvisioning },
  });
  await projection.start();
});

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
  const aws = new AwsDriver(new Ec2Clients({ answerMs: 5_000 }), {
    ...{ regions: ['eu-west-1'], image: DEFAULT_IMAGE, imageOwner: CANONICAL, vpc: undefined },
    ...{ user: 'ubuntu', port: 22, dockerSocket: undefined, openTo: '0.0.0.0/0', prices: {} },
  });
  const warn = (...words: unknown[]): void => void warnings.push(words);
  return new Reaper({
    projection,
    writer,
    context: { logger: { warn, error: warn } as never },
    machineDrivers: { aws },
    pace: PACE,
    limits: { everyMs: 1_000, graceMs: 0, most: 5, dryRun: false, ...limits },
    epoch: 1,
  });
}

/** A machine that nobody knows of. */
function stray(name: string, owner: string | undefined): string {
  const { id: group } = ec2.world.groups[0] ?? ec2.world.createGroup('eu-west-1', 'g', 'vpc', {});
  const marks = owner === undefined ? {} : { 'skyflow-owner': owner };
  return ec2.world.run({
    ...{ region: 'eu-west-1', zone: 'eu-west-1a', type: 'm5.large', token: name, key: 'k', group },
    tags: { ...marks, 'skyflow-machine': name, 'skyflow-cluster': 'u', 'skyflow-cluster-name': 'prod' },
  }).id;
}

/** A cluster with one machine at work. */
async function building(): Promise<void> {
  const ref = { kind: 'Cluster', name: 'prod', uid: 'u1' };
  const offer = { region: 'eu-west-1', type: 'm5.large', hourly: 1 };
  const cloud = { provider: 'aws', nodes: 1, cpus: 2, memoryGiB: 8 };
  const metadata = { name: 'prod', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z' };
  const object = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata, spec: { provision: { cloud } } };
  const machine = (step: object) => ['MachineAdvanced', { epoch: 1, ref, machine: 'prod-u1-0', step }] as const;
  const facts = [
    ['ObjectCreated', { object }],
    machine({ type: 'CreateIntended', driver: 'aws', token: 't', roles: ['etcd'], offer }),
    machine({ type: 'Created', providerId: 'i-1' }),
    machine({ type: 'Prepared', address: '10.0.0.1', hostKey: 'k', facts: {} }),
    [
      'ProvisioningAdvanced',
      { epoch: 1, ref, step: { type: 'Activated', kubernetesVersion: 'v1', nodes: 1, configSha256: 'c' } },
    ],
  ] as const;
  const writer = new SubjectWriter({ log, subject: SUBJECT, writer: 'test/2', state: projection });
  const entries = facts.map(([type, data]) => ({ type, v: 1, at: Date.now(), actor: 'test', corr: 'c', data }));
  const outcome = await writer.submit(() => ({ entries: entries, result: undefined }));
  if (!outcome.ok) throw new Error('refused');
  await projection.waitFor(outcome.seq);
}

const untilLater = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PACE.visibleWithinMs + 1));

const alive = (): string[] => ec2.world.alive.map(({ id }) => id);

describe('the reaper', () => {
  it('ends what has the mark and belongs to nobody, and tells of it until it is gone', async () => {
    const reaper = await reaperOf();
    const orphan = stray('a', 'here');
    const other = stray('b', 'elsewhere');
    const unmarked = stray('c', undefined);
    await reaper.round(signal);
    expect(alive()).toEqual([other, unmarked]);
    expect([...projection.state.orphans.values()]).toMatchObject([
      { id: orphan, name: 'a', clusterName: 'prod', phase: 'Ending' },
    ]);
    await reaper.round(signal);
    expect(projection.state.orphans.size).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('ends a few at a time, after the grace, and none in a dry run', async () => {
    const patient = await reaperOf({ graceMs: 3_600_000 });
    for (const name of ['a', 'b', 'c']) stray(name, 'here');
    await patient.round(signal);
    expect(projection.state.orphans.size).toBe(3);
    expect(alive()).toHaveLength(3);
    await (await reaperOf({ dryRun: true })).round(signal);
    expect(alive()).toHaveLength(3);
    const reaper = await reaperOf({ most: 2 });
    await reaper.round(signal);
    expect(alive()).toHaveLength(1);
  });

  it('keeps what cannot be ended in view, and ends it later', async () => {
    const reaper = await reaperOf();
    stray('a', 'here');
    const denied = { action: 'TerminateInstances', code: 'UnauthorizedOperation', status: 403 };
    ec2.world.weather.failures.push(denied);
    await reaper.round(signal);
    expect([...projection.state.orphans.values()]).toMatchObject([{ failures: 1, failure: { class: 'auth' } }]);
    for (const until = Date.now() + 20_000; alive().length > 0 && Date.now() < until;) await reaper.round(signal);
    expect(alive()).toEqual([]);
  });

  it('tells that a machine at work is lost when it is missing for long enough, and not when it was seen meanwhile', async () => {
    const reaper = await reaperOf();
    const id = stray('prod-u1-0', 'here');
    await building();
    await reaper.round(signal);
    const machine = () => projection.state.clusters.get('u1')?.machines.get('prod-u1-0');
    expect(machine()?.phase).toBe('Prepared');
    // Somebody ends it, or the cloud takes it back.
    const [taken] = ec2.world.instances.splice(0, 1);
    await reaper.round(signal);
    expect(machine()?.phase).toBe('Prepared');
    if (taken !== undefined) ec2.world.instances.push(taken);
    await reaper.round(signal);
    ec2.world.instances.length = 0;
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
    stray('a', 'here');
    await reaper.round(signal);
    ec2.world.weather.failures.push({ action: 'DescribeInstances', code: 'InvalidParameterValue' });
    await reaper.round(signal);
    expect(projection.state.orphans.size).toBe(1);
    expect(warnings).toHaveLength(1);
  });
});
