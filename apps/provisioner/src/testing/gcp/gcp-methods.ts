/** The methods of Compute Engine that SkyFlow uses, as their answers look on the wire. */
import type { compute_v1 } from '@googleapis/compute/build/v1.js';
import { CATALOGUE, ZONES, acceleratorsIn, isOffered } from './gcp-catalogue.js';
import { GcpError, type GcpInstance, type GcpOperation, type GcpWorld, isZone, notFound } from './gcp-world.js';

export interface GcpRequest {
  /** Of the address, by name. */
  path: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: unknown;
  /** Before `projects/`. */
  root: string;
}

interface Method {
  verb: 'GET' | 'POST' | 'DELETE';
  path: RegExp;
  answer: (world: GcpWorld, request: GcpRequest) => unknown;
}

/** Smaller than asked for, as it may be. */
const PAGE = 7;

function page<T>(all: readonly T[], query: URLSearchParams): { items: T[]; nextPageToken?: string } {
  const from = Number(query.get('pageToken') ?? '0');
  const more = from + PAGE < all.length ? { nextPageToken: String(from + PAGE) } : {};
  return { items: all.slice(from, from + PAGE), ...more };
}

function operationJson({ name, zone, doneMs, error }: GcpOperation, root: string): compute_v1.Schema$Operation {
  const isDone = Date.now() >= doneMs;
  return {
    kind: 'compute#operation',
    name,
    status: isDone ? 'DONE' : 'RUNNING',
    progress: isDone ? 100 : 0,
    ...(zone === undefined ? {} : { zone: `${root}/zones/${zone}` }),
    ...(isDone && error !== undefined
      ? { error: { errors: [error] }, httpErrorStatusCode: 503, httpErrorMessage: 'SERVICE UNAVAILABLE' }
      : {}),
  };
}

function instanceJson(world: GcpWorld, instance: GcpInstance, root: string): compute_v1.Schema$Instance {
  const { request, zone, address } = instance;
  const status = world.statusOf(instance);
  const isRunning = status === 'RUNNING';
  return {
    ...request,
    kind: 'compute#instance',
    zone: `${root}/zones/${zone}`,
    ...(status === undefined ? {} : { status }),
    ...(instance.stopped === undefined ? {} : { statusMessage: instance.stopped }),
    creationTimestamp: new Date(instance.createdMs).toISOString(),
    networkInterfaces: (request.networkInterfaces ?? []).map((each) => ({
      ...each,
      networkIP: address,
      accessConfigs: (each.accessConfigs ?? []).map((config) => ({
        ...config,
        ...(isRunning ? { natIP: address } : {}),
      })),
    })),
  };
}

/** `labels.NAME = "VALUE"`: the only filter that is used. */
function labelFilter(query: URLSearchParams): (instance: GcpInstance) => boolean {
  const text = query.get('filter');
  if (text === null) return () => true;
  const [, name, value] = /^labels\.([a-z0-9_-]+) = "([^"]*)"$/.exec(text) ?? [];
  if (name === undefined) throw new GcpError(400, 'invalid', `Invalid value for field 'filter': '${text}'.`);
  return ({ request }) => request.labels?.[name] === value;
}

const zoneIn = ({ path }: GcpRequest): string => {
  const zone = path['zone'] ?? '';
  if (!isZone(zone)) throw notFound(`zones/${zone}`);
  return zone;
};

