/** The calls of Azure Resource Manager that SkyFlow makes, as their answers look on the wire. */
import type { VirtualMachine } from '@azure/arm-compute';
import { CATALOGUE, REGIONS } from './azure-catalogue.js';
import { AzureError, type AzureMachine, type AzureWorld } from './azure-world.js';

export interface AzureRequest {
  /** Of the address, by name. */
  path: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: unknown;
  /** Of the fake. */
  url: string;
}

export interface AzureAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Call {
  verb: 'GET' | 'PUT' | 'DELETE';
  path: RegExp;
  answer: (world: AzureWorld, request: AzureRequest) => AzureAnswer;
}

const ok = (body: unknown): AzureAnswer => ({ status: 200, body });
/** Smaller than all, so that there are several. */
const PAGE = 9;

const idOf = ({ group, name }: AzureMachine): string =>
  `/subscriptions/s/resourceGroups/${group.toUpperCase()}/providers/Microsoft.Compute/virtualMachines/${name}`;

function machineJson(machine: AzureMachine): unknown {
  const { request, name, refused, endedMs, deallocated } = machine;
  const { location, zones, tags, priority, ...properties } = request as VirtualMachine & { properties?: object };
  const state = endedMs === undefined ? (refused === undefined ? 'Succeeded' : 'Failed') : 'Deleting';
  const power = deallocated === undefined ? 'PowerState/running' : 'PowerState/deallocated';
  const network = `/subscriptions/s/resourceGroups/${machine.group}/providers/Microsoft.Network`;
  return {
    ...{ id: idOf(machine), name, type: 'Microsoft.Compute/virtualMachines', location, zones, tags },
    properties: {
      ...properties.properties,
      ...{ priority, provisioningState: state },
      networkProfile: { networkInterfaces: [{ id: `${network}/networkInterfaces/${name}` }] },
      instanceView: {
        statuses: [
          { code: `ProvisioningState/${state.toLowerCase()}` },
          { code: power, ...(deallocated === undefined ? {} : { message: deallocated }) },
        ],
      },
    },
  };
}

const GROUP = String.raw`^/resourcegroups/(?<group>[^/]+)`;
const at = (rest: string): RegExp => new RegExp(`${GROUP}${rest}$`, 'i');
const NETWORK = String.raw`/providers/Microsoft\.Network/(?<kind>networkSecurityGroups|virtualNetworks)/(?<name>[^/]+)`;
const INTERFACE = String.raw`/providers/Microsoft\.Network/networkInterfaces/(?<name>[^/]+)`;
const MACHINE = String.raw`/providers/Microsoft\.Compute/virtualMachines/(?<name>[^/]+)`;

