/**
 * What Kubernetes' clients ask about themselves: SelfSubjectAccessReview and SelfSubjectRulesReview (`kubectl auth can-i`) and
 * SelfSubjectReview (`kubectl auth whoami`). Nothing is stored: a create is answered with its status.
 */
import { randomUUID } from 'node:crypto';
import { type RequestContext, type ResourceDefinition, type ResourceStore, StatusError } from '@skyflow/apimachinery';
import type { KubeObject, Schema } from '@skyflow/contracts';
import type { AccessRule, Identity } from '@skyflow/domain';
import { type Asked, askedOfResource, askedOfRoute, partsOf } from './asked.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { ServedResource, ServedResources } from '../api/served-resources.js';

interface ResourceAttributes {
  namespace?: string;
  verb?: string;
  group?: string;
  resource?: string;
  subresource?: string;
  name?: string;
}
interface AccessReviewSpec {
  resourceAttributes?: ResourceAttributes;
  nonResourceAttributes?: { path?: string; verb?: string };
}
interface ResourceRule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
}

/** The review kinds with their stores. */
export function reviewResources(
  gatekeeper: Gatekeeper,
  served: Pick<ServedResources, 'definitions'>,
): ServedResource[] {
  const access = (object: KubeObject, user: Identity): object =>
    accessStatus(gatekeeper, served.definitions, withoutNulls(object.spec ?? {}), user);
  const rules = (object: KubeObject, user: Identity): object => {
    const { namespace = '' } = (object.spec ?? {}) as { namespace?: string };
    return rulesStatus(gatekeeper.rightsOf(user).rules, served.definitions, namespace);
  };
  const self = (_object: KubeObject, { name, groups }: Identity): object => ({
    userInfo: { username: name, groups: [...groups] },
  });
  return [
    review('authorization.k8s.io', 'SelfSubjectAccessReview', access),
    review('authorization.k8s.io', 'SelfSubjectRulesReview', rules),
    review('authentication.k8s.io', 'SelfSubjectReview', self),
  ];
}

const ANYTHING: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

function review(group: string, kind: string, statusOf: (object: KubeObject, user: Identity) => object): ServedResource {
  const schemaName = `io.k8s.api.${group.split('.', 1)[0] ?? ''}.v1.${kind}`;
  const definition: ResourceDefinition = {
    group,
    version: 'v1',
    kind,
    plural: `${kind.toLowerCase()}s`,
    singular: kind.toLowerCase(),
    namespaced: false,
    verbs: ['create'],
    schemaName,
    schema: {
      type: 'object',
      description: 'A question about oneself; answered in its status and not stored.',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: ANYTHING,
        spec: ANYTHING,
        status: ANYTHING,
      },
      'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind }],
    },
    tracksGeneration: false,
    strategy: { prepareForCreate: ({ metadata }) => (metadata.name = randomUUID()) },
  };
  return { definition, store: new ReviewStore(definition, statusOf) };
}

class ReviewStore implements ResourceStore {
  constructor(
    private readonly definition: ResourceDefinition,
    private readonly statusOf: (object: KubeObject, user: Identity) => object,
  ) {}

  create(object: KubeObject, { user }: RequestContext): Promise<KubeObject> {
    const { apiVersion, kind, spec } = object;
    const answer = {
      kind,
      apiVersion,
      metadata: { creationTimestamp: null },
      spec: spec ?? {},
      status: this.statusOf(object, user),
    };
    return Promise.resolve(answer as unknown as KubeObject);
  }

