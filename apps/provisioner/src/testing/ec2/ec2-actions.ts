/** The actions of EC2 that SkyFlow uses, as their answers look on the wire. */
import { CATALOGUE, isOffered, spotPrice, zonesOf } from './ec2-catalogue.js';
import { type Ec2Group, type Ec2Instance, type Ec2World, Ec2Error, id } from './ec2-world.js';
import { type Query, type Xml, queriesOf, textOf, textsOf } from './ec2-xml.js';

type Action = (world: Ec2World, region: string, query: Query) => Xml;

const VPC = 'vpc-0default';
const PAGE = 6;

/** Values of a filter; undefined: it was not given. */
const filter = (query: Query, name: string): string[] | undefined => {
  const found = queriesOf(query['Filter']).find((each) => textOf(each['Name']) === name);
  return found === undefined ? undefined : textsOf(found['Value']);
};
const passes = (query: Query, name: string, value: string): boolean => filter(query, name)?.includes(value) ?? true;

const tagsIn = (query: Query, resource: string): Record<string, string> =>
  Object.fromEntries(
    queriesOf(query['TagSpecification'])
      .filter((each) => textOf(each['ResourceType']) === resource)
      .flatMap((each) => queriesOf(each['Tag']).map((tag) => [textOf(tag['Key']), textOf(tag['Value'])])),
  );

const tagSet = (tags: Record<string, string>): Xml => Object.entries(tags).map(([key, value]) => ({ key, value }));

/** All that are given: `tag:NAME`. */
const hasTags = (query: Query, tags: Record<string, string>): boolean =>
  queriesOf(query['Filter']).every((each) => {
    const name = textOf(each['Name']);
    return !name.startsWith('tag:') || textsOf(each['Value']).includes(tags[name.slice(4)] ?? '');
  });

const instanceXml = (world: Ec2World, instance: Ec2Instance): Xml => {
  const state = world.stateOf(instance);
  const isRunning = state.name === 'running';
  return {
    instanceId: instance.id,
    instanceState: { ...state },
    instanceType: instance.type,
    keyName: instance.key,
    launchTime: new Date(instance.launchedMs).toISOString(),
    placement: { availabilityZone: instance.zone },
    ...(isRunning ? { ipAddress: instance.address, privateIpAddress: instance.address } : {}),
    ...(instance.reason === undefined ? {} : { stateReason: { ...instance.reason } }),
    groupSet: [{ groupId: instance.group }],
    tagSet: tagSet(instance.tags),
  };
};

const groupXml = (group: Ec2Group): Xml => ({
  groupId: group.id,
  groupName: group.name,
  vpcId: group.vpc,
  tagSet: tagSet(group.tags),
});

const permissionsIn = (query: Query): string[] =>
  queriesOf(query['IpPermissions']).map((each) => {
    const peers = queriesOf(each['IpRanges']).map((range) => textOf(range['CidrIp']));
    const groups = queriesOf(each['Groups']).map((group) => textOf(group['GroupId']));
    return `${textOf(each['IpProtocol'])}:${textOf(each['FromPort'])}:${[...peers, ...groups].join(',')}`;
  });

