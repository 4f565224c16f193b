/** What is in the fake's subscription: groups and what is in them, machines, with the delays and the bad days of the real one. */
import type { VirtualMachine } from '@azure/arm-compute';

export interface AzureMachine {
  /** As they were written first; Azure takes no notice of capitals. */
  group: string;
  name: string;
  request: VirtualMachine;
  address: string;
  createdMs: number;
  /** Not told of before. */
  visibleMs: number;
  /** When its end was asked for. */
  endedMs?: number;
  /** It was begun and refused. */
  refused?: { code: string; message: string };
  /** It stands still and is still there; nobody asked for it. */
  deallocated?: string;
}

export interface AzureGroup {
  name: string;
  location: string;
  tags: Record<string, string>;
  /** `networkSecurityGroups/NAME` and the like. */
  parts: Map<string, unknown>;
}

/** Bad days; all of them can be changed while it runs. */
export interface AzureWeather {
  /** Told of only so long after it was made. */
  visibleAfterMs: number;
  /** Being deleted for so long. */
  lingerMs: number;
  /** Creations run for so long, and are polled. */
  operationMs: number;
  /** Calls that fail, by what they are: taken one by one. */
  failures: { call: string; status: number; code: string; message?: string; retryAfter?: number }[];
  /** Creations that begin and are refused: taken one by one. What was begun stays, as a machine that is none. */
  refusals: { code: string; message: string }[];
  /** Calls that are carried out and whose answer is lost: taken one by one. */
  lost: string[];
  /** Calls whose answer comes so late: taken one by one. */
  late: { call: string; ms: number }[];
  /** No token is given out. */
  isSignInRefused: boolean;
  /** Where tokens are given out nobody answers. */
  isSignInGone: boolean;
}

export class AzureError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

export class AzureWorld {
  readonly groups = new Map<string, AzureGroup>();
  readonly machines: AzureMachine[] = [];
  readonly weather: AzureWeather = {
    visibleAfterMs: 0,
    lingerMs: 0,
    operationMs: 0,
    failures: [],
    refusals: [],
    lost: [],
    late: [],
    isSignInRefused: false,
    isSignInGone: false,
  };
  /** Machines that were ever made. */
  made = 0;

  /** @param addresses given to machines, in turn. @param onKey a key that machines let in. */
  constructor(
    private readonly addresses: readonly string[],
    private readonly onKey: (publicKey: string) => void = () => undefined,
  ) {}

  /** Whatever still costs money; what was refused is none. */
  get alive(): AzureMachine[] {
    return this.there.filter(({ refused }) => refused === undefined);
  }

  private get there(): AzureMachine[] {
    const now = Date.now();
    return this.machines.filter(({ endedMs }) => endedMs === undefined || now < endedMs + this.weather.lingerMs);
  }

  seen(): AzureMachine[] {
    const now = Date.now();
    return this.there.filter(({ visibleMs }) => visibleMs <= now);
  }

  group(name: string): AzureGroup {
    const found = this.groups.get(name.toLowerCase());
    if (found !== undefined) return found;
    throw new AzureError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
  }

  machine(group: string, name: string): AzureMachine {
    this.group(group);
    const found = this.seen().find((each) => isSame(each, group, name));
    if (found !== undefined) return found;
    const message = `The Resource 'Microsoft.Compute/virtualMachines/${name}' under resource group '${group}' was not found.`;
    throw new AzureError(404, 'ResourceNotFound', message);
  }

  /** PUT: what is there already stays as it is. */
  put(group: string, name: string, request: VirtualMachine): AzureMachine {
    this.group(group);
    const before = this.there.find((each) => isSame(each, group, name));
    if (before?.endedMs !== undefined) {
      throw new AzureError(409, 'OperationNotAllowed', `Virtual machine ${name} is marked for deletion.`);
    }
    if (before !== undefined) return before;
    const refused = this.weather.refusals.shift();
    const now = Date.now();
    const address = this.addresses[this.machines.length % this.addresses.length] ?? '127.0.0.1';
    const machine = {
      ...{ group, name, request, address, createdMs: now, visibleMs: now + this.weather.visibleAfterMs },
      ...(refused === undefined ? {} : { refused }),
    };
    this.machines.push(machine);
    if (refused === undefined) this.made++;
    // On the wire all but name and place is below `properties`.
    const { osProfile } = (request as { properties?: VirtualMachine }).properties ?? request;
    this.onKey(osProfile?.linuxConfiguration?.ssh?.publicKeys?.[0]?.keyData ?? '');
    return machine;
  }

  end(group: string, name: string): void {
    this.machine(group, name).endedMs ??= Date.now();
  }

  /** All that is in it goes with it. */
  deleteGroup(name: string): void {
    this.group(name);
    for (const machine of this.there) {
      if (machine.group.toLowerCase() === name.toLowerCase()) machine.endedMs ??= Date.now() - this.weather.lingerMs;
    }
    this.groups.delete(name.toLowerCase());
  }
}

const isSame = (machine: AzureMachine, group: string, name: string): boolean =>
  machine.group.toLowerCase() === group.toLowerCase() && machine.name.toLowerCase() === name.toLowerCase();
