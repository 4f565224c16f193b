/**
 * Kinds of objects and where they are served. The ones that SkyFlow always serves are known here, so that the everyday
 * commands need no discovery; everything else is asked of the server (discovery.ts).
 */

export interface ResourceKind {
  /** '' for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  namespaced: boolean;
  /** As the server says; absent: not asked. */
  verbs?: readonly string[];
}

const SKYFLOW = { group: 'skyflow.io', version: 'v1' };

export const JOB: ResourceKind = {
  ...SKYFLOW,
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  shortNames: [],
  namespaced: true,
};
export const DEPLOYMENT: ResourceKind = {
  ...SKYFLOW,
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  namespaced: true,
};
export const CLUSTER: ResourceKind = {
  ...SKYFLOW,
  kind: 'Cluster',
  plural: 'clusters',
  singular: 'cluster',
  shortNames: ['cl'],
  namespaced: false,
};
export const QUEUE: ResourceKind = {
  ...SKYFLOW,
  kind: 'Queue',
  plural: 'queues',
  singular: 'queue',
  shortNames: ['q'],
  namespaced: false,
};
export const PRIORITY_CLASS: ResourceKind = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
};
export const NAMESPACE: ResourceKind = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
};

const access = (kind: string): ResourceKind => ({
  ...SKYFLOW,
  kind,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  shortNames: [],
  namespaced: false,
});
export const USER = access('User');
export const ROLE = access('Role');
export const ROLE_BINDING = access('RoleBinding');
const TOKEN = access('Token');

/** As the gateway serves it; the seed system's filter policies are the same. */
export const PLACEMENT_POLICY: ResourceKind = {
  ...SKYFLOW,
  kind: 'PlacementPolicy',
  plural: 'placementpolicies',
  singular: 'placementpolicy',
  shortNames: ['pp', 'policy', 'policies', 'filterpolicy', 'filterpolicies'],
  namespaced: true,
};

export const SERVICE: ResourceKind = {
  ...SKYFLOW,
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  namespaced: true,
};

/** There as soon as services need them; what is asked of them can be written. */
export const LINK: ResourceKind = {
  ...SKYFLOW,
  kind: 'Link',
  plural: 'links',
  singular: 'link',
  shortNames: [],
  namespaced: false,
};

/** Of services, derived; the seed system had more words for them. */
const ENDPOINTS: ResourceKind = {
  ...SKYFLOW,
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep', 'endpoint', 'edp', 'edps'],
  namespaced: true,
};

const core = (kind: string, shortNames: readonly string[]): ResourceKind => ({
  group: '',
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  shortNames,
  namespaced: true,
});
export const CONFIG_MAP = core('ConfigMap', ['cm']);
export const SECRET = core('Secret', []);

/** Which cluster a pod or event is of. */
export const CLUSTER_LABEL = 'skyflow.io/cluster';

/** Of all clusters, as their agents answer for them; read-only. */
export const POD = core('Pod', ['po']);

/** Served by every SkyFlow gateway; the first that matches a word wins, so `job` is SkyFlow's and `jobs.batch` the native one. */
export const KNOWN_KINDS: readonly ResourceKind[] = [
  JOB,
  DEPLOYMENT,
  SERVICE,
  LINK,
  ENDPOINTS,
  CLUSTER,
  NAMESPACE,
  QUEUE,
  PRIORITY_CLASS,
  PLACEMENT_POLICY,
  CONFIG_MAP,
  SECRET,
  { ...DEPLOYMENT, group: 'apps' },
  { ...JOB, group: 'batch' },
  USER,
  ROLE,
  ROLE_BINDING,
  TOKEN,
];

export const isWorkload = (kind: ResourceKind): boolean => kind === JOB || kind === DEPLOYMENT;

export const apiVersionOf = ({ group, version }: Pick<ResourceKind, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

/** `job.skyflow.io`, `configmap`: how kubectl names a resource in its output. */
export const qualifiedName = ({ singular, group }: ResourceKind): string =>
  group === '' ? singular : `${singular}.${group}`;

/** Whether a word means this kind: `job`, `Jobs`, `deploy`, `jobs.batch`, `deployments.v1.apps`. */
export function means(word: string, kind: ResourceKind): boolean {
  const [name = '', ...qualifier] = word.toLowerCase().split('.');
  const names = [kind.singular, kind.plural, kind.kind.toLowerCase(), ...kind.shortNames];
  if (!names.includes(name)) return false;
  const group = qualifier.join('.');
  return qualifier.length === 0 || group === kind.group || group === `${kind.version}.${kind.group}`;
}

const basePath = (kind: ResourceKind): string =>
  kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;

/** Path of a list; without a namespace that of all namespaces. */
export function listPath(kind: ResourceKind, namespace?: string): string {
  const within = kind.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${basePath(kind)}${within}/${kind.plural}`;
}

export const objectPath = (kind: ResourceKind, namespace: string | undefined, name: string): string =>
  `${listPath(kind, namespace)}/${encodeURIComponent(name)}`;
