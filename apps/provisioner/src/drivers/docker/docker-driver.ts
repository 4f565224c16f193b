/**
 * Machines for a workstation: containers with systemd and sshd of a Docker engine, on a network of their cluster. A name is one in an
 * engine, so that none is made twice; labels say whose it is, and what is another's is never touched. On Linux, where containers are
 * reached by their addresses.
 */
import type Docker from 'dockerode';
import type { ProvisionOffer } from '@skyflow/contracts';
import type { ListedMachine, Orphan, ProvisionMachine } from '@skyflow/domain';
import { pack } from 'tar-stream';
import { ProvisionError } from '../../provision-error.js';
import type { CreatedMachine, MachineContext, MachineDriver } from '../machine-driver.js';
import { type DockerOptions, asFailure, asOutcome, engineOf, statusOf } from './docker-engine.js';

/** The one region there is. */
export const LOCAL = 'local';
const GIB = 1024 ** 3;
const NANO = 1e9;
const LABEL = {
  owner: 'skyflow-owner',
  cluster: 'skyflow-cluster',
  name: 'skyflow-cluster-name',
  machine: 'skyflow-machine',
};
/** What may run, or is about to. */
const ALIVE = ['created', 'running', 'restarting', 'paused'];

export class DockerDriver implements MachineDriver {
  private connected: Docker | undefined;
  private hasAnswered = false;

  constructor(private readonly options: DockerOptions) {}

  async offers({ spec: { cloud } }: Pick<MachineContext, 'spec'>): Promise<ProvisionOffer[]> {
    if (cloud === undefined || (cloud.region ?? LOCAL) !== LOCAL || cloud.accelerators !== undefined) return [];
    const { NCPU, MemTotal } = await this.told('docker info', (engine) => engine.info() as Promise<EngineInfo>);
    const { cpus, memoryGiB } = cloud;
    const offer = { provider: 'docker', region: LOCAL, type: 'container', cpus, memoryGiB, hourly: 0 };
    const room = `${String(NCPU)} cpus and ${(MemTotal / GIB).toFixed(1)} GiB`;
    return [cpus > NCPU || memoryGiB * GIB > MemTotal ? { ...offer, refused: `the engine has ${room}` } : offer];
  }

  /** A network of the cluster. */
  async layGroundwork(_region: string, context: MachineContext): Promise<Record<string, string>> {
    const name = networkOf(context);
    await this.told(`network ${name}`, async (engine) => {
      const there = await engine.listNetworks({ filters: filtersOf(context) });
      if (there.length > 0) return;
      await engine.createNetwork({ Name: name, Driver: 'bridge', Labels: labelsOf(context) });
    });
    return { network: name };
  }

  async clearGroundwork(_region: string, context: MachineContext): Promise<void> {
    await this.told(`network ${networkOf(context)}`, async (engine) => {
      for (const { Id } of await engine.listNetworks({ filters: filtersOf(context) })) {
        await unlessGone(engine.getNetwork(Id).remove() as Promise<unknown>);
      }
    });
  }

