/** What is in the fake's regions: catalogue, keys, groups and machines, with the delays and the bad days of the real one. */
import { randomBytes } from 'node:crypto';

export interface Ec2Instance {
  id: string;
  region: string;
  zone: string;
  type: string;
  token: string;
  key: string;
  group: string;
  address: string;
  tags: Record<string, string>;
  launchedMs: number;
  /** Not listed before. */
  visibleMs: number;
  runningMs: number;
  /** When its end was asked for. */
  endedMs?: number;
  /** Why it ended without being asked to. */
  reason?: { code: string; message: string };
}

export interface Ec2Group {
  id: string;
  name: string;
  region: string;
  vpc: string;
  tags: Record<string, string>;
  permissions: Set<string>;
  visibleMs: number;
}

/** Bad days; all of them can be changed while it runs. */
export interface Ec2Weather {
  /** Listed only so long after it was made. */
  visibleAfterMs: number;
  bootMs: number;
  /** Shutting down for so long; then listed as terminated for as long again. */
  lingerMs: number;
  /** Zones, or `zone/type`, without room. */
  full: Set<string>;
  /** Calls that fail, by action: taken one by one. */
  failures: { action: string; code: string; message?: string; status?: number }[];
  /** Calls that are carried out and whose answer is lost, by action: taken one by one. */
  lost: string[];
  /** Calls whose answer comes so late, by action: taken one by one. */
  late: { action: string; ms: number }[];
  /** The next RunInstances make two machines each. */
  twins: number;
}

export class Ec2Error extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export const id = (prefix: string): string => `${prefix}-0${randomBytes(8).toString('hex')}`;

export class Ec2World {
  readonly instances: Ec2Instance[] = [];
  readonly groups: Ec2Group[] = [];
  /** Public keys by `region/name`. */
  readonly keys = new Map<string, string>();
  /** Ids and tags of keys that were ever made, by `region/name`. */
  readonly keyPairs = new Map<string, { id: string; tags: Record<string, string> }>();
  readonly weather: Ec2Weather = {
    visibleAfterMs: 0,
    bootMs: 0,
    lingerMs: 0,
    full: new Set(),
    failures: [],
    lost: [],
    late: [],
    twins: 0,
  };

  /** @param addresses given to machines, in turn. @param onKey a key that machines let in. */
  constructor(
    private readonly addresses: readonly string[],
    private readonly onKey: (publicKey: string) => void = () => undefined,
  ) {}

  stateOf({ runningMs, endedMs, reason }: Ec2Instance): { code: number; name: string } {
    const now = Date.now();
    if (reason !== undefined) return { code: 48, name: 'terminated' };
    if (endedMs !== undefined) {
      return now < endedMs + this.weather.lingerMs
        ? { code: 32, name: 'shutting-down' }
        : { code: 48, name: 'terminated' };
    }
    return now < runningMs ? { code: 0, name: 'pending' } : { code: 16, name: 'running' };
  }

  /** Whatever still costs money. */
  get alive(): Ec2Instance[] {
    return this.instances.filter((instance) => !['terminated'].includes(this.stateOf(instance).name));
  }

  listed(region: string): Ec2Instance[] {
    const now = Date.now();
    return this.instances.filter(
      (instance) =>
        instance.region === region &&
        instance.visibleMs <= now &&
        (instance.endedMs === undefined || now < instance.endedMs + 2 * this.weather.lingerMs + 1_000),
    );
  }

  /** Its id. */
  importKey(region: string, name: string, publicKey: string, tags: Record<string, string>): string {
    if (this.keys.has(`${region}/${name}`)) {
      throw new Ec2Error('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
    }
    const made = { id: id('key'), tags };
    this.keys.set(`${region}/${name}`, publicKey);
    this.keyPairs.set(`${region}/${name}`, made);
    this.onKey(publicKey);
    return made.id;
  }

  createGroup(region: string, name: string, vpc: string, tags: Record<string, string>): Ec2Group {
    if (this.groups.some((group) => group.region === region && group.name === name)) {
      throw new Ec2Error('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpc}'`);
    }
    const visibleMs = Date.now() + this.weather.visibleAfterMs;
    const group = { id: id('sg'), name, region, vpc, tags, permissions: new Set<string>(), visibleMs };
    this.groups.push(group);
    return group;
  }

  group(region: string, groupId: string): Ec2Group {
    const found = this.groups.find((group) => group.region === region && group.id === groupId);
    if (found !== undefined && found.visibleMs <= Date.now()) return found;
    throw new Ec2Error('InvalidGroup.NotFound', `The security group '${groupId}' does not exist`);
  }

  deleteGroup(region: string, groupId: string): void {
    const group = this.group(region, groupId);
    if (this.alive.some((instance) => instance.group === groupId)) {
      throw new Ec2Error('DependencyViolation', `resource ${groupId} has a dependent object`);
    }
    this.groups.splice(this.groups.indexOf(group), 1);
  }

  /** Same token, same machine; another request with the same token is refused. */
  run(wanted: Omit<Ec2Instance, 'id' | 'address' | 'launchedMs' | 'visibleMs' | 'runningMs'>): Ec2Instance {
    const { region, zone, type, token, key, group } = wanted;
    const before = this.instances.find((instance) => instance.region === region && instance.token === token);
    if (before !== undefined) {
      if (before.type === type && before.zone === zone) return before;
      throw new Ec2Error('IdempotentParameterMismatch', 'Arguments on this idempotent request are inconsistent');
    }
    const { full, visibleAfterMs, bootMs } = this.weather;
    if (full.has(zone) || full.has(`${zone}/${type}`)) {
      const message = `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}).`;
      throw new Ec2Error('InsufficientInstanceCapacity', message, 500);
    }
    if (!this.keys.has(`${region}/${key}`)) {
      throw new Ec2Error('InvalidKeyPair.NotFound', `The key pair '${key}' does not exist`);
    }
    this.group(region, group);
    const make = (): Ec2Instance => {
      const now = Date.now();
      const address = this.addresses[this.instances.length % this.addresses.length] ?? '127.0.0.1';
      const times = {
        launchedMs: now + this.instances.length,
        visibleMs: now + visibleAfterMs,
        runningMs: now + bootMs,
      };
      const instance = { ...wanted, id: id('i'), address, ...times };
      this.instances.push(instance);
      return instance;
    };
    const instance = make();
    if (this.weather.twins > 0) {
      this.weather.twins--;
      make();
    }
    return instance;
  }

  terminate(region: string, ids: readonly string[]): Ec2Instance[] {
    return ids.map((each) => {
      const found = this.instances.find((instance) => instance.region === region && instance.id === each);
      if (found === undefined) {
        throw new Ec2Error('InvalidInstanceID.NotFound', `The instance ID '${each}' does not exist`);
      }
      found.endedMs ??= Date.now();
      return found;
    });
  }
}
