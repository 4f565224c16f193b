/**
 * The provisioner is killed (SIGKILL, at once) right before or right after its appends, again and again over the whole life of a cluster, its
 * driver at work or not; every seed is another life. `npm run test:provisioner -- --seeds N` (SKYFLOW_SEEDS) lives so many, with operations,
 * a stop and a start in between, and says at what it was killed; SKYFLOW_LONG=1 a hundred.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClusterStep, Entry, EntryData, EntryType, RawEntry, StoredObject } from '@skyflow/contracts';
import {
  PROVISIONING_STATE_VERSION,
  type ProvisionedCluster,
  type ProvisioningState,
  decideSteps,
  evolveProvisioning,
  initialProvisioning,
} from '@skyflow/domain';
import { JetStreamEventLog, Projection, SubjectWriter } from '@skyflow/event-log';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { EscrowKeys } from '../../apps/provisioner/src/escrow/escrow-keys.js';
import { CANONICAL, DEFAULT_IMAGE } from '../../apps/provisioner/src/drivers/aws/aws-options.js';
import { FakeEc2 } from '../../apps/provisioner/src/testing/ec2/fake-ec2.js';
import { FakeRke } from '../../apps/provisioner/src/testing/fake-rke.js';
import { SshHost } from '../../apps/provisioner/src/testing/ssh-host.js';
import { Random } from '@skyflow/faults';
import { OneCluster } from './fixture/one-cluster.js';

const isHere = (process.env.SKYFLOW_E2E_ON ?? 'embedded') === 'embedded' && SshHost.missing === undefined;
const described = isHere ? describe : describe.skip;
/** On hosts and on rented machines in turn. */
const LIVES = Number(process.env.SKYFLOW_SEEDS ?? (process.env.SKYFLOW_LONG === '1' ? 100 : 2));
const IS_LONG = LIVES > 2;
const FIRST_SEED = Number(process.env.SKYFLOW_SEED ?? randomInt(2 ** 31));
const SEEDS = Array.from({ length: LIVES }, (_, at) => FIRST_SEED + at);
const PROGRAM = fileURLToPath(new URL('./fixture/killed-provisioner.mjs', import.meta.url));
/** Kills per part of a life; after them it may live. */
const KILLS = 8;
/** The farthest append of a process at which it is killed: early ones again and again, and late ones too. */
const FARTHEST = [4, 12, 30];
/** How often it was killed, by side and by what was appended. */
const killed = new Map<string, number>();
/** Hundreds of lives are lived beside other work. */
const WITHIN_MS = IS_LONG ? 600_000 : 120_000;

described('the provisioner, killed at its appends', () => {
  const key = randomBytes(32).toString('hex');
  const cluster = new OneCluster();
  const host = new SshHost();
  const ec2 = new FakeEc2(['127.0.0.1'], (publicKey) => host.authorize(publicKey));
  let nats: NatsFixture;
  let connection: NatsConnection;
  beforeAll(async () => {
    [nats] = await Promise.all([startNatsFixture(), cluster.start(1), host.start(), ec2.start()]);
    connection = await connect({ servers: nats.url });
  }, 120_000);
  afterAll(async () => {
    if (IS_LONG) process.stderr.write(coverage());
    await connection.close();
    await Promise.all([nats.stop(), cluster.stop(), host.stop(), ec2.stop()]);
  });

  it.each(SEEDS)(
    'leaks nothing and loses nothing (SKYFLOW_SEED=%i)',
    async (seed) => {
      const life = new Life(seed, { key, natsUrl: nats.url, kubeconfig: cluster.kubeconfig, host, ec2 });
      try {
        await life.begin(connection);
        await life.go(() => life.cluster?.phase === 'Active');
        life.checkActive();
        if (IS_LONG) await life.operate();
        await life.delete();
        await life.go(() => life.cluster === undefined);
        await life.checkGone();
      } finally {
        await life.end();
      }
    },
    4 * WITHIN_MS,
  );
});

function coverage(): string {
  const rows = [...killed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `${String(times)}\t${what}`);
  const all = [...killed.values()].reduce((sum, times) => sum + times, 0);
  return `${String(LIVES)} lives from seed ${String(FIRST_SEED)}, ${String(all)} kills:\n${rows.join('\n')}\n`;
}

interface LifeOptions {
  key: string;
  natsUrl: string;
  kubeconfig: string;
  host: SshHost;
  ec2: FakeEc2;
}

class Life {
  private readonly random: Random;
  private readonly isRented: boolean;
  private readonly rke = new FakeRke();
  private readonly home = mkdtempSync(join(tmpdir(), 'skyflow-kills-'));
  private readonly ref: { kind: string; name: string; uid: string };
  private readonly entries: { entry: Entry; subject: string; position: number }[] = [];
  private epoch = 0;
  private readonly farthest: number;
  private log: JetStreamEventLog | undefined;
  private projection: Projection<ProvisioningState> | undefined;