export const ACTIONS: Readonly<Record<string, Action>> = {
  DescribeInstanceTypes: (_world, _region, query) => {
    const all = CATALOGUE.filter(({ isBurstable = false }) =>
      passes(query, 'burstable-performance-supported', String(isBurstable)),
    );
    // In pages, smaller than asked for, as it may be.
    const from = Number(textOf(query['NextToken']) || '0');
    const more = from + PAGE < all.length ? { nextToken: String(from + PAGE) } : {};
    return {
      instanceTypeSet: all.slice(from, from + PAGE).map(({ type, cpus, memoryMiB, gpu }) => ({
        instanceType: type,
        vCpuInfo: { defaultVCpus: cpus },
        memoryInfo: { sizeInMiB: memoryMiB },
        ...(gpu === undefined ? {} : { gpuInfo: { gpus: [{ name: gpu.name, count: gpu.count }] } }),
      })),
      ...more,
    };
  },
  DescribeInstanceTypeOfferings: (_world, region, query) => ({
    instanceTypeOfferingSet: zonesOf(region)
      .filter((zone) => passes(query, 'location', zone))
      .flatMap((zone) =>
        CATALOGUE.filter(({ type }) => passes(query, 'instance-type', type) && isOffered(type, zone)).map(
          ({ type }) => ({ instanceType: type, locationType: 'availability-zone', location: zone }),
        ),
      ),
  }),
  DescribeSpotPriceHistory: (_world, region, query) => ({
    spotPriceHistorySet: zonesOf(region).flatMap((zone) =>
      CATALOGUE.filter(({ type }) => textsOf(query['InstanceType']).includes(type)).map(({ type, cpus }) => ({
        instanceType: type,
        productDescription: 'Linux/UNIX',
        spotPrice: spotPrice(cpus, zone).toFixed(6),
        timestamp: new Date().toISOString(),
        availabilityZone: zone,
      })),
    ),
  }),
  DescribeVpcs: () => ({ vpcSet: [{ vpcId: VPC, isDefault: true, state: 'available' }] }),
  DescribeSubnets: (_world, region) => ({
    subnetSet: zonesOf(region).map((zone) => ({
      subnetId: `subnet-${zone}`,
      vpcId: VPC,
      availabilityZone: zone,
      availableIpAddressCount: 4091,
      state: 'available',
    })),
  }),
  DescribeImages: (_world, region) => ({
    imagesSet: ['2025-01-10', '2025-03-20', '2024-11-02'].map((day) => ({
      imageId: `ami-${region}-${day}`,
      name: `ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-${day.replaceAll('-', '')}`,
      creationDate: `${day}T00:00:00.000Z`,
      rootDeviceName: '/dev/sda1',
      imageState: 'available',
    })),
  }),
  ImportKeyPair: (world, region, query) => {
    const name = textOf(query['KeyName']);
    const text = Buffer.from(textOf(query['PublicKeyMaterial']), 'base64').toString('utf8');
    const keyPairId = world.importKey(region, name, text, tagsIn(query, 'key-pair'));
    return { keyName: name, keyFingerprint: 'aa:bb', keyPairId };
  },
  DescribeKeyPairs: (world, region, query) => ({
    keySet: [...world.keyPairs]
      .filter(([at, { tags }]) => at.startsWith(`${region}/`) && world.keys.has(at) && hasTags(query, tags))
      .map(([at, { id: keyPairId, tags }]) => ({
        ...{ keyPairId, keyName: at.slice(region.length + 1), tagSet: tagSet(tags) },
      })),
  }),
  DeleteKeyPair: (world, region, query) => {
    const [named] = [...world.keyPairs].find(([, pair]) => pair.id === textOf(query['KeyPairId'])) ?? [];
    world.keys.delete(named ?? `${region}/${textOf(query['KeyName'])}`);
    return { return: true };
  },
  CreateSecurityGroup: (world, region, query) => {
    const tags = tagsIn(query, 'security-group');
    return {
      groupId: world.createGroup(region, textOf(query['GroupName']), textOf(query['VpcId']), tags).id,
      return: true,
    };
  },
  DescribeSecurityGroups: (world, region, query) => ({
    securityGroupInfo: world.groups
      .filter((group) => group.region === region && group.visibleMs <= Date.now())
      .filter((group) => passes(query, 'group-name', group.name) && hasTags(query, group.tags))
      .map(groupXml),
  }),
  AuthorizeSecurityGroupIngress: (world, region, query) => {
    const group = world.group(region, textOf(query['GroupId']));
    const permissions = permissionsIn(query);
    if (permissions.some((each) => group.permissions.has(each))) {
      throw new Ec2Error('InvalidPermission.Duplicate', 'the specified rule already exists');
    }
    for (const each of permissions) group.permissions.add(each);
    return { return: true };
  },
  DeleteSecurityGroup: (world, region, query) => {
    world.deleteGroup(region, textOf(query['GroupId']));
    return { return: true };
  },
  RunInstances: (world, region, query) => {
    const [network = {}] = queriesOf(query['NetworkInterface']);
    const instance = world.run({
      region,
      zone: textOf(network['SubnetId']).replace('subnet-', ''),
      type: textOf(query['InstanceType']),
      token: textOf(query['ClientToken']),
      key: textOf(query['KeyName']),
      group: textsOf(network['SecurityGroupId'])[0] ?? '',
      tags: tagsIn(query, 'instance'),
    });
    return { reservationId: id('r'), instancesSet: [instanceXml(world, instance)] };
  },
  DescribeInstances: (world, region, query) => ({
    reservationSet: world
      .listed(region)
      .filter((instance) => hasTags(query, instance.tags))
      .filter((instance) => passes(query, 'instance-id', instance.id))
      .filter((instance) => passes(query, 'instance-state-name', world.stateOf(instance).name))
      .map((instance) => ({ reservationId: id('r'), instancesSet: [instanceXml(world, instance)] })),
  }),
  TerminateInstances: (world, region, query) => ({
    instancesSet: world.terminate(region, textsOf(query['InstanceId'])).map((instance) => ({
      instanceId: instance.id,
      currentState: { ...world.stateOf(instance) },
    })),
  }),
  DescribeRegions: () => ({ regionInfo: ['eu-west-1', 'us-east-1'].map((regionName) => ({ regionName })) }),
};
