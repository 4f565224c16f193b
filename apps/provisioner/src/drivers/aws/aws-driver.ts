/**
 * Machines of Amazon EC2. Every request for one has a token by which EC2 knows it again, and tags by which it is found when the answer is
 * lost; whatever has the name of a machine in its tags is that machine, and of several the oldest stays.
 */
import type { EC2, Filter, Instance, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { ProvisionFailure, ProvisionOffer } from '@skyflow/contracts';
import type { ListedMachine, Orphan, ProvisionMachine } from '@skyflow/domain';
import { sha256 } from '../../escrow/escrow-keys.js';
import { ProvisionError } from '../../provision-error.js';
import { loginOf, offersByRegion } from '../cloud-options.js';
import type { CreatedMachine, MachineContext, MachineDriver } from '../machine-driver.js';
import { clearGroundwork, deleteGround, groundsOf, layGroundwork, tagsOf } from './aws-groundwork.js';
import { offersIn } from './aws-offers.js';
import type { AwsOptions } from './aws-options.js';
import { bootScript } from '../boot-script.js';
import type { Ec2Clients } from './ec2-clients.js';
import { asFailure, asOutcome } from './ec2-errors.js';

const DEFAULT_DISK_GIB = 50;
const ENDED: ReadonlySet<string> = new Set(['shutting-down', 'terminated', 'stopping', 'stopped']);
const GONE = 'terminated';

export class AwsDriver implements MachineDriver {
  constructor(
    private readonly clients: Ec2Clients,
    private readonly options: AwsOptions,
  ) {}

  offers({ spec, signal }: Pick<MachineContext, 'spec' | 'signal'>): Promise<ProvisionOffer[]> {
    return offersByRegion(spec, this.options.regions, (region, cloud) =>
      this.call(region, `offers in ${region}`, (ec2) => offersIn(ec2, region, cloud, this.options, signal)),
    );
  }

  layGroundwork(region: string, context: MachineContext): Promise<Record<string, string>> {
    return this.call(region, `key and firewall in ${region}`, (ec2) =>
      layGroundwork(ec2, region, context, this.options),
    );
  }

  clearGroundwork(region: string, context: MachineContext): Promise<void> {
    return this.call(region, `key and firewall in ${region}`, (ec2) => clearGroundwork(ec2, context));
  }

  async create(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine> {
    const ec2 = await this.clients.of(regionOf(machine));
    const doing = `RunInstances of ${machine.offer?.type ?? ''} in ${machine.offer?.zone ?? regionOf(machine)}`;
    try {
      const { Instances = [] } = await ec2.runInstances(request(machine, context, this.options.user), {
        abortSignal: context.signal,
      });
      const [instance] = Instances;
      if (instance?.InstanceId === undefined) throw new Error('no instance is in the answer');
      return this.created(instance);
    } catch (error) {
      throw asOutcome(error, doing);
    }
  }

  /** What has ended by itself is not it any more, and says why. */
  async find(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine | undefined> {
    const instances = await this.named(machine, context);
    const alive = instances.filter(({ State }) => !ENDED.has(State?.Name ?? ''));
    const [oldest, ...others] = alive.sort((a, b) => Number(a.LaunchTime) - Number(b.LaunchTime));
    if (oldest === undefined) {
      const ended = instances.find(({ InstanceId }) => InstanceId === machine.providerId);
      if (ended !== undefined) throw endedByItself(ended);
      return undefined;
    }
    const removed = await this.terminate(regionOf(machine), others, context.signal);
    return { ...this.created(oldest), ...(removed.length === 0 ? {} : { removed }) };
  }

  async delete(machine: ProvisionMachine, context: MachineContext): Promise<void> {
    const instances = await this.named(machine, context);
    const there = instances.filter(({ State }) => State?.Name !== GONE);
    await this.terminate(regionOf(machine), there, context.signal);
  }

  async isGone(machine: ProvisionMachine, context: MachineContext): Promise<boolean> {
    const instances = await this.named(machine, context);
    return instances.every(({ State }) => State?.Name === GONE);
  }

  regions(known: readonly string[]): readonly string[] {
    return [...new Set([...this.options.regions, ...known])];
  }

  async list(
    region: string,
    owner: string,
    signal: AbortSignal,
    tell: (failure: ProvisionFailure) => void = () => undefined,
  ): Promise<ListedMachine[]> {
    const instances = await this.described(region, [{ Name: 'tag:skyflow-owner', Values: [owner] }], signal);
    const grounds = await this.call(region, `groundwork in ${region}`, (ec2) => groundsOf(ec2, owner, signal, tell));
    return [...instances.filter(({ State }) => State?.Name !== GONE).map(listedOf), ...grounds];
  }

  async endOrphan(
    { region, id, ground }: Pick<Orphan, 'region' | 'id' | 'ground'>,
    owner: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (ground === true) {
      await this.call(region, `end of ${id}`, async (ec2) => {
        const isOwn = (await groundsOf(ec2, owner, signal)).some((each) => each.id === id);
        if (isOwn) await deleteGround(ec2, id, signal);
      });
      return;
    }
    const mark = { Name: 'tag:skyflow-owner', Values: [owner] };
    const instances = await this.described(region, [mark, { Name: 'instance-id', Values: [id] }], signal);
    await this.terminate(region, instances, signal);
  }

  private created({ InstanceId = '', PublicIpAddress, PrivateIpAddress }: Instance): CreatedMachine {
    return {
      providerId: InstanceId,
      ...(PublicIpAddress === undefined ? {} : { address: PublicIpAddress }),
      ...(PrivateIpAddress === undefined ? {} : { internalAddress: PrivateIpAddress }),
      login: loginOf(this.options),
    };
  }

  private named(machine: ProvisionMachine, { owner, signal }: MachineContext): Promise<Instance[]> {
    const filters = [
      { Name: 'tag:skyflow-owner', Values: [owner] },
      { Name: 'tag:skyflow-machine', Values: [machine.name] },
    ];
    return this.described(regionOf(machine), filters, signal);
  }

  private described(region: string, filters: Filter[], abortSignal: AbortSignal): Promise<Instance[]> {
    return this.call(region, `DescribeInstances in ${region}`, async (ec2) => {
      const instances: Instance[] = [];
      let NextToken: string | undefined;
      do {
        const page = await ec2.describeInstances(
          { Filters: filters, ...(NextToken === undefined ? {} : { NextToken }) },
          { abortSignal },
        );
        instances.push(...(page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances));
        ({ NextToken } = page);
      } while (NextToken !== undefined && NextToken !== '');
      return instances;
    });
  }

  private async terminate(region: string, instances: readonly Instance[], abortSignal: AbortSignal): Promise<string[]> {
    const ids = instances.flatMap(({ InstanceId }) => (InstanceId === undefined ? [] : [InstanceId]));
    if (ids.length === 0) return [];
    await this.call(region, `TerminateInstances in ${region}`, (ec2) =>
      ec2.terminateInstances({ InstanceIds: ids }, { abortSignal }),
    );
    return ids;
  }

  private async call<T>(region: string, doing: string, act: (ec2: EC2) => Promise<T>): Promise<T> {
    try {
      return await act(await this.clients.of(region));
    } catch (error) {
      throw asFailure(error, doing);
    }
  }
}

function listedOf({ InstanceId = '', Tags = [] }: Instance): ListedMachine {
  const tag = (key: string): string => Tags.find(({ Key }) => Key === key)?.Value ?? '';
  return {
    id: InstanceId,
    name: tag('skyflow-machine'),
    cluster: tag('skyflow-cluster'),
    clusterName: tag('skyflow-cluster-name'),
  };
}

const regionOf = ({ offer, name }: ProvisionMachine): string => {
  if (offer === undefined) throw new Error(`machine ${name} was planned without an offer`);
  return offer.region;
};

/** All of it from the log: the same request however often it is made. */
function request(machine: ProvisionMachine, context: MachineContext, user: string): RunInstancesCommandInput {
  const { groundwork, spec } = context;
  const { cloud } = spec;
  const zone = machine.offer?.zone;
  const subnet = groundwork[`subnet/${zone ?? ''}`];
  if (subnet === undefined) {
    const advice = 'make a subnet there, or name another zone in spec.provision.cloud.zone';
    throw new ProvisionError('capacity', `the VPC ${groundwork.vpc ?? ''} has no subnet in ${zone ?? ''}`, advice);
  }
  const tags = tagsOf(context, { Name: machine.name, 'skyflow-machine': machine.name, 'skyflow-op': machine.token });
  return {
    ImageId: groundwork.image,
    InstanceType: machine.offer?.type as RunInstancesCommandInput['InstanceType'],
    MinCount: 1,
    MaxCount: 1,
    KeyName: groundwork.key,
    // At most 64 characters.
    ClientToken: sha256(machine.token),
    NetworkInterfaces: [
      { DeviceIndex: 0, SubnetId: subnet, Groups: [groundwork.group ?? ''], AssociatePublicIpAddress: true },
    ],
    BlockDeviceMappings: [
      {
        DeviceName: groundwork.device,
        Ebs: {
          VolumeSize: Math.ceil(cloud?.diskGiB ?? DEFAULT_DISK_GIB),
          VolumeType: 'gp3',
          DeleteOnTermination: true,
        },
      },
    ],
    UserData: Buffer.from(bootScript(user, (spec.driver ?? 'rke') === 'rke')).toString('base64'),
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
    InstanceInitiatedShutdownBehavior: 'terminate',
    ...(cloud?.spot === true
      ? {
          InstanceMarketOptions: {
            MarketType: 'spot',
            SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
          },
        }
      : {}),
    TagSpecifications: [
      { ResourceType: 'instance', Tags: tags },
      { ResourceType: 'volume', Tags: tags },
    ],
  };
}

/** EC2 may accept a request and end the machine while it starts. */
function endedByItself({ InstanceId, StateReason }: Instance): ProvisionError {
  const { Code = '', Message = 'it ended by itself' } = StateReason ?? {};
  const isRoom = /Capacity|SpotInstanceTermination/.test(Code);
  const message = `${InstanceId ?? ''} has ended: ${Message}`;
  return new ProvisionError(isRoom ? 'capacity' : 'config', message, 'nothing: the next offer is tried', {
    line: Code,
  });
}