  get(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  list(): Promise<never> {
    return Promise.reject(this.notStored());
  }
  update(): Promise<never> {
    return Promise.reject(this.notStored());
  }
  delete(): Promise<never> {
    return Promise.reject(this.notStored());
  }
  watch(): never {
    throw this.notStored();
  }

  private notStored(): StatusError {
    return new StatusError(405, 'MethodNotAllowed', `${this.definition.plural} are not stored: only create them`);
  }
}

/** A field that is null is not there: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
const withoutNulls = <T extends object>(given: T): Partial<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Partial<T>;

function accessStatus(
  gatekeeper: Gatekeeper,
  definitions: readonly ResourceDefinition[],
  spec: AccessReviewSpec,
  user: Identity,
): { allowed: boolean; reason?: string } {
  const { resourceAttributes: resource, nonResourceAttributes: other } = spec;
  if (resource === undefined) {
    const path = other?.path ?? '/';
    if (gatekeeper.isOpen(path)) return { allowed: true };
    const asked = askedOfRoute('GET', path, () => undefined);
    return shown(gatekeeper, { ...asked, verb: other?.verb ?? 'get' }, user);
  }
  return shown(gatekeeper, askedInReview(definitions, resource), user);
}

function shown(gatekeeper: Gatekeeper, asked: Asked, user: Identity): { allowed: boolean; reason?: string } {
  const decision = gatekeeper.may(user, asked);
  if (!decision.allowed) return { allowed: false, reason: decision.reason };
  return 'visible' in decision ? { allowed: true, reason: 'only those that the roles allow' } : { allowed: true };
}

function askedInReview(definitions: readonly ResourceDefinition[], attributes: ResourceAttributes): Asked {
  const { group = '', resource = '', subresource, verb = '' } = withoutNulls(attributes);
  // Clients leave empty what they do not mean.
  const namespace = attributes.namespace || undefined;
  const name = attributes.name || undefined;
  const found = definitions.find((each) => each.plural === resource && (group === '*' || each.group === group));
  const definition = found ?? { group, kind: resource, namespaced: namespace !== undefined };
  const asked = verb === 'deletecollection' ? 'delete' : verb;
  const path = {
    ...(namespace === undefined || !definition.namespaced ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined || subresource === '' ? {} : { subresource }),
  };
  const parts = partsOf(definition, asked === 'logs' ? { ...path, subresource: 'log' } : path);
  return { ...askedOfResource(definition, path, 'GET', asked), ...(parts === undefined ? {} : { parts }) };
}

/** The rules that hold in a namespace, as Kubernetes writes rules. */
function rulesStatus(
  rules: readonly AccessRule[],
  definitions: readonly ResourceDefinition[],
  namespace: string,
): object {
  const holding = rules.filter(
    ({ namespaces }) => namespaces === undefined || namespaces.includes('*') || namespaces.includes(namespace),
  );
  return {
    resourceRules: [...SELF_RULES, ...holding.flatMap((rule) => resourceRules(rule, definitions))],
    nonResourceRules: [
      { verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/openapi/*', '/version'] },
    ],
    incomplete: false,
  };
}

const SELF_RULES: readonly ResourceRule[] = [
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
];

function resourceRules(
  { verbs, kinds, names }: AccessRule,
  definitions: readonly ResourceDefinition[],
): ResourceRule[] {
  const named = names === undefined || names.includes('*') ? {} : { resourceNames: [...names] };
  if (kinds.includes('*')) return [{ verbs: [...verbs], apiGroups: ['*'], resources: ['*'], ...named }];
  const meant = definitions.filter(({ kind }) => kinds.includes(kind));
  const resources = (suffix: string): Pick<ResourceRule, 'apiGroups' | 'resources'> => ({
    apiGroups: [...new Set(meant.map(({ group }) => group))],
    resources: [...new Set(meant.map(({ plural }) => `${plural}${suffix}`))],
  });
  const plain = verbs.filter((verb) => verb !== 'logs' && verb !== 'exec');
  return [
    ...(plain.length > 0 ? [{ verbs: plain, ...resources(''), ...named }] : []),
    ...(verbs.includes('logs') ? [{ verbs: ['get'], ...resources('/log'), ...named }] : []),
    ...(verbs.includes('exec') ? [{ verbs: ['create'], ...resources('/exec'), ...named }] : []),
  ].filter(({ resources: list }) => list.length > 0);
}
