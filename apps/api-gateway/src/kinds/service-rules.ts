/** Rules on Services: Kubernetes' own (pkg/apis/core/validation), and what a service over clusters needs besides. */
import {
  AUTO_CLUSTER,
  PLANE_CHOICES,
  SERVICE_TYPES,
  isDnsLabel,
  type ServicePort,
  type ServiceSpec,
} from '@skyflow/contracts';
import {
  type KubeObject,
  type ResourceStrategy,
  type StatusCause,
  invalidCause,
  isLabelValue,
  isQualifiedName,
  requiredCause,
  unsupportedCause,
} from '@skyflow/apimachinery';
import { duplicate, forbiddenField } from './causes.js';

const AFFINITIES = ['None', 'ClientIP'];
const LONGEST_AFFINITY_SECONDS = 86_400;
const NODE_PORTS = { first: 30_000, last: 32_767 };
/** IANA service name, as Kubernetes takes them for target ports (RFC 6335). */
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9]|-(?!-)){0,13}[a-z0-9]?$/;

export const serviceStrategy: ResourceStrategy = {
  prepareForCreate: fillIn,
  prepareForUpdate: fillIn,
  validate: (object) => serviceCauses(specOf(object)),
};

const specOf = (object: KubeObject): Partial<ServiceSpec> => object.spec ?? {};

function fillIn(object: KubeObject): void {
  const spec = specOf(object);
  object.spec = { ...spec, cluster: spec.cluster ?? AUTO_CLUSTER, type: spec.type ?? 'ClusterIP' };
}

export function serviceCauses(spec: Partial<ServiceSpec>): StatusCause[] {
  const { type = 'ClusterIP', cluster = AUTO_CLUSTER, sources = [] } = spec;
  const causes: StatusCause[] = [];
  if (!(SERVICE_TYPES as readonly string[]).includes(type)) {
    causes.push(unsupportedCause('spec.type', type, [...SERVICE_TYPES]));
  }
  const { plane = 'auto' } = spec;
  if (!(PLANE_CHOICES as readonly string[]).includes(plane)) {
    causes.push(unsupportedCause('spec.plane', plane, [...PLANE_CHOICES]));
  }
  if (!isDnsLabel(cluster)) {
    causes.push(invalidCause('spec.cluster', cluster, 'must be the name of a cluster, or auto'));
  }
  sources.forEach((source, index) => {
    if (sources.indexOf(source) < index) {
      causes.push(duplicate(`spec.sources[${index}]`, source, 'each cluster may be named once'));
    }
  });
  return [...causes, ...selectorCauses(spec.selector), ...portsCauses(spec.ports ?? [], type), ...affinityCauses(spec)];
}

function selectorCauses(selector: Record<string, string> | undefined): StatusCause[] {
  const labels = Object.entries(selector ?? {});
  if (labels.length === 0) return [requiredCause('spec.selector', 'name the labels of the pods behind the service')];
  return labels.flatMap(([key, value]) => [
    ...(isQualifiedName(key) ? [] : [invalidCause(`spec.selector.${key}`, key, 'must be a label key, e.g. app')]),
    ...(isLabelValue(value)
      ? []
      : [invalidCause(`spec.selector.${key}`, value, 'must be a label value: letters, digits, "-", "_" and "."')]),
  ]);
}

function portsCauses(ports: readonly ServicePort[], type: string): StatusCause[] {
  if (ports.length === 0) return [requiredCause('spec.ports', 'a service needs at least one port')];
  const causes = ports.flatMap((port, index) => portCauses(port, `spec.ports[${index}]`, type, ports.length > 1));
  ports.forEach(({ name, port }, index) => {
    const before = ports.slice(0, index);
    if (name !== undefined && before.some((each) => each.name === name)) {
      causes.push(duplicate(`spec.ports[${index}].name`, name, 'each port needs a name of its own'));
    }
    if (before.some((each) => each.port === port)) {
      causes.push(duplicate(`spec.ports[${index}].port`, String(port), 'each port may be there once'));
    }
  });
  return causes;
}

function portCauses(port: ServicePort, path: string, type: string, isOneOfMany: boolean): StatusCause[] {
  const { name, protocol = 'TCP', targetPort, nodePort } = port;
  const causes: StatusCause[] = [];
  if (!isPort(port.port)) causes.push(invalidCause(`${path}.port`, port.port, 'must be from 1 to 65535'));
  if (name === undefined && isOneOfMany) {
    causes.push(requiredCause(`${path}.name`, 'each of several ports needs a name'));
  }
  if (name !== undefined && !isDnsLabel(name)) {
    causes.push(invalidCause(`${path}.name`, name, 'must be a DNS label: lower-case letters, digits, dashes'));
  }
  if (protocol !== 'TCP') {
    const rule = 'must be TCP: other protocols are not carried between clusters';
    causes.push(invalidCause(`${path}.protocol`, protocol, rule));
  }
  if (typeof targetPort === 'number' ? !isPort(targetPort) : targetPort !== undefined && !PORT_NAME.test(targetPort)) {
    const rule = 'must be a number from 1 to 65535, or the name of a container port (15 characters at most)';
    causes.push(invalidCause(`${path}.targetPort`, targetPort, rule));
  }
  if (nodePort === undefined || nodePort === 0) return causes;
  if (type === 'ClusterIP') causes.push(forbiddenField(`${path}.nodePort`, 'only with type NodePort or LoadBalancer'));
  else if (nodePort < NODE_PORTS.first || nodePort > NODE_PORTS.last) {
    causes.push(invalidCause(`${path}.nodePort`, nodePort, `must be from ${NODE_PORTS.first} to ${NODE_PORTS.last}`));
  }
  return causes;
}

const isPort = (port: unknown): boolean => typeof port === 'number' && port >= 1 && port <= 65_535;

function affinityCauses({ sessionAffinity = 'None', sessionAffinityConfig }: Partial<ServiceSpec>): StatusCause[] {
  if (!AFFINITIES.includes(sessionAffinity)) {
    return [unsupportedCause('spec.sessionAffinity', sessionAffinity, AFFINITIES)];
  }
  const path = 'spec.sessionAffinityConfig';
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinityConfig !== undefined && sessionAffinity === 'None') {
    return [forbiddenField(path, 'only with sessionAffinity ClientIP')];
  }
  if (seconds === undefined || (seconds >= 1 && seconds <= LONGEST_AFFINITY_SECONDS)) return [];
  return [invalidCause(`${path}.clientIP.timeoutSeconds`, seconds, `must be from 1 to ${LONGEST_AFFINITY_SECONDS}`)];
}