export const METHODS: Readonly<Record<string, Method>> = {
  'zones.list': {
    verb: 'GET',
    path: /^\/zones$/,
    answer: (_world, { query, root }) =>
      page(
        ZONES.map((name) => ({ name, status: 'UP', region: `${root}/regions/${name.slice(0, -2)}` })),
        query,
      ),
  },
  'machineTypes.list': {
    verb: 'GET',
    path: /^\/zones\/(?<zone>[^/]+)\/machineTypes$/,
    answer: (_world, request) => {
      const zone = zoneIn(request);
      return page(
        CATALOGUE.filter((type) => isOffered(type, zone)),
        request.query,
      );
    },
  },
  'acceleratorTypes.list': {
    verb: 'GET',
    path: /^\/zones\/(?<zone>[^/]+)\/acceleratorTypes$/,
    answer: (_world, request) => page(acceleratorsIn(zoneIn(request)), request.query),
  },
  'subnetworks.list': {
    verb: 'GET',
    path: /^\/regions\/(?<region>[^/]+)\/subnetworks$/,
    answer: (_world, { query, root }) =>
      page([{ name: 'default', network: `${root}/global/networks/default`, ipCidrRange: '10.128.0.0/20' }], query),
  },
  'images.getFromFamily': {
    verb: 'GET',
    path: /^\/global\/images\/family\/(?<family>[^/]+)$/,
    answer: (_world, { path }) => {
      if (path['family'] !== 'ubuntu-2204-lts') throw notFound(`global/images/family/${path['family'] ?? ''}`);
      return { name: 'ubuntu-2204-jammy-v20250320', family: path['family'] };
    },
  },
  'firewalls.list': {
    verb: 'GET',
    path: /^\/global\/firewalls$/,
    answer: (world, { query }) => page([...world.firewalls.values()], query),
  },
  'firewalls.insert': {
    verb: 'POST',
    path: /^\/global\/firewalls$/,
    answer: (world, { body, root }) => operationJson(world.insertFirewall(body as compute_v1.Schema$Firewall), root),
  },
  'firewalls.delete': {
    verb: 'DELETE',
    path: /^\/global\/firewalls\/(?<firewall>[^/]+)$/,
    answer: (world, { path, root }) => operationJson(world.deleteFirewall(path['firewall'] ?? ''), root),
  },
  'globalOperations.get': {
    verb: 'GET',
    path: /^\/global\/operations\/(?<operation>[^/]+)$/,
    answer: (world, { path, root }) => operationJson(operationOf(world, path), root),
  },
  'zoneOperations.get': {
    verb: 'GET',
    path: /^\/zones\/(?<zone>[^/]+)\/operations\/(?<operation>[^/]+)$/,
    answer: (world, { path, root }) => operationJson(operationOf(world, path), root),
  },
  'instances.insert': {
    verb: 'POST',
    path: /^\/zones\/(?<zone>[^/]+)\/instances$/,
    answer: (world, request) => {
      const { query, body, root } = request;
      const operation = world.insert(zoneIn(request), query.get('requestId'), body as compute_v1.Schema$Instance);
      return operationJson(operation, root);
    },
  },
  'instances.get': {
    verb: 'GET',
    path: /^\/zones\/(?<zone>[^/]+)\/instances\/(?<instance>[^/]+)$/,
    answer: (world, request) => {
      const instance = world.instance(zoneIn(request), request.path['instance'] ?? '');
      return instanceJson(world, instance, request.root);
    },
  },
  'instances.delete': {
    verb: 'DELETE',
    path: /^\/zones\/(?<zone>[^/]+)\/instances\/(?<instance>[^/]+)$/,
    answer: (world, request) =>
      operationJson(world.delete(zoneIn(request), request.path['instance'] ?? ''), request.root),
  },
  'instances.aggregatedList': {
    verb: 'GET',
    path: /^\/aggregated\/instances$/,
    answer: (world, { query, root }) => ({ items: scopes(world, labelFilter(query), root) }),
  },
};

/** Every zone, with what is in it or why nothing is. */
function scopes(world: GcpWorld, passes: (instance: GcpInstance) => boolean, root: string): Record<string, unknown> {
  const inZone = (zone: string): unknown => {
    if (world.weather.unreachable.has(zone)) return { warning: { code: 'UNREACHABLE', message: 'try again' } };
    const instances = world.seen().filter((instance) => instance.zone === zone && passes(instance));
    if (instances.length === 0) return { warning: { code: 'NO_RESULTS_ON_PAGE', message: 'nothing is here' } };
    return { instances: instances.map((instance) => instanceJson(world, instance, root)) };
  };
  return Object.fromEntries(ZONES.map((zone) => [`zones/${zone}`, inZone(zone)]));
}

function operationOf(world: GcpWorld, { operation = '' }: GcpRequest['path']): GcpOperation {
  const found = world.operations.get(operation);
  if (found !== undefined) return found;
  throw notFound(`operations/${operation}`);
}
