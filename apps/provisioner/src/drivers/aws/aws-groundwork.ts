/**
 * What the machines of a cluster share in a region: a key pair and a security group of their own, by names that are worked out, and the
 * image and subnets that they are asked for with. All of it may be laid and cleared again and again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { EC2, IpPermission, Tag } from '@aws-sdk/client-ec2';
import type { ProvisionFailure } from '@skyflow/contracts';
import type { ListedMachine } from '@skyflow/domain';
import { ProvisionError } from '../../provision-error.js';
import type { MachineContext } from '../machine-driver.js';
import type { AwsOptions } from './aws-options.js';
import { codeOf } from './ec2-errors.js';

const KUBERNETES_API = 6443;
/** A group that was just made may not be seen by the next call. */
const SEEN_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** Of key pair and security group; the same wherever it is worked out. */
export const groundName = ({ cluster }: Pick<MachineContext, 'cluster'>): string =>
  `skyflow-${cluster.name}-${cluster.uid.slice(0, 8)}`;

export const tagsOf = (
  { cluster, owner }: Pick<MachineContext, 'cluster' | 'owner'>,
  more: Record<string, string> = {},
): Tag[] =>
  Object.entries({
    'skyflow-owner': owner,
    'skyflow-cluster': cluster.uid,
    'skyflow-cluster-name': cluster.name,
    ...more,
  }).map(([Key, Value]) => ({ Key, Value }));

export async function layGroundwork(
  ec2: EC2,
  region: string,
  context: MachineContext,
  options: AwsOptions,
): Promise<Record<string, string>> {
  const { signal: abortSignal } = context;
  const name = groundName(context);
  await importKey(ec2, name, context);
  const vpc = options.vpc ?? (await defaultVpc(ec2, region, abortSignal));
  const group = await ownGroup(ec2, name, vpc, context);
  await openPorts(ec2, group, context, options);
  const { image, device } = await imageOf(ec2, region, options, abortSignal);
  const subnets = await subnetsOf(ec2, vpc, abortSignal);
  return { region, key: name, group, vpc, image, device, ...subnets };
}

async function importKey(ec2: EC2, name: string, context: MachineContext): Promise<void> {
  try {
    await ec2.importKeyPair(
      {
        KeyName: name,
        PublicKeyMaterial: Buffer.from(context.publicKey()),
        TagSpecifications: [{ ResourceType: 'key-pair', Tags: tagsOf(context, { Name: name }) }],
      },
      { abortSignal: context.signal },
    );
  } catch (error) {
    // Its name has the uid of the cluster in it: it is ours, made before an answer was lost.
    if (codeOf(error) !== 'InvalidKeyPair.Duplicate') throw error;
  }
}

async function defaultVpc(ec2: EC2, region: string, abortSignal: AbortSignal): Promise<string> {
  const { Vpcs = [] } = await ec2.describeVpcs(
    { Filters: [{ Name: 'is-default', Values: ['true'] }] },
    { abortSignal },
  );
  const id = Vpcs[0]?.VpcId;
  if (id !== undefined) return id;
  throw new ProvisionError(
    'config',
    `${region} has no default VPC`,
    'name one in SKYFLOW_AWS_VPC, or make it: aws ec2 create-default-vpc',
  );
}

async function ownGroup(ec2: EC2, name: string, vpc: string, context: MachineContext): Promise<string> {
  const { signal: abortSignal } = context;
  try {
    const { GroupId } = await ec2.createSecurityGroup(
      {
        GroupName: name,
        Description: `SkyFlow cluster ${context.cluster.name}`,
        VpcId: vpc,
        TagSpecifications: [{ ResourceType: 'security-group', Tags: tagsOf(context, { Name: name }) }],
      },
      { abortSignal },
    );
    if (GroupId !== undefined) return GroupId;
  } catch (error) {
    if (codeOf(error) !== 'InvalidGroup.Duplicate') throw error;
  }
  return untilSeen(abortSignal, async () => {
    const [found] = await groupsNamed(ec2, name, abortSignal);
    if (found === undefined)
      throw new ProvisionError('network', `security group ${name} is not listed yet`, 'nothing: it is tried again');
    return found;
  });
}

async function groupsNamed(ec2: EC2, name: string, abortSignal: AbortSignal): Promise<string[]> {
  const { SecurityGroups = [] } = await ec2.describeSecurityGroups(
    { Filters: [{ Name: 'group-name', Values: [name] }] },
    { abortSignal },
  );
  return SecurityGroups.flatMap(({ GroupId }) => (GroupId === undefined ? [] : [GroupId]));
}

async function openPorts(
  ec2: EC2,
  group: string,
  context: MachineContext,
  { openTo, port }: AwsOptions,
): Promise<void> {
  const ports = new Set([port, KUBERNETES_API, ...(context.spec.cloud?.ports ?? [])]);
  const permissions: IpPermission[] = [
    // Nodes of one cluster talk to one another as they like.
    { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: group }] },
    ...[...ports].map((each) => ({
      IpProtocol: 'tcp',
      FromPort: each,
      ToPort: each,
      IpRanges: [{ CidrIp: openTo }],
    })),
  ];
  // One by one: a repeated one is refused, and with it all that came in the same call.
  for (const permission of permissions) {
    await untilSeen(context.signal, async () => {
      try {
        await ec2.authorizeSecurityGroupIngress(
          { GroupId: group, IpPermissions: [permission] },
          { abortSignal: context.signal },
        );
      } catch (error) {
        if (codeOf(error) !== 'InvalidPermission.Duplicate') throw error;
      }
    });
  }
}

