/** Rules on v1 Services: those of a service over clusters, and that nothing is promised which no cluster would keep. */
import {
  equalJson,
  HEADLESS,
  invalidCause,
  type KubeObject,
  type ServiceSpec,
  type StatusCause,
} from '@skyflow/contracts';
import { ANNOTATION_SERVICE, SHARED_SERVICE_FIELDS, serviceAnnotation, serviceFromNative } from '@skyflow/domain';
import type { ResourceStrategy } from '@skyflow/apimachinery';
import { forbiddenField } from './causes.js';
import { headlessCauses, serviceCauses } from './service-rules.js';
import { serviceSpecSchema } from './service-schema.js';

type NativeService = Parameters<typeof serviceFromNative>[0];

/** What a Service says without meaning anything by it. */
const USUAL: ReadonlyMap<string, readonly unknown[]> = new Map<string, readonly unknown[]>(
  Object.entries({
    allocateLoadBalancerNodePorts: [true],
    publishNotReadyAddresses: [false],
    clusterIP: ['', HEADLESS],
    clusterIPs: [[], [HEADLESS]],
  }),
);
const RULE = 'the service is on one cluster and its pods on many; SkyFlow does not carry this field there';

/** Objects that are being made: the server has told nothing yet that could be sent back. */
const isNew = new WeakSet<KubeObject>();

export const nativeServiceStrategy: ResourceStrategy = {
  prepareForCreate: (object) => {
    isNew.add(object);
    fillIn(object);
  },
  prepareForUpdate: fillIn,
  validate: (object) => [
    ...serviceCauses(asService(object)),
    ...annotationCauses(object),
    ...(isNew.has(object) ? foreignCauses(object, {}) : []),
  ],
  validateUpdate: (object, old) => [
    ...foreignCauses(object, specOf(old)),
    ...headlessCauses(asService(object), asService(old)),
  ],
};

const specOf = (object: KubeObject): Record<string, unknown> => Object.fromEntries(Object.entries(object.spec ?? {}));
const asService = (object: KubeObject): Partial<ServiceSpec> =>
  Object.fromEntries(Object.entries(serviceFromNative(object as unknown as NativeService).spec ?? {}));

function fillIn(object: KubeObject): void {
  object.spec = { ...specOf(object), type: specOf(object).type ?? 'ClusterIP' };
}

function annotationCauses(object: KubeObject): StatusCause[] {
  const text = object.metadata.annotations?.[ANNOTATION_SERVICE];
  if (text === undefined) return [];
  const field = `metadata.annotations[${ANNOTATION_SERVICE}]`;
  const own = serviceAnnotation(text);
  if (own === undefined) return [invalidCause(field, text, 'must be a JSON object such as {"cluster":"eu-1"}')];
  const known = Object.keys(serviceSpecSchema.properties ?? {}).filter((each) => !isShared(each));
  const unknown = Object.keys(own).find((each) => !known.includes(each));
  return unknown === undefined
    ? []
    : [invalidCause(field, text, `knows no ${unknown}; it may have ${known.join(', ')}`)];
}

/** Fields that would be lost: said so, rather than dropped. What the server told may be sent back. */
function foreignCauses(object: KubeObject, told: Record<string, unknown>): StatusCause[] {
  return Object.entries(specOf(object)).flatMap(([field, value]) => {
    if (isShared(field) || equalJson(value, told[field])) return [];
    if (USUAL.get(field)?.some((usual) => equalJson(value, usual)) === true) return [];
    return [forbiddenField(`spec.${field}`, RULE)];
  });
}

const isShared = (field: string): boolean => (SHARED_SERVICE_FIELDS as readonly string[]).includes(field);
