import { describe, expect, it } from '@jest/globals';
import type { ClusterStep, ProvisionSpec } from '@skyflow/contracts';
import fc from 'fast-check';
import { evolveProvisioning } from './evolve.js';
import { decodeProvisioning, encodeProvisioning } from './snapshot.js';
import { initialProvisioning } from './state.js';
import { evolveMachine } from './evolve-machine.js';
import { mayStart, stopDue, stopVerdict } from './on-demand.js';
import { provisioningStatus } from './provisioning-status.js';
import { react } from './react.js';
import { World } from './world.testing.js';

const host = (address: string) => ({ address, user: 'ubuntu', keyPath: '/key' });
const ON_HOSTS: ProvisionSpec = { hosts: [host('192.168.1.1'), host('192.168.1.2')] };
const ON_AWS: ProvisionSpec = { cloud: { provider: 'aws', nodes: 2, cpus: 2, memoryGiB: 8 } };

const ON_DEMAND: ProvisionSpec = {
  cloud: { provider: 'aws', nodes: 1, cpus: 2, memoryGiB: 8, autoscale: { minNodes: 0, maxNodes: 3, maxHourly: 0.5 } },
};
/** Of several clouds, the cheapest of which has two offers. */
const ON_ANY: ProvisionSpec = { cloud: { provider: 'aws', alternatives: ['gcp'], nodes: 2, cpus: 2, memoryGiB: 8 } };
const OF_FOUR: ProvisionSpec = { cloud: { provider: 'aws', nodes: 4, cpus: 2, memoryGiB: 8 } };
const NO_ROOM = { class: 'capacity', message: 'InsufficientInstanceCapacity', advice: 'wait' } as const;

const worlds = fc.record({
  spec: fc.constantFrom(ON_HOSTS, ON_AWS, ON_ANY, ON_DEMAND),
  draws: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 400 }),
  trouble: fc.constantFrom(0, 0.1, 0.3, 0.6),
});

/** What must hold at any moment of any life. */
function holdsNow(world: World): void {
  const { cluster } = world;
  expect(world.most).toBeLessThanOrEqual(1);
  if (cluster === undefined) return;
  if (cluster.initialised !== undefined) {
    const { state, kubeconfig } = cluster.escrow;
    expect(state?.caFingerprint).toBe(cluster.caFingerprint);
    expect(kubeconfig?.caFingerprint).toBe(cluster.caFingerprint);
  }
  if (world.dirty.size > 0) expect(cluster.touched).toBe(true);
  // Whatever the cloud has is known: an intent with its name is in the log.
  for (const name of world.cloud.keys()) expect(cluster.machines.has(name)).toBe(true);
  if (world.ground.size > 0) expect(cluster.groundwork).toBeDefined();
  if (cluster.spec === ON_DEMAND && cluster.attempts > 0) {
    // Never over the limits, whatever the offer; a replaced machine is still there for a while.
    const paid = (cluster.plan?.machines ?? []).reduce((sum, { offer }) => sum + (offer?.hourly ?? 0), 0);
    expect(paid).toBeLessThanOrEqual(0.5 + 1e-9);
    expect(cluster.plan?.machines.length ?? 0).toBeLessThanOrEqual(3);
  }
}

/** What must hold when nothing is left to be done. */
function holdsAtRest(world: World): void {
  const { cluster } = world;
  if (cluster === undefined) {
    expect(world.cloud.size).toBe(0);
    expect(world.ground.size).toBe(0);
    return;
  }
  expect(['Active', 'Failed', 'Building', 'Operating', 'RollingBack', 'Stopping', 'Stopped']).toContain(cluster.phase);
  if (cluster.phase === 'Stopping') expect(cluster.stop?.confirmed).toBe(false);
  else if (cluster.phase === 'Stopped') {
    expect([world.cloud.size, world.ground.size, cluster.machines.size]).toEqual([0, 0, 0]);
    expect(JSON.parse(cluster.status)).toMatchObject({
      phase: 'STOPPED',
      message: expect.stringContaining('; it is built'),
    });
  } else if (cluster.phase === 'Failed') {
    expect(world.cloud.size).toBe(0);
    expect(world.ground.size).toBe(0);
    expect(cluster.machines.size).toBe(0);
    if (cluster.spec.hosts !== undefined) expect(world.dirty.size).toBe(0);
    expect(cluster.failure?.advice).toBeTruthy();
  } else if (cluster.phase === 'Active') {
    expect([...cluster.machines.keys()].sort()).toEqual(cluster.plan?.machines.map(({ name }) => name).sort());
    const lost = [...cluster.machines.values()].filter(({ phase }) => phase === 'Lost');
    // One is not replaced only where etcd has no majority left, or where something else has to be decided first.
    if (lost.length > 0) expect(cluster.failure).toBeDefined();
    if (cluster.spec.cloud !== undefined) expect(world.cloud.size).toBe(cluster.machines.size - lost.length);
  } else {
    // Only what may not be touched without a person rests in the middle, and says so.
    expect(cluster.failure?.class).toMatch(/dangerous|stateMissing/);
  }
}