  constructor(
    seed: number,
    private readonly options: LifeOptions,
  ) {
    this.random = new Random(seed);
    this.isRented = seed % 2 === 0;
    this.farthest = (IS_LONG ? FARTHEST[Math.floor(seed / 2) % FARTHEST.length] : undefined) ?? 4;
    Object.assign(options.ec2.world.weather, { visibleAfterMs: 50, bootMs: 100, lingerMs: 100 });
    this.rke.set({ kubeconfig: options.kubeconfig, lineMs: 5 });
    this.ref = { kind: 'Cluster', name: `life-${seed}`, uid: `u-${seed}` };
    this.epoch = (seed % 1_000_000) * 1_000;
  }

  get cluster(): ProvisionedCluster | undefined {
    return this.projection?.state.clusters.get(this.ref.uid);
  }

  async begin(connection: NatsConnection): Promise<void> {
    this.log = await JetStreamEventLog.open({ connection });
    this.projection = new Projection({
      log: this.log,
      fold: {
        version: PROVISIONING_STATE_VERSION,
        initial: initialProvisioning,
        evolve: (state, entry, place) => {
          const { subject, position } = place;
          this.entries.push({ entry: structuredClone<Entry>(entry), subject, position });
          return evolveProvisioning(state, entry, place);
        },
      },
    });
    await this.projection.start();
    await this.append('sky.cmd.0', 'ObjectCreated', { object: this.object({}) });
  }

  private object(more: object): StoredObject {
    const { host } = this.options;
    return {
      apiVersion: 'skyflow.io/v1',
      kind: 'Cluster',
      metadata: { name: this.ref.name, uid: this.ref.uid, creationTimestamp: new Date().toISOString() },
      spec: {
        manager: 'k8',
        provision: this.isRented
          ? { cloud: { provider: 'aws', region: 'eu-west-1', nodes: 1, cpus: 2, memoryGiB: 4, autoscale: ON_DEMAND } }
          : {
              ...more,
              hosts: [
                {
                  ...{ address: '127.0.0.1', port: host.port, user: host.user, keyPath: host.keyPath },
                  dockerSocket: host.dockerSocket,
                },
              ],
            },
      },
    };
  }

  /** Hosts are operated on; rented machines are stopped as nobody needs them, and wanted again. */
  async operate(): Promise<void> {
    if (this.isRented) {
      await this.decide({ type: 'StopStarted', reason: 'nothing has run on it' }, { type: 'StopConfirmed' });
      await this.go(() => this.cluster?.phase === 'Stopped');
      const { alive, groups, keys } = this.options.ec2.world;
      expect([alive, groups, [...keys.keys()]]).toEqual([[], [], []]);
      await this.decide({ type: 'NodesWanted', nodes: 1, remove: [], reason: 'work waits' });
      await this.go(() => this.cluster?.phase === 'Active');
    } else {
      const asked = { etcdSnapshotCreate: { generation: 1 }, rotateCertificates: { generation: 1 } };
      await this.append('sky.cmd.0', 'ObjectUpdated', { object: this.object(asked), expect: 0 });
      const isDone = ({ phase, requests, snapshots }: ProvisionedCluster): boolean =>
        phase === 'Active' &&
        requests.rotateCertificates === 1 &&
        requests.etcdSnapshotCreate === 1 &&
        snapshots.length > 0;
      await this.go(() => this.cluster !== undefined && isDone(this.cluster));
      expect(this.rke.world.snapshots).toHaveProperty('snapshot-1');
    }
    this.checkActive();
  }

  async delete(): Promise<void> {
    await this.append('sky.cmd.0', 'ObjectDeleted', { ref: this.ref });
    await this.append('sky.evt.scheduler', 'ObjectReleased', { epoch: 1, ref: this.ref });
  }

  /** One provisioner after the other, each killed at an append of its own, until there is what is waited for. */
  async go(isThere: () => boolean): Promise<void> {
    const deadline = performance.now() + WITHIN_MS;
    for (let kills = 0; !isThere(); kills++) {
      const killAt = kills < KILLS ? this.random.between(1, this.farthest) : 0;
      await this.live({ killAt, isBefore: this.random.next() < 0.5 }, isThere, deadline);
      // Property (c), and (b), (d) as far as they can be seen now.
      expect(this.rke.world.together).toBeUndefined();
      this.checkSealed();
      this.checkOwned();
    }
  }

  checkActive(): void {
    const { cluster } = this;
    expect(cluster).toMatchObject({ phase: 'Active', failure: undefined });
    expect([...(cluster?.machines.keys() ?? [])]).toEqual(cluster?.plan?.machines.map(({ name }) => name));
    expect(this.rke.world).toMatchObject({ finished: true, hosts: [`127.0.0.1:${this.options.host.port}`] });
  }

