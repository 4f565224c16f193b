/** AWS for the tests that all clouds share. */
import { AwsDriver } from '../../drivers/aws/aws-driver.js';
import { type AwsOptions, CANONICAL, DEFAULT_IMAGE } from '../../drivers/aws/aws-options.js';
import { Ec2Clients } from '../../drivers/aws/ec2-clients.js';
import { ANSWER_MS, type CloudCall, type CloudHarness, LATE_MS, type Refusal } from '../cloud-harness.js';
import { FakeEc2 } from './fake-ec2.js';

export const AWS_OPTIONS: AwsOptions = {
  ...{ regions: ['eu-west-1', 'us-east-1'], image: DEFAULT_IMAGE, imageOwner: CANONICAL, vpc: undefined },
  ...{ user: 'ubuntu', port: 22, dockerSocket: undefined, openTo: '0.0.0.0/0' },
  prices: { 'eu-west-1': { 'm5.2xlarge': 0.01 } },
};

const ACTIONS: Record<CloudCall, string> = {
  offers: 'DescribeInstanceTypes',
  groundwork: 'CreateSecurityGroup',
  create: 'RunInstances',
  list: 'DescribeInstances',
  delete: 'TerminateInstances',
};

const REFUSALS: Record<Refusal, { code: string; status: number }> = {
  capacity: { code: 'InsufficientInstanceCapacity', status: 500 },
  quota: { code: 'VcpuLimitExceeded', status: 400 },
  auth: { code: 'UnauthorizedOperation', status: 403 },
  config: { code: 'InvalidParameterValue', status: 400 },
  throttled: { code: 'RequestLimitExceeded', status: 503 },
};

export interface AwsHarness extends CloudHarness {
  fake: FakeEc2;
}

/** Sets what says where credentials and the endpoint are, for this process. */
export async function startAws(): Promise<AwsHarness> {
  const fake = await new FakeEc2().start();
  Object.assign(process.env, fake.environment, { AWS_RETRY_MODE: 'standard' });
  const { world } = fake;
  const { weather } = world;
  return {
    fake,
    provider: 'aws',
    driver: new AwsDriver(new Ec2Clients({ answerMs: ANSWER_MS }), AWS_OPTIONS),
    region: 'eu-west-1',
    cloud: { provider: 'aws', region: 'eu-west-1', nodes: 3, cpus: 8, memoryGiB: 32 },
    offer: { region: 'eu-west-1', zone: 'eu-west-1a', type: 'm6i.2xlarge', hourly: 0.4 },
    setTimes: ({ visibleAfterMs, lingerMs }) => {
      if (lingerMs !== undefined) weather.lingerMs = lingerMs;
      if (visibleAfterMs === undefined) return;
      weather.visibleAfterMs = visibleAfterMs;
      for (const instance of world.instances) instance.visibleMs = instance.launchedMs + visibleAfterMs;
    },
    refuse: (call, as, times = 1) => {
      weather.failures.push(...Array.from({ length: times }, () => ({ action: ACTIONS[call], ...REFUSALS[as] })));
    },
    lose: (call, times = 1) => weather.lost.push(...Array.from({ length: times }, () => ACTIONS[call])),
    late: (call) => void weather.late.push({ action: ACTIONS[call], ms: LATE_MS }),
    alive: () => world.alive.map(({ tags }) => tags['skyflow-machine'] ?? ''),
    made: () => world.instances.length,
    ground: () => world.groups.length + world.keys.size,
    stray: (name, owner) => {
      const region = 'eu-west-1';
      const { id: group } = world.groups[0] ?? world.createGroup(region, 'g', 'vpc', {});
      if (!world.keys.has(`${region}/k`)) world.importKey(region, 'k', 'key', {});
      const marks = owner === undefined ? {} : { 'skyflow-owner': owner };
      return world.run({
        ...{ region, zone: 'eu-west-1a', type: 'm5.large', token: name, key: 'k', group },
        tags: { ...marks, 'skyflow-machine': name, 'skyflow-cluster': 'u', 'skyflow-cluster-name': 'prod' },
      }).id;
    },
    vanish: (name) => {
      const at = world.instances.findIndex(({ tags }) => tags['skyflow-machine'] === name);
      if (at >= 0) world.instances.splice(at, 1);
    },
    stop: () => fake.stop(),
  };
}