export const CALLS: Readonly<Record<string, Call>> = {
  'skus.list': {
    verb: 'GET',
    path: /^\/providers\/Microsoft\.Compute\/skus$/i,
    answer: (_world, { query, url }) => {
      const [, region = ''] = /^location eq '([a-z0-9]+)'$/.exec(query.get('$filter') ?? '') ?? [];
      if (!REGIONS.includes(region)) return ok({ value: [] });
      const from = Number(query.get('page') ?? '0');
      const next = `${url}/subscriptions/s/providers/Microsoft.Compute/skus?${nextPage(query, from + PAGE)}`;
      const more = from + PAGE < CATALOGUE.length ? { nextLink: next } : {};
      return ok({ value: CATALOGUE.slice(from, from + PAGE), ...more });
    },
  },
  'groups.list': {
    verb: 'GET',
    path: /^\/resourcegroups$/i,
    answer: (world, { query }) => {
      const [, owner] = /^tagName eq 'skyflow-owner' and tagValue eq '([^']*)'$/.exec(query.get('$filter') ?? '') ?? [];
      const own = [...world.groups.values()].filter(({ tags }) => tags['skyflow-owner'] === owner);
      const value = own.map(({ name, location, tags }) => ({
        ...{ id: `/subscriptions/s/resourceGroups/${name}`, name, location, tags },
      }));
      return ok({ value });
    },
  },
  'groups.put': {
    verb: 'PUT',
    path: at(''),
    answer: (world, { path, body }) => {
      const { group: name = '' } = path;
      const { location = '', tags = {} } = body as { location?: string; tags?: Record<string, string> };
      const parts = world.groups.get(name.toLowerCase())?.parts ?? new Map<string, unknown>();
      world.groups.set(name.toLowerCase(), { name, location, tags, parts });
      return ok({ id: `/subscriptions/s/resourceGroups/${name}`, name, location, tags });
    },
  },
  'groups.get': {
    verb: 'GET',
    path: at(''),
    answer: (world, { path }) => {
      const { name, location, tags } = world.group(path['group'] ?? '');
      return ok({ id: `/subscriptions/s/resourceGroups/${name}`, name, location, tags });
    },
  },
  'groups.delete': {
    verb: 'DELETE',
    path: at(''),
    answer: (world, { path }) => {
      world.deleteGroup(path['group'] ?? '');
      return { status: 200 };
    },
  },
  'network.put': {
    verb: 'PUT',
    path: at(NETWORK),
    answer: (world, { path, body }) => {
      const { group = '', kind = '', name = '' } = path;
      world.group(group).parts.set(`${kind}/${name}`, body);
      const id = `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.Network/${kind}/${name}`;
      const { properties } = body as { properties?: object };
      return ok({ ...(body as object), id, name, properties: { ...properties, provisioningState: 'Succeeded' } });
    },
  },
  'interfaces.get': {
    verb: 'GET',
    path: at(INTERFACE),
    answer: (world, { path }) => {
      const { name, address } = world.machine(path['group'] ?? '', path['name'] ?? '');
      const publicIPAddress = { properties: { ipAddress: address } };
      const configuration = { name, properties: { privateIPAddress: address, publicIPAddress } };
      return ok({ name, properties: { ipConfigurations: [configuration] } });
    },
  },
  'machines.put': {
    verb: 'PUT',
    path: at(MACHINE),
    answer: (world, { path, body, url }) => {
      const machine = world.put(path['group'] ?? '', path['name'] ?? '', body as VirtualMachine);
      const isDone = machine.refused === undefined && world.weather.operationMs === 0;
      if (isDone) return ok(machineJson(machine));
      const operation = `${url}/subscriptions/s/operations/${machine.group}/${machine.name}?api-version=2024-11-01`;
      const json = machineJson(machine) as { properties: object };
      const running = { ...json, properties: { ...json.properties, provisioningState: 'Creating' } };
      return { status: 201, body: running, headers: { 'azure-asyncoperation': operation, 'retry-after': '0' } };
    },
  },
  'operations.get': {
    verb: 'GET',
    path: /^\/operations\/(?<group>[^/]+)\/(?<name>[^/]+)$/,
    answer: (world, { path }) => {
      const machine = world.machines.find(({ group, name }) => group === path['group'] && name === path['name']);
      if (machine === undefined) throw new AzureError(404, 'NotFound', 'there is no such operation');
      if (Date.now() < machine.createdMs + world.weather.operationMs) return ok({ status: 'InProgress' });
      return ok(machine.refused === undefined ? { status: 'Succeeded' } : { status: 'Failed', error: machine.refused });
    },
  },
  'machines.get': {
    verb: 'GET',
    path: at(MACHINE),
    answer: (world, { path }) => ok(machineJson(world.machine(path['group'] ?? '', path['name'] ?? ''))),
  },
  'machines.delete': {
    verb: 'DELETE',
    path: at(MACHINE),
    answer: (world, { path }) => {
      world.end(path['group'] ?? '', path['name'] ?? '');
      return { status: 202, headers: { location: '/never-looked-at' } };
    },
  },
  'machines.list': {
    verb: 'GET',
    path: /^\/providers\/Microsoft\.Compute\/locations\/(?<region>[^/]+)\/virtualMachines$/i,
    answer: (world, { path }) =>
      ok({
        value: world
          .seen()
          .filter(({ request }) => request.location === path['region'])
          .map(machineJson),
      }),
  },
};

function nextPage(query: URLSearchParams, from: number): string {
  const next = new URLSearchParams(query);
  next.set('page', String(from));
  return next.toString();
}
