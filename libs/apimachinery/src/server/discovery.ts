/**
 * Discovery documents: /api, /apis, /api/v1, /apis/G/V and the aggregated form (KEP-3352) that kubectl asks for first.
 * Made once per set of definitions and kept as text.
 */
import type { ResourceDefinition } from '../api/definition.js';
import { apiVersionOf } from '../registry/resource-setup.js';

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

interface GroupVersion {
  group: string;
  version: string;
  definitions: ResourceDefinition[];
}

export interface DiscoveryDocuments {
  /** By path: `/api`, `/apis`, `/apis/apps`, `/apis/apps/v1`, … */
  plain: ReadonlyMap<string, string>;
  /** `/api` and `/apis`. */
  aggregated: (path: '/api' | '/apis', version: 'v2' | 'v2beta1') => string;
}

export function verbsOf(definition: ResourceDefinition): readonly string[] {
  return definition.verbs ?? ALL_VERBS;
}

const cache = new WeakMap<readonly ResourceDefinition[], DiscoveryDocuments>();

export function discoveryOf(definitions: readonly ResourceDefinition[]): DiscoveryDocuments {
  let documents = cache.get(definitions);
  if (documents === undefined) {
    documents = build(definitions);
    cache.set(definitions, documents);
  }
  return documents;
}

function build(definitions: readonly ResourceDefinition[]): DiscoveryDocuments {
  const versions = groupVersions(definitions);
  const core = versions.filter(({ group }) => group === '');
  const named = versions.filter(({ group }) => group !== '');
  const groups = [...new Set(named.map(({ group }) => group))].map((group) => apiGroup(group, named));
  const plain = new Map<string, string>([
    ['/api', JSON.stringify(apiVersions(core))],
    ['/apis', JSON.stringify({ kind: 'APIGroupList', apiVersion: 'v1', groups })],
  ]);
  for (const group of groups) {
    plain.set(`/apis/${group.name}`, JSON.stringify({ kind: 'APIGroup', apiVersion: 'v1', ...group }));
  }
  for (const each of versions) {
    const prefix = each.group === '' ? '/api' : `/apis/${each.group}`;
    plain.set(`${prefix}/${each.version}`, JSON.stringify(apiResourceList(each)));
  }
  const texts = new Map<string, string>();
  const aggregated: DiscoveryDocuments['aggregated'] = (path, version) => {
    const key = `${path} ${version}`;
    let text = texts.get(key);
    if (text === undefined) {
      text = JSON.stringify(aggregatedList(path === '/api' ? core : named, version));
      texts.set(key, text);
    }
    return text;
  };
  return { plain, aggregated };
}

function groupVersions(definitions: readonly ResourceDefinition[]): GroupVersion[] {
  const versions = new Map<string, GroupVersion>();
  for (const definition of definitions) {
    const { group, version } = definition;
    const key = apiVersionOf(definition);
    const known = versions.get(key);
    if (known === undefined) versions.set(key, { group, version, definitions: [definition] });
    else known.definitions.push(definition);
  }
  return [...versions.values()];
}

function apiVersions(core: readonly GroupVersion[]): object {
  return { kind: 'APIVersions', versions: core.map(({ version }) => version), serverAddressByClientCIDRs: [] };
}

function apiGroup(
  name: string,
  all: readonly GroupVersion[],
): { name: string; versions: object[]; preferredVersion?: object } {
  const versions = all
    .filter(({ group }) => group === name)
    .map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  const [preferredVersion] = versions;
  return { name, versions, ...(preferredVersion === undefined ? {} : { preferredVersion }) };
}

interface Subresource {
  name: string;
  verbs: string[];
  group: string;
  version: string;
  kind: string;
}

function subresourcesOf(definition: ResourceDefinition): Subresource[] {
  const { group, version, kind } = definition;
  const found: Subresource[] = [];
  if (definition.hasStatus === true) {
    found.push({ name: 'status', verbs: ['get', 'patch', 'update'], group, version, kind });
  }
  if (definition.scale !== undefined) {
    found.push({
      name: 'scale',
      verbs: ['get', 'patch', 'update'],
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
    });
  }
  for (const [name, { methods }] of Object.entries(definition.connect ?? {})) {
    const verbs = methods.flatMap((method) => CONNECT_VERBS[method] ?? []);
    found.push({ name, verbs, ...(CONNECT_KINDS[name] ?? { group, version, kind }) });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const CONNECT_VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Kinds of the options that Kubernetes' own connect subresources take. */
const CONNECT_KINDS: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  exec: { group: '', version: 'v1', kind: 'PodExecOptions' },
  attach: { group: '', version: 'v1', kind: 'PodAttachOptions' },
  portforward: { group: '', version: 'v1', kind: 'PodPortForwardOptions' },
  binding: { group: '', version: 'v1', kind: 'Binding' },
  // kubectl drain looks for this group to know that it may evict.
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
};

function apiResourceList({ group, version, definitions }: GroupVersion): object {
  const resources = definitions.flatMap((definition) => {
    const { plural, singular, namespaced, kind, shortNames, categories } = definition;
    const main = { name: plural, singularName: singular, namespaced, kind, verbs: verbsOf(definition) };
    const lists = { ...(shortNames ? { shortNames } : {}), ...(categories ? { categories } : {}) };
    const subresources = subresourcesOf(definition).map((each) => ({
      name: `${plural}/${each.name}`,
      singularName: '',
      namespaced,
      ...(each.group === group && each.version === version ? {} : { group: each.group, version: each.version }),
      kind: each.kind,
      verbs: each.verbs,
    }));
    return [{ ...main, ...lists }, ...subresources];
  });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources };
}

function aggregatedList(versions: readonly GroupVersion[], apiVersion: 'v2' | 'v2beta1'): object {
  const items = [...new Set(versions.map(({ group }) => group))].map((name) => ({
    metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
    versions: versions.filter(({ group }) => group === name).map(aggregatedVersion),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${apiVersion}`, metadata: {}, items };
}

function aggregatedVersion({ version, definitions }: GroupVersion): object {
  const resources = definitions.map((definition) => {
    const { group, kind, namespaced, plural, singular, shortNames, categories } = definition;
    const subresources = subresourcesOf(definition).map((each) => ({
      subresource: each.name,
      responseKind: { group: each.group, version: each.version, kind: each.kind },
      verbs: each.verbs,
    }));
    return {
      resource: plural,
      responseKind: { group, version: definition.version, kind },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      singularResource: singular,
      verbs: verbsOf(definition),
      ...(shortNames ? { shortNames } : {}),
      ...(categories ? { categories } : {}),
      ...(subresources.length === 0 ? {} : { subresources }),
    };
  });
  return { version, resources, freshness: 'Current' };
}