/** Again while what was just made is not seen. */
async function untilSeen<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + SEEN_WITHIN_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const isUnseen = /NotFound$/.test(codeOf(error)) || error instanceof ProvisionError;
      if (!isUnseen || performance.now() > deadline) throw error;
    }
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function imageOf(
  ec2: EC2,
  region: string,
  { image, imageOwner }: AwsOptions,
  abortSignal: AbortSignal,
): Promise<{ image: string; device: string }> {
  const isId = image.startsWith('ami-');
  const { Images = [] } = await ec2.describeImages(
    isId
      ? { ImageIds: [image] }
      : {
          Owners: [imageOwner],
          Filters: [
            { Name: 'name', Values: [image] },
            { Name: 'state', Values: ['available'] },
          ],
        },
    { abortSignal },
  );
  const newest = Images.sort((a, b) => ((a.CreationDate ?? '') < (b.CreationDate ?? '') ? 1 : -1))[0];
  if (newest?.ImageId === undefined) {
    throw new ProvisionError('config', `${region} has no image ${image}`, 'name another in SKYFLOW_AWS_IMAGE');
  }
  return { image: newest.ImageId, device: newest.RootDeviceName ?? '/dev/sda1' };
}

/** `subnet/ZONE` → id: of each zone the one with the most free addresses. */
async function subnetsOf(ec2: EC2, vpc: string, abortSignal: AbortSignal): Promise<Record<string, string>> {
  const { Subnets = [] } = await ec2.describeSubnets({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] }, { abortSignal });
  const best = new Map<string, { id: string; free: number }>();
  for (const { AvailabilityZone: zone, SubnetId: id, AvailableIpAddressCount: free = 0 } of Subnets) {
    if (zone === undefined || id === undefined || free <= (best.get(zone)?.free ?? -1)) continue;
    best.set(zone, { id, free });
  }
  return Object.fromEntries([...best].map(([zone, { id }]) => [`subnet/${zone}`, id]));
}

/** Security groups and keys with the mark of the installation. @param tell of what may not be listed; the rest is. */
export async function groundsOf(
  ec2: EC2,
  owner: string,
  abortSignal: AbortSignal,
  tell: (failure: ProvisionFailure) => void = () => undefined,
): Promise<ListedMachine[]> {
  const mark = { Filters: [{ Name: 'tag:skyflow-owner', Values: [owner] }] };
  const [{ SecurityGroups = [] }, { KeyPairs = [] }] = await Promise.all([
    unlessForbidden('DescribeSecurityGroups', tell, () => ec2.describeSecurityGroups(mark, { abortSignal })),
    unlessForbidden('DescribeKeyPairs', tell, () => ec2.describeKeyPairs(mark, { abortSignal })),
  ]);
  return [
    ...SecurityGroups.map(({ GroupId = '', Tags }) => groundOf(GroupId, Tags)),
    ...KeyPairs.map(({ KeyPairId = '', Tags }) => groundOf(KeyPairId, Tags)),
  ];
}

/** A role that was made before SkyFlow looked for them may have no right to; machines are looked for all the same. */
async function unlessForbidden<T extends object>(
  action: string,
  tell: (failure: ProvisionFailure) => void,
  list: () => Promise<T>,
): Promise<Partial<T>> {
  try {
    return await list();
  } catch (error) {
    if (codeOf(error) !== 'UnauthorizedOperation') throw error;
    const message = `what machines share is not looked for by ${action}: ${(error as Error).message}`;
    tell({ class: 'auth', message, advice: `allow ec2:${action} to the role of the provisioner` });
    return {};
  }
}

function groundOf(id: string, tags: readonly Tag[] = []): ListedMachine {
  const value = (key: string): string => tags.find(({ Key }) => Key === key)?.Value ?? '';
  const clusterName = value('skyflow-cluster-name');
  return { id, name: value('Name'), cluster: value('skyflow-cluster'), clusterName, ground: true };
}

/** A security group, or a key. */
export async function deleteGround(ec2: EC2, id: string, abortSignal: AbortSignal): Promise<void> {
  if (id.startsWith('key-')) await ec2.deleteKeyPair({ KeyPairId: id }, { abortSignal });
  else await ec2.deleteSecurityGroup({ GroupId: id }, { abortSignal });
}

export async function clearGroundwork(ec2: EC2, context: MachineContext): Promise<void> {
  const { signal: abortSignal } = context;
  const name = groundName(context);
  for (const group of await groupsNamed(ec2, name, abortSignal)) {
    try {
      await ec2.deleteSecurityGroup({ GroupId: group }, { abortSignal });
    } catch (error) {
      // A machine that has just ended holds it for a while: DependencyViolation; the state machine asks again.
      if (!/^InvalidGroup(Id)?\.NotFound$/.test(codeOf(error))) throw error;
    }
  }
  // Without an error for one that is not there.
  await ec2.deleteKeyPair({ KeyName: name }, { abortSignal });
}