/** Something from outside; what does not apply now does not happen. */
function happens(world: World, what: string, draw: number, generation: number): void {
  const { cluster } = world;
  if (cluster === undefined) return;
  const { spec, phase } = cluster;
  if (what === 'lose') {
    const machine = [...cluster.machines.values()].filter((each) => each.phase === 'Prepared')[draw];
    if (phase === 'Active' && machine?.driver === 'aws') world.lose(machine.name);
  } else if (what === 'start') {
    const step: ClusterStep = { type: 'NodesWanted', nodes: (draw % 3) + 1, remove: [], reason: 'work waits' };
    if (mayStart(cluster, Number.POSITIVE_INFINITY)) world.record([{ step }]);
  } else if (what === 'stop') {
    const idle = { sinceMs: 0, by: 'provisioner' } as const;
    const step =
      phase === 'Stopping' && cluster.stop?.confirmed === false
        ? stopVerdict(draw % 3, draw === 1)
        : stopDue(cluster, idle, world.nowMs + 3_600_000, undefined);
    if (step !== undefined) world.record([{ step }]);
  } else if (what === 'nodes') {
    if (spec.cloud !== undefined) world.change({ ...spec, cloud: { ...spec.cloud, nodes: draw + 1 } });
  } else if (what === 'etcdSnapshotRestore') {
    world.change({ ...spec, etcdSnapshotRestore: { generation, name: cluster.snapshots[draw]?.name ?? 'snapshot-0' } });
  } else world.change({ ...spec, [what]: { generation } });
}

