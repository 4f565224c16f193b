/** What a request asks for, in the words of rules: from verb, path and kind of the API machinery, and from paths of our own routes. */
import type { ResourceDefinition, ResourcePath } from '@skyflow/apimachinery';
import { parsePath } from '@skyflow/apimachinery';
import type { AccessRequest } from '@skyflow/domain';
import { partsOfPodName } from '../mirrors/mirrored-names.js';

export interface Asked {
  readonly verb: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly namespace?: string;
  readonly name?: string;
  readonly cluster?: string;
  /** About all objects rather than one. */
  readonly collection: boolean;
  /** About what one object has in several clusters: who may see some of them gets those. What else gives a part of it. */
  readonly parts?: readonly AccessRequest[];
}

/** Subresources that reach into pods. */
const INSIDE: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'port-forward', 'proxy', 'cp']);
const BY_METHOD: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  POST: 'update',
};
/** Questions with a body: they change nothing. */
const PREVIEWS = /(previews|simulate|simulations|meshchecks|clusterplans)$/;
const OF_COLLECTIONS: ReadonlySet<string> = new Set(['list', 'watch', 'delete']);

/** @param verb the machinery's, if it knows one. */
export function askedOfResource(
  definition: Pick<ResourceDefinition, 'group' | 'kind' | 'namespaced'>,
  path: Pick<ResourcePath, 'namespace' | 'name' | 'subresource'>,
  method: string,
  verb: string | undefined,
): Asked {
  const { kind, namespaced } = definition;
  const { namespace, name, subresource } = path;
  const asked = verbOf(method, verb, subresource);
  const cluster = name === undefined ? undefined : clusterOf(definition, name);
  return {
    verb: asked,
    kind,
    namespaced,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(cluster === undefined ? {} : { cluster }),
    collection: name === undefined && OF_COLLECTIONS.has(asked),
  };
}

/** A route of our own: below a resource, or about the system as a whole (/status, previews of what would happen). */
export function askedOfRoute(
  method: string,
  pathname: string,
  find: (group: string, version: string, plural: string) => ResourceDefinition | undefined,
): Asked {
  const path = resourceIn(pathname);
  // The core group has no name in a path below /apis.
  const definition = path && find(path.group === 'core' ? '' : path.group, path.version, path.plural);
  if (path !== undefined && definition !== undefined) {
    const asked = askedOfResource(definition, path, method, undefined);
    const parts = partsOf(definition, path);
    return parts === undefined ? asked : { ...asked, parts };
  }
  // All that anyone ever wrote, in every namespace, hashes of passwords too.
  if (pathname === '/log' || pathname.startsWith('/log/'))
    return { verb: 'get', kind: 'Log', namespaced: false, collection: false };
  const verb = PREVIEWS.test(pathname) ? 'get' : (BY_METHOD[method] ?? 'update');
  // Of everyone: a rule for single namespaces does not do.
  const kind = pathname === '/usage' ? 'Usage' : 'System';
  return { verb, kind, namespaced: false, collection: false };
}

/** What else gives the parts of a workload in single clusters: undefined for a route that has none. */
export function partsOf(
  { kind }: Pick<ResourceDefinition, 'kind'>,
  { namespace, subresource }: Pick<ResourcePath, 'namespace' | 'subresource'>,
): readonly AccessRequest[] | undefined {
  if ((kind !== 'Job' && kind !== 'Deployment') || namespace === undefined) return undefined;
  if (subresource === 'log') return [{ verb: 'logs', kind: 'Pod', namespace }];
  if (subresource === 'pods') return [{ verb: 'list', kind: 'Pod', namespace }];
  return subresource === 'explain' ? [] : undefined;
}

/** `…/NAME/history`, of any kind; objects and namespaces may be called "history", too. */
export const HISTORY_PATH =
  /^\/apis\/(?<group>[^/]+)\/(?<version>[^/]+)\/(?:namespaces\/(?<namespace>[^/]+)\/)?(?<plural>[^/]+)\/(?<name>[^/]+)\/history$/;

function resourceIn(pathname: string): ResourcePath | undefined {
  const found = HISTORY_PATH.exec(pathname)?.groups as
    Record<'group' | 'version' | 'plural' | 'name', string> | undefined;
  if (found !== undefined) return { ...found, subresource: 'history' };
  const parsed = parsePath(pathname);
  return parsed?.kind === 'resource' ? parsed.path : undefined;
}

/** The one cluster that an object is of. */
export function clusterOf(
  { group, kind }: Pick<ResourceDefinition, 'group' | 'kind'>,
  name: string,
): string | undefined {
  if (kind === 'Cluster') return name;
  // `<event>.<cluster>`, as pods; SkyFlow's own end in something else.
  if (kind === 'Event') return partsOfPodName(name)?.cluster;
  if (group !== '') return undefined;
  if (kind === 'Pod') return partsOfPodName(name)?.cluster;
  const dot = name.indexOf('.');
  return kind === 'Node' && dot > 0 ? name.slice(0, dot) : undefined;
}

function verbOf(method: string, verb: string | undefined, subresource: string | undefined): string {
  if (subresource === 'log') return 'logs';
  // Keys of the whole cluster: for those who may change it.
  if (subresource === 'escrow') return 'update';
  if (subresource !== undefined && INSIDE.has(subresource)) return 'exec';
  if (verb === 'deletecollection') return 'delete';
  return verb === undefined || verb === 'connect' ? (BY_METHOD[method] ?? 'update') : verb;
}