  async create(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine> {
    const doing = `container ${machine.name}`;
    try {
      const container = await this.containerOf(machine, context);
      return await this.started(container, context).catch(async (error: unknown) => {
        // What was refused was not made: a container that the engine will not start goes again.
        if (statusOf(error) !== undefined) await unlessGone(container.remove(ENTIRELY) as Promise<unknown>);
        throw error;
      });
    } catch (error) {
      context.signal.throwIfAborted();
      throw asOutcome(error, doing, this.options);
    }
  }

  /** What has ended by itself says so; what was only made is started. */
  async find(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine | undefined> {
    return this.told(`container ${machine.name}`, async (engine) => {
      const container = engine.getContainer(machine.name);
      const seen = await unlessGone(container.inspect());
      if (seen === undefined || !isOwn(seen.Config.Labels, machine, context)) return undefined;
      if (seen.State.Status === 'exited' || seen.State.Status === 'dead') {
        const message = `container ${machine.name} has ended with ${String(seen.State.ExitCode)}`;
        throw new ProvisionError('host', message, `docker logs ${machine.name} says why`);
      }
      return this.started(container, context);
    });
  }

  /** Where nobody has asked for a machine of it, no engine is looked for. */
  regions(known: readonly string[]): readonly string[] {
    return known.includes(LOCAL) || this.hasAnswered ? [LOCAL] : [];
  }

  async list(_region: string, owner: string): Promise<ListedMachine[]> {
    const filters = { label: [`${LABEL.owner}=${owner}`], status: ALIVE };
    const there = await this.told('docker ps', (engine) => engine.listContainers({ all: true, filters }));
    return there.map(({ Id, Labels }) => ({
      id: Id,
      name: Labels[LABEL.machine] ?? '',
      cluster: Labels[LABEL.cluster] ?? '',
      clusterName: Labels[LABEL.name] ?? '',
    }));
  }

  async endOrphan({ id }: Pick<Orphan, 'id'>, owner: string): Promise<void> {
    await this.told(`container ${id}`, async (engine) => {
      const container = engine.getContainer(id);
      const seen = await unlessGone(container.inspect());
      if (seen?.Config.Labels[LABEL.owner] === owner) await unlessGone(container.remove(ENTIRELY) as Promise<unknown>);
    });
  }

  async delete(machine: ProvisionMachine, context: MachineContext): Promise<void> {
    await this.told(`container ${machine.name}`, async (engine) => {
      const container = engine.getContainer(machine.name);
      const seen = await unlessGone(container.inspect());
      if (seen === undefined || !isOwn(seen.Config.Labels, machine, context)) return;
      await unlessGone(container.remove(ENTIRELY) as Promise<unknown>);
    });
  }

  async isGone(machine: ProvisionMachine, context: MachineContext): Promise<boolean> {
    return this.told(`container ${machine.name}`, async (engine) => {
      const seen = await unlessGone(engine.getContainer(machine.name).inspect());
      return seen === undefined || !isOwn(seen.Config.Labels, machine, context);
    });
  }

  /** The one of that name, made if it is not there. */
  private async containerOf(machine: ProvisionMachine, context: MachineContext): Promise<Docker.Container> {
    const engine = this.engine();
    const { name } = machine;
    try {
      return await engine.createContainer({
        name,
        Image: this.options.image,
        Hostname: name,
        Labels: { ...labelsOf(context), [LABEL.machine]: name },
        // What Kubernetes writes lies on no overlay, and goes with the machine.
        Volumes: { '/var': {} },
        HostConfig: this.hostConfig(context),
      });
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      const container = engine.getContainer(name);
      const { Config } = await container.inspect();
      if (isOwn(Config.Labels, machine, context)) return container;
      const advice = 'remove that container, or give the cluster another name';
      throw new ProvisionError('config', `container ${name} is there and is not ours`, advice);
    }
  }

  private hostConfig({ spec, groundwork, ...of }: MachineContext): Docker.HostConfig & { CgroupnsMode: string } {
    const { cpus = 1, memoryGiB = 1 } = spec.cloud ?? {};
    return {
      Privileged: this.options.privileged,
      CgroupnsMode: 'private',
      Tmpfs: { '/run': '', '/tmp': '' },
      NetworkMode: groundwork['network'] ?? networkOf(of),
      RestartPolicy: { Name: 'unless-stopped' },
      NanoCpus: Math.round(cpus * NANO),
      Memory: Math.round(memoryGiB * GIB),
    };
  }

  /** The key is put in before sshd runs; again and again is the same. */
  private async started(container: Docker.Container, context: MachineContext): Promise<CreatedMachine> {
    const before = await container.inspect();
    if (before.State.Status === 'created') {
      await container.putArchive(await keyArchive(context.publicKey()), { path: '/root' });
      await container.start();
    }
    const { Id, NetworkSettings } = await container.inspect();
    const address = Object.values(NetworkSettings.Networks)[0]?.IPAddress;
    return {
      providerId: Id,
      ...(address === undefined || address === '' ? {} : { address, internalAddress: address }),
      login: { user: 'root', port: 22 },
    };
  }

  private engine(): Docker {
    this.connected ??= engineOf(this.options);
    return this.connected;
  }

  private async told<T>(doing: string, call: (engine: Docker) => Promise<T>): Promise<T> {
    try {
      const answer = await call(this.engine());
      this.hasAnswered = true;
      return answer;
    } catch (error) {
      throw asFailure(error, doing, this.options);
    }
  }
}

interface EngineInfo {
  NCPU: number;
  MemTotal: number;
}

const ENTIRELY = { force: true, v: true };

const networkOf = ({ cluster: { name, uid } }: Pick<MachineContext, 'cluster'>): string =>
  `skyflow-${name}-${uid.slice(0, 8)}`;

const labelsOf = ({ owner, cluster }: MachineContext): Record<string, string> => ({
  [LABEL.owner]: owner,
  [LABEL.cluster]: cluster.uid,
  [LABEL.name]: cluster.name,
});

const filtersOf = ({ owner, cluster }: MachineContext): { label: string[] } => ({
  label: [`${LABEL.owner}=${owner}`, `${LABEL.cluster}=${cluster.uid}`],
});

const isOwn = (labels: Record<string, string>, { name }: ProvisionMachine, { owner }: MachineContext): boolean =>
  labels[LABEL.owner] === owner && labels[LABEL.machine] === name;

/** Undefined: it is not there, or not any more. */
async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const status = statusOf(error);
    // 409: somebody else is just removing it; whoever asks whether it is gone is told.
    if (status === 404 || (status === 409 && /already in progress/.test((error as Error).message))) return undefined;
    throw error;
  }
}

/** `.ssh/authorized_keys` for /root. */
async function keyArchive(publicKey: string): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: '.ssh', type: 'directory', mode: 0o700 });
  archive.entry({ name: '.ssh/authorized_keys', mode: 0o600 }, `${publicKey.trim()}\n`);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