describe('the life of a cluster that SkyFlow builds', () => {
  it('ends active on hosts and on rented machines when all goes well', () => {
    for (const spec of [ON_HOSTS, ON_AWS]) {
      const world = new World({ spec, draws: [], trouble: 0 });
      world.settle();
      expect(world.cluster).toMatchObject({ phase: 'Active', runCount: 1, failure: undefined });
      expect(JSON.parse(world.cluster?.status ?? '')).toMatchObject({ phase: 'ACTIVE', progress: 100 });
      holdsAtRest(world);
    }
  });

  it('leaks nothing, forgets nothing and rests with a reason, whatever fails and whenever it is killed', () => {
    fc.assert(
      fc.property(worlds, (options) => {
        const world = new World(options);
        for (let acts = 0; acts < 3_000 && world.step(); acts++) holdsNow(world);
        expect(world.step()).toBe(false);
        holdsAtRest(world);
      }),
      { numRuns: 400 },
    );
  });

  it('is gone without a trace after its deletion, asked for at any moment', () => {
    fc.assert(
      fc.property(worlds, fc.nat(60), (options, after) => {
        const world = new World(options);
        for (let acts = 0; acts < after && world.step(); acts++) holdsNow(world);
        world.delete();
        world.settle();
        expect(world.cluster).toBeUndefined();
        expect(world.cloud.size).toBe(0);
        if (options.spec.hosts !== undefined) expect(world.dirty.size).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  it('holds all that while it is operated on, machines are lost and other numbers of them are wanted', async () => {
    const happening = fc.record({
      after: fc.nat(40),
      what: fc.constantFrom(
        'lose',
        'repair',
        'rotateCertificates',
        'etcdSnapshotCreate',
        'etcdSnapshotRestore',
        'nodes',
        'start',
        'stop',
        'stop',
      ),
      draw: fc.nat(4),
    });
    await fc.assert(
      fc.asyncProperty(
        worlds,
        fc.array(happening, { maxLength: 8 }),
        fc.boolean(),
        async (options, happenings, ends) => {
          const world = new World(options);
          for (const [index, { after, what, draw }] of happenings.entries()) {
            for (let acts = 0; acts < after && world.step(); acts++) holdsNow(world);
            happens(world, what, draw, index + 1);
          }
          if (ends) world.delete();
          for (let acts = 0; acts < 3_000 && world.step(); acts++) holdsNow(world);
          expect(world.step()).toBe(false);
          holdsAtRest(world);
          expect(await decodeProvisioning(viaText(encodeProvisioning(world.state)))).toEqual(world.state);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is the same when the log is folded again, and after a snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (options) => {
        const world = new World(options);
        world.settle(150);
        const again = initialProvisioning();
        world.entries.forEach(({ entry, subject }, index) => {
          evolveProvisioning(again, entry, { position: index + 1, subject });
        });
        expect(again).toEqual(world.state);
        expect(await decodeProvisioning(viaText(encodeProvisioning(world.state)))).toEqual(world.state);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps hosts and Kubernetes where the deletion policy says so', () => {
    const world = new World({ spec: { ...ON_HOSTS, deletionPolicy: 'Retain' }, draws: [], trouble: 0 });
    world.settle();
    world.delete();
    world.settle();
    expect(world.cluster).toBeUndefined();
    expect(world.dirty.size).toBe(2);
  });

  it('begins nothing while it is paused, and goes on afterwards', () => {
    const world = new World({ spec: { ...ON_HOSTS, paused: true }, draws: [], trouble: 0 });
    expect(world.settle()).toBe(0);
    world.change(ON_HOSTS);
    world.settle();
    expect(world.cluster?.phase).toBe('Active');
  });

  it('takes in hosts that are added and lets go of those that are removed', () => {
    const world = new World({ spec: ON_HOSTS, draws: [], trouble: 0 });
    world.settle();
    world.change({ hosts: [host('192.168.1.1'), host('192.168.1.3')] });
    world.settle();
    expect(world.cluster).toMatchObject({ phase: 'Active', runCount: 2 });
    const hosts = [...(world.cluster?.machines.values() ?? [])].map((machine) => machine.host);
    expect(hosts).toEqual(['192.168.1.1:22', '192.168.1.3:22']);
    holdsAtRest(world);
  });

  it('is built after its spec was mended', () => {
    const network = { podCidr: '192.168.0.0/16' };
    const world = new World({ spec: { ...ON_HOSTS, network }, draws: [], trouble: 0 });
    world.settle();
    expect(world.cluster).toMatchObject({ phase: 'Failed', failure: { class: 'config' } });
    expect(world.cluster?.failure?.message).toContain('192.168.1.1');
    world.change(ON_HOSTS);
    world.settle();
    expect(world.cluster?.phase).toBe('Active');
  });

  it('tries the next offer when one has no room, after everything of the first is gone', () => {
    const world = new World({ spec: ON_AWS, draws: [], trouble: 0 });
    // Plan, groundwork intended and laid, machines intended.
    for (let acts = 0; acts < 4; acts++) world.step();
    const first = [...(world.cluster?.machines.values() ?? [])][0];
    expect(first?.offer).toMatchObject({ zone: 'a', type: 'm5.large' });
    const { cluster } = world;
    if (cluster === undefined || first === undefined) throw new Error('no cluster');
    first.phase = 'CreateFailed';
    first.failure = { class: 'capacity', message: 'InsufficientInstanceCapacity', advice: '' };
    first.failures = { capacity: 1 };
    world.settle();
    expect(world.cluster).toMatchObject({ phase: 'Active', attempts: 2 });
    const offers = [...(world.cluster?.machines.values() ?? [])].map(({ offer }) => offer?.zone);
    expect(offers).toEqual(['b', 'b']);
    expect(world.cloud.size).toBe(2);
  });

  it('does once what is asked for by a number that grows, and says which snapshots there are', () => {
    const world = new World({ spec: { ...ON_HOSTS, etcdSnapshotCreate: { generation: 7 } }, draws: [], trouble: 0 });
    world.settle();
    // What is built anew has nothing to take a snapshot of: the number it is born with counts as done.
    expect(world.cluster).toMatchObject({ phase: 'Active', runCount: 1, snapshots: [] });
    const asked = { ...ON_HOSTS, etcdSnapshotCreate: { generation: 8 }, rotateCertificates: { generation: 1 } };
    world.change(asked);
    world.settle();
    expect(world.cluster?.runs.map(({ operation }) => operation)).toEqual(['Create', 'RotateCertificates', 'Snapshot']);
    expect(JSON.parse(world.cluster?.status ?? '')).toMatchObject({
      phase: 'ACTIVE',
      snapshots: [{ name: 'snapshot-8' }],
    });
    world.change({ ...asked, etcdSnapshotRestore: { generation: 1, name: 'snapshot-9' } });
    world.settle();
    expect(world.cluster).toMatchObject({ phase: 'Active', runCount: 3, failure: { class: 'config' } });
    expect(world.cluster?.failure?.message).toBe('there is no snapshot snapshot-9; there are snapshot-8');
    world.change({ ...asked, etcdSnapshotRestore: { generation: 2, name: 'snapshot-8' } });
    world.settle();
    expect(world.cluster).toMatchObject({ phase: 'Active', runCount: 4, failure: undefined });
    expect(world.cluster?.run).toMatchObject({ operation: 'Restore', command: 'restore' });
    expect(world.settle()).toBe(0);
  });

  it('puts another machine in the place of one that is gone, and tries for ever while there is none', () => {
    const world = new World({ spec: OF_FOUR, draws: [], trouble: 0 });
    world.settle();
    const names = (): string[] => [...(world.cluster?.machines.keys() ?? [])];
    const [server = '', , , worker = ''] = names();
    world.lose(worker);
    world.settle();
    expect(world.cluster).toMatchObject({ phase: 'Active', runCount: 2 });
    expect(world.cluster?.run?.operation).toBe('Repair');
    expect(names()).not.toContain(worker);
    holdsAtRest(world);
    world.lose(server);
    world.step();
    expect(world.cluster?.phase).toBe('Operating');
    world.record([{ step: { type: 'OperationFailed', failure: NO_ROOM } }]);
    expect(world.cluster).toMatchObject({ phase: 'Active', shortage: { times: 1 }, givenUp: undefined });
    const shortMs = world.nowMs;
    world.settle();
    expect(world.nowMs).toBeGreaterThan(shortMs + 999);
    expect(world.cluster).toMatchObject({ phase: 'Active', shortage: undefined });
    expect(world.cluster?.plan?.machines.filter(({ roles }) => roles.includes('etcd'))).toHaveLength(3);
    holdsAtRest(world);
  });

  it('builds nothing in the place of a cluster whose etcd has no majority', () => {
    const world = new World({ spec: OF_FOUR, draws: [], trouble: 0 });
    world.settle();
    const [first = '', second = ''] = [...(world.cluster?.machines.keys() ?? [])];
    world.lose(first);
    world.lose(second);
    world.settle();
    expect(world.cluster).toMatchObject({ phase: 'Active', runCount: 1, failure: { class: 'dangerous' } });
    expect(world.cluster?.failure?.message).toBe(`2 of 3 etcd machines are gone: ${first}, ${second}`);
  });

  it('goes to another region when one has no room at all, and leaves nothing in the first', () => {
    const world = new World({ spec: ON_AWS, draws: [], trouble: 0 });
    world.full.add('eu-west-1');
    world.settle();
    expect(world.cluster).toMatchObject({ phase: 'Active', attempts: 4, groundwork: { region: 'us-east-1' } });
    expect([...(world.cluster?.machines.values() ?? [])].map(({ offer }) => offer?.region)).toEqual([
      'us-east-1',
      'us-east-1',
    ]);
    expect([...world.ground]).toEqual(['u1-00000000/us-east-1']);
    expect(world.cloud.size).toBe(2);
  });

  it('asks again with the same token for what is not there, and only when it would have to be seen', () => {
    const world = new World({ spec: ON_AWS, draws: [], trouble: 0 });
    for (let acts = 0; acts < 4; acts++) world.step();
    const { cluster } = world;
    const machine = [...(cluster?.machines.values() ?? [])][0];
    if (cluster === undefined || machine === undefined) throw new Error('no machine');
    const { token, intendedMs } = machine;
    machine.phase = 'CreateUnknown';
    const pace = { firstMs: 1, mostMs: 1, visibleWithinMs: 5_000 };
    const asked = (nowMs: number) =>
      react(world.state, cluster, nowMs, pace).intents.find(({ do: what }) => what === 'resolveMachine');
    expect(asked(intendedMs + 4_999)).not.toHaveProperty('isLast');
    expect(asked(intendedMs + 5_000)).toHaveProperty('isLast', true);
    evolveMachine(cluster, machine.name, { type: 'CreateRepeated' }, 9_000);
    expect(machine).toMatchObject({ phase: 'CreateIntended', token, intendedMs: 9_000 });
  });

  it('says what a machine that boots is waited for, and since when it boots stays what it was', () => {
    const world = new World({ spec: ON_AWS, draws: [], trouble: 0 });
    while (![...(world.cluster?.machines.values() ?? [])].some(({ phase }) => phase === 'Created')) world.step();
    const { cluster } = world;
    const machine = [...(cluster?.machines.values() ?? [])].find(({ phase }) => phase === 'Created');
    if (cluster === undefined || machine === undefined) throw new Error('no machine');
    const { sinceMs, providerId = '' } = machine;
    const awaits = 'it is not ready yet: sshd does not answer';
    evolveMachine(cluster, machine.name, { type: 'Created', providerId, awaits }, sinceMs + 60_000);
    expect(machine).toMatchObject({ phase: 'Created', sinceMs, failures: {} });
    const { message, machines } = provisioningStatus(cluster);
    expect(message).toBe(`0 of 2 machines ready; ${machine.name}: ${awaits} (it is tried again)`);
    expect(machines.find(({ name }) => name === machine.name)).toMatchObject({ message: awaits });
    evolveMachine(cluster, machine.name, { type: 'DeleteIntended' }, sinceMs + 61_000);
    evolveMachine(cluster, machine.name, { type: 'Created', providerId, awaits }, sinceMs + 62_000);
    expect(machine.failure).toBeUndefined();
  });
});

async function* viaText(pieces: Iterable<unknown>): AsyncIterable<unknown> {
  for (const piece of pieces) yield await Promise.resolve(JSON.parse(JSON.stringify(piece)));
}
