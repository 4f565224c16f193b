/**
 * v1 Service ↔ skyflow.io/v1 Service. What both have is the same; what only SkyFlow has (which cluster has it, whose pods are behind it)
 * travels in an annotation, and what only Kubernetes has is told from the status, or is what it always is here.
 */
import { API_VERSION, AUTO_CLUSTER, HEADLESS, type ServiceStatus } from '@skyflow/contracts';
import { type AnyObject, specOf, withManagedFields } from './native-fields.js';

/** Annotation of v1 Services: the fields of the spec that Kubernetes does not have, as JSON: `{"cluster":"eu-1"}`. */
export const ANNOTATION_SERVICE = 'skyflow.io/service';

/** Fields of the spec that both have. */
export const SHARED_SERVICE_FIELDS = [
  'type',
  'selector',
  'ports',
  'sessionAffinity',
  'sessionAffinityConfig',
  'externalName',
  'ipFamilies',
  'ipFamilyPolicy',
  'internalTrafficPolicy',
  'externalTrafficPolicy',
] as const;

/** What Kubernetes fills in where nothing was said. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  sessionAffinity: 'None',
  ipFamilyPolicy: 'SingleStack',
  internalTrafficPolicy: 'Cluster',
  externalTrafficPolicy: 'Cluster',
};

const isShared = (field: string): boolean => (SHARED_SERVICE_FIELDS as readonly string[]).includes(field);

export function serviceToNative(object: AnyObject): AnyObject {
  const entries = Object.entries(specOf(object));
  const shared = Object.fromEntries(entries.filter(([field]) => isShared(field)));
  const own = entries.filter(
    ([field, value]) => !isShared(field) && field !== 'clusterIP' && !(field === 'cluster' && value === AUTO_CLUSTER),
  );
  const status = (object.status ?? {}) as Partial<ServiceStatus>;
  const isExternal = shared.type === 'ExternalName';
  const clusterIP = specOf(object).clusterIP ?? status.clusterIP;
  const metadata = withManagedFields(object.metadata, 'v1', {});
  const annotations = {
    ...metadata.annotations,
    ...(own.length > 0 && { [ANNOTATION_SERVICE]: JSON.stringify(Object.fromEntries(own)) }),
  };
  return {
    ...object,
    apiVersion: 'v1',
    metadata: Object.keys(annotations).length === 0 ? { ...metadata } : { ...metadata, annotations },
    spec: {
      ...shared,
      sessionAffinity: shared.sessionAffinity ?? 'None',
      ...(isExternal ? {} : { internalTrafficPolicy: shared.internalTrafficPolicy ?? 'Cluster' }),
      ...(clusterIP === undefined ? {} : { clusterIP, clusterIPs: [clusterIP] }),
    },
    status: {
      loadBalancer:
        status.externalIPs === undefined ? {} : { ingress: status.externalIPs.map((address) => ingressOf(address)) },
      ...(status.conditions === undefined ? {} : { conditions: status.conditions }),
    },
  };
}

/** Without status, and without what {@link serviceToNative} adds. */
export function serviceFromNative(native: AnyObject): AnyObject {
  const { status: _status, ...rest } = native;
  const given = Object.entries(specOf(native)).filter(([field]) => isShared(field));
  const shared = Object.fromEntries(given.filter(([field, value]) => DEFAULTS[field] !== value));
  const isHeadless = specOf(native).clusterIP === HEADLESS;
  const { [ANNOTATION_SERVICE]: text, ...annotations } = native.metadata.annotations ?? {};
  const own = text === undefined ? {} : serviceAnnotation(text);
  const { annotations: _before, ...metadata } = native.metadata;
  const kept = {
    ...annotations,
    // Not understood: refused before it is stored; here nothing is lost.
    ...(own === undefined && text !== undefined ? { [ANNOTATION_SERVICE]: text } : {}),
  };
  return {
    ...rest,
    apiVersion: API_VERSION,
    metadata: withManagedFields(
      Object.keys(kept).length === 0 ? metadata : { ...metadata, annotations: kept },
      API_VERSION,
      {},
    ),
    spec: {
      cluster: AUTO_CLUSTER,
      type: 'ClusterIP',
      ...shared,
      ...(isHeadless ? { clusterIP: HEADLESS } : {}),
      ...own,
    },
  };
}

/** Undefined: it is no JSON object. */
export function serviceAnnotation(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A load balancer has an address or a host name. */
const ingressOf = (address: string): Record<string, string> =>
  /^[\d.]+$|:/.test(address) ? { ip: address } : { hostname: address };
