/** What is in the fake's project: types, firewall rules, machines and operations, with the delays and the bad days of the real one. */
import { randomUUID } from 'node:crypto';
import type { compute_v1 } from '@googleapis/compute/build/v1.js';
import { CATALOGUE, ZONES } from './gcp-catalogue.js';

export interface GcpInstance {
  zone: string;
  name: string;
  request: compute_v1.Schema$Instance;
  address: string;
  createdMs: number;
  /** Not told of before. */
  visibleMs: number;
  runningMs: number;
  /** When its end was asked for. */
  endedMs?: number;
  /** It stands still and is still there; nobody asked for it. */
  stopped?: string;
}

export interface GcpOperation {
  name: string;
  zone: string | undefined;
  doneMs: number;
  error?: { code: string; message: string };
}

/** Bad days; all of them can be changed while it runs. */
export interface GcpWeather {
  /** Told of only so long after it was made. */
  visibleAfterMs: number;
  bootMs: number;
  /** STOPPING for so long. */
  lingerMs: number;
  /** Operations run for so long. */
  operationMs: number;
  /** Zones without room: the operation begins and is refused. */
  full: Set<string>;
  /** Zones that do not answer to a list. */
  unreachable: Set<string>;
  /** Calls that fail, by method: taken one by one. */
  failures: { method: string; status: number; reason: string; message?: string }[];
  /** Operations of the next inserts that begin and are refused. */
  refusals: { code: string; message: string }[];
  /** Calls that are carried out and whose answer is lost, by method: taken one by one. */
  lost: string[];
  /** Calls whose answer comes so late, by method: taken one by one. */
  late: { method: string; ms: number }[];
  /** No token is given out. */
  isSignInRefused: boolean;
}

export class GcpError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export class GcpWorld {
  readonly instances: GcpInstance[] = [];
  readonly firewalls = new Map<string, compute_v1.Schema$Firewall>();
  readonly operations = new Map<string, GcpOperation>();
  /** Operations by request id. */
  private readonly requests = new Map<string, GcpOperation>();
  readonly weather: GcpWeather = {
    visibleAfterMs: 0,
    bootMs: 0,
    lingerMs: 0,
    operationMs: 0,
    full: new Set(),
    unreachable: new Set(),
    failures: [],
    refusals: [],
    lost: [],
    late: [],
    isSignInRefused: false,
  };

  /** @param addresses given to machines, in turn. @param onKey a key that machines let in. */
  constructor(
    private readonly addresses: readonly string[],
    private readonly onKey: (publicKey: string) => void = () => undefined,
  ) {}

  /** Whatever still costs money. */
  get alive(): GcpInstance[] {
    return this.instances.filter((instance) => this.statusOf(instance) !== undefined);
  }

  /** Undefined: there is no such thing any more. */
  statusOf({ runningMs, endedMs, stopped }: GcpInstance): string | undefined {
    const now = Date.now();
    if (endedMs !== undefined) return now < endedMs + this.weather.lingerMs ? 'STOPPING' : undefined;
    if (stopped !== undefined) return 'TERMINATED';
    return now < runningMs ? 'STAGING' : 'RUNNING';
  }

  seen(): GcpInstance[] {
    const now = Date.now();
    return this.alive.filter(({ visibleMs }) => visibleMs <= now);
  }

  instance(zone: string, name: string): GcpInstance {
    const found = this.seen().find((each) => each.zone === zone && each.name === name);
    if (found !== undefined) return found;
    throw notFound(`zones/${zone}/instances/${name}`);
  }

  /** The same request id: the same operation, and nothing else happens. */
  insert(zone: string, requestId: string | null, request: compute_v1.Schema$Instance): GcpOperation {
    const before = requestId === null ? undefined : this.requests.get(requestId);
    if (before !== undefined) return before;
    const name = request.name ?? '';
    this.check(zone, name, request);
    if (this.alive.some((each) => each.zone === zone && each.name === name)) throw thereAlready(`instances/${name}`);
    const { weather } = this;
    const refusal = weather.full.has(zone) ? noRoom(zone) : weather.refusals.shift();
    const operation = this.begin(zone, refusal);
    if (requestId !== null) this.requests.set(requestId, operation);
    if (refusal !== undefined) return operation;
    const now = Date.now();
    const address = this.addresses[this.instances.length % this.addresses.length] ?? '127.0.0.1';
    const times = { createdMs: now, visibleMs: now + weather.visibleAfterMs, runningMs: now + weather.bootMs };
    this.instances.push({ zone, name, request, address, ...times });
    const keys = request.metadata?.items?.find(({ key }) => key === 'ssh-keys')?.value ?? '';
    this.onKey(keys.slice(keys.indexOf(':') + 1));
    return operation;
  }

  private check(zone: string, name: string, { machineType, networkInterfaces }: compute_v1.Schema$Instance): void {
    if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) throw invalid('resource.name', name);
    const type = machineType?.split('/').at(-1) ?? '';
    if (!CATALOGUE.some((each) => each.name === type)) throw invalid('resource.machineType', machineType ?? '');
    const subnet = networkInterfaces?.[0]?.subnetwork ?? '';
    if (!subnet.startsWith(`regions/${zone.slice(0, -2)}/`)) throw invalid('resource.networkInterfaces[0]', subnet);
  }

  delete(zone: string, name: string): GcpOperation {
    const instance = this.instance(zone, name);
    instance.endedMs ??= Date.now();
    return this.begin(zone);
  }

  insertFirewall(firewall: compute_v1.Schema$Firewall): GcpOperation {
    const name = firewall.name ?? '';
    if (this.firewalls.has(name)) throw thereAlready(`firewalls/${name}`);
    this.firewalls.set(name, firewall);
    return this.begin(undefined);
  }

  deleteFirewall(name: string): GcpOperation {
    if (!this.firewalls.delete(name)) throw notFound(`global/firewalls/${name}`);
    return this.begin(undefined);
  }

  begin(zone: string | undefined, error?: GcpOperation['error']): GcpOperation {
    const name = `operation-${randomUUID()}`;
    const doneMs = Date.now() + this.weather.operationMs;
    const operation = { name, zone, doneMs, ...(error === undefined ? {} : { error }) };
    this.operations.set(name, operation);
    return operation;
  }
}

const noRoom = (zone: string): GcpOperation['error'] => ({
  code: 'ZONE_RESOURCE_POOL_EXHAUSTED',
  message: `The zone 'projects/p/zones/${zone}' does not have enough resources available to fulfill the request.`,
});

export const notFound = (what: string): GcpError =>
  new GcpError(404, 'notFound', `The resource 'projects/p/${what}' was not found`);
const thereAlready = (what: string): GcpError =>
  new GcpError(409, 'alreadyExists', `The resource 'projects/p/${what}' already exists`);
const invalid = (field: string, value: string): GcpError =>
  new GcpError(400, 'invalid', `Invalid value for field '${field}': '${value}'.`);

export const isZone = (zone: string): boolean => ZONES.includes(zone);