  async checkGone(): Promise<void> {
    // Property (a). What was rented is wiped with its machines.
    const { alive, groups, keys } = this.options.ec2.world;
    expect([alive, groups, [...keys.keys()]]).toEqual([[], [], []]);
    if (!this.isRented) expect(this.rke.world.hosts).toEqual([]);
    // Property (f): the log, folded again, is the same.
    await pause(0);
    const again = initialProvisioning();
    for (const { entry, subject, position } of this.entries) evolveProvisioning(again, entry, { subject, position });
    expect(again).toEqual(this.projection?.state);
    // Property (d): one authority since it was first kept.
    const steps = this.entries.flatMap(({ entry }) =>
      entry.type === 'ProvisioningAdvanced' && entry.data.ref.uid === this.ref.uid ? [entry.data.step] : [],
    );
    // One that was stopped and is built again is another cluster to Kubernetes.
    const built = steps.flatMap(({ type }, at) => (type === 'StateInitialised' ? [at] : []));
    expect(built).toHaveLength(IS_LONG && this.isRented ? 2 : 1);
    for (const from of built) {
      const end = steps.findIndex(({ type }, at) => at > from && type === 'Planned');
      const kept = steps.slice(from, end < 0 ? undefined : end);
      const sealed = kept.flatMap((step) =>
        step.type === 'StateInitialised' || (step.type === 'Escrowed' && step.what !== 'sshKey')
          ? [step.caFingerprint]
          : [],
      );
      expect(new Set(sealed).size).toBe(1);
    }
  }

  async end(): Promise<void> {
    // One that has failed has no part in the lives after it.
    if (this.cluster !== undefined) {
      await this.decide({ type: 'Deleted' }).catch(() => undefined);
      const { world } = this.options.ec2;
      world.instances.length = 0;
      world.groups.length = 0;
      world.keys.clear();
    }
    await this.projection?.close();
    await this.log?.close();
    this.rke.remove();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Property (a), at any moment: whatever the cloud has is in the log by its name, and only once. */
  private checkOwned(): void {
    const names = this.options.ec2.world.alive.map(({ tags }) => tags['skyflow-machine'] ?? '');
    expect(names.filter((name) => this.cluster?.machines.has(name) !== true)).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  }

  private checkSealed(): void {
    const { cluster } = this;
    if (cluster?.initialised === undefined) return;
    const keys = new EscrowKeys([this.options.key]);
    for (const what of ['state', 'kubeconfig'] as const) {
      const copy = cluster.escrow[what];
      expect(copy?.caFingerprint).toBe(cluster.caFingerprint);
      if (copy === undefined) continue;
      const text = keys.open(copy, `provisioned/${this.ref.uid}/${what}`);
      // Whose certificates were issued anew says so at its end.
      if (what === 'kubeconfig')
        expect(text.startsWith(readFileSync(this.options.kubeconfig, 'utf8').trim())).toBe(true);
    }
  }

  private async live(
    kill: { killAt: number; isBefore: boolean },
    isThere: () => boolean,
    deadline: number,
  ): Promise<void> {
    const { key, natsUrl, host, ec2 } = this.options;
    const aws = {
      ...{ regions: ['eu-west-1'], image: DEFAULT_IMAGE, imageOwner: CANONICAL, openTo: '0.0.0.0/0', prices: {} },
      ...{ user: host.user, port: host.port, dockerSocket: host.dockerSocket },
    };
    const rented = this.isRented ? { aws } : {};
    const settings = { natsUrl, home: this.home, key, rke: this.rke.path, ...rented, epoch: ++this.epoch, ...kill };
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, ...ec2.environment },
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => {
      for (const what of chunk.toString().split('\n').filter(Boolean)) killed.set(what, (killed.get(what) ?? 0) + 1);
    });
    const gone = new Promise((resolve) => child.once('close', resolve));
    while (isRunning(child) && !isThere()) {
      if (performance.now() > deadline) {
        child.kill('SIGKILL');
        const { phase, failure, run } = this.cluster ?? {};
        throw new Error(`not in time: ${JSON.stringify({ phase, failure, run })}\n${said}`);
      }
      await pause(20);
    }
    child.kill('SIGKILL');
    await gone;
    await this.projection?.waitFor((await this.log?.head()) ?? 0);
  }

  /** What the autoscaler would want; nobody else is at work now. */
  private async decide(...steps: ClusterStep[]): Promise<void> {
    const { cluster } = this;
    if (this.log === undefined || cluster === undefined) throw new Error('no cluster');
    const drafts = decideSteps(
      cluster,
      steps.map((step) => ({ step })),
      this.epoch,
      Date.now(),
    );
    const entries = drafts.map(({ type, data }): RawEntry => ({
      type,
      v: 1,
      at: Date.now(),
      actor: 'test',
      corr: 'test',
      data,
    }));
    await new SubjectWriter({ log: this.log, subject: 'sky.evt.provisioner', writer: 'test/1' }).append(entries);
    await this.projection?.waitFor(await this.log.head());
  }

  private async append<T extends EntryType>(subject: string, type: T, data: EntryData<T>): Promise<void> {
    if (this.log === undefined) throw new Error('no log');
    const entry: RawEntry = { type, v: 1, at: Date.now(), actor: 'test', corr: 'test', data };
    const writer = new SubjectWriter({ log: this.log, subject, writer: 'test/1' });
    await writer.append([entry]);
  }
}

const ON_DEMAND = { minNodes: 0, maxNodes: 1 };

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;
