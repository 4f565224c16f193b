/**
 * The provisioner is killed (SIGKILL, at once) right before or right after its appends, again and again over the whole life of a cluster, its
 * driver at work or not; every seed is another life. SKYFLOW_LONG=1 lives a hundred.
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
import type { Entry, EntryData, EntryType, RawEntry } from '@skyflow/contracts';
import {
  PROVISIONING_STATE_VERSION,
  type ProvisionedCluster,
  type ProvisioningState,
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
const LIVES = process.env.SKYFLOW_LONG === '1' ? 100 : 2;
const FIRST_SEED = Number(process.env.SKYFLOW_SEED ?? randomInt(2 ** 31));
const SEEDS = Array.from({ length: LIVES }, (_, at) => FIRST_SEED + at);
const PROGRAM = fileURLToPath(new URL('./fixture/killed-provisioner.mjs', import.meta.url));
/** Kills per half of a life; after them it may live. */
const KILLS = 8;
const WITHIN_MS = 120_000;

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
  private log: JetStreamEventLog | undefined;
  private projection: Projection<ProvisioningState> | undefined;

  constructor(
    seed: number,
    private readonly options: LifeOptions,
  ) {
    this.random = new Random(seed);
    this.isRented = seed % 2 === 0;
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
    const { host } = this.options;
    const object = {
      apiVersion: 'skyflow.io/v1',
      kind: 'Cluster',
      metadata: { name: this.ref.name, uid: this.ref.uid, creationTimestamp: new Date().toISOString() },
      spec: {
        manager: 'k8',
        provision: this.isRented
          ? { cloud: { provider: 'aws', region: 'eu-west-1', nodes: 1, cpus: 2, memoryGiB: 4 } }
          : {
              hosts: [
                {
                  ...{ address: '127.0.0.1', port: host.port, user: host.user, keyPath: host.keyPath },
                  dockerSocket: host.dockerSocket,
                },
              ],
            },
      },
    };
    await this.append('sky.cmd.0', 'ObjectCreated', { object });
  }

  async delete(): Promise<void> {
    await this.append('sky.cmd.0', 'ObjectDeleted', { ref: this.ref });
    await this.append('sky.evt.scheduler', 'ObjectReleased', { epoch: 1, ref: this.ref });
  }

  /** One provisioner after the other, each killed at an append of its own, until there is what is waited for. */
  async go(isThere: () => boolean): Promise<void> {
    const deadline = performance.now() + WITHIN_MS;
    for (let kills = 0; !isThere(); kills++) {
      const killAt = kills < KILLS ? this.random.between(1, 4) : 0;
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
    const from = steps.findIndex(({ type }) => type === 'StateInitialised');
    const authorities = steps.slice(from).flatMap((step) => ('caFingerprint' in step ? [step.caFingerprint] : []));
    expect(new Set(authorities).size).toBe(1);
  }

  async end(): Promise<void> {
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
      if (what === 'kubeconfig') expect(text).toBe(readFileSync(this.options.kubeconfig, 'utf8'));
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
    const settings = { natsUrl, home: this.home, key, rke: this.rke.path, aws, epoch: ++this.epoch, ...kill };
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, ...ec2.environment },
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const gone = new Promise((resolve) => child.once('exit', resolve));
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

  private async append<T extends EntryType>(subject: string, type: T, data: EntryData<T>): Promise<void> {
    if (this.log === undefined) throw new Error('no log');
    const entry: RawEntry = { type, v: 1, at: Date.now(), actor: 'test', corr: 'test', data };
    const writer = new SubjectWriter({ log: this.log, subject, writer: 'test/1' });
    await writer.append([entry]);
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;
