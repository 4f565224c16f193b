/** Rules on Services: Kubernetes' own (pkg/apis/core/validation), and what a service over clusters needs besides. */
import {
  AUTO_CLUSTER,
  HEADLESS,
  invalidCause,
  IP_FAMILIES,
  IP_FAMILY_POLICIES,
  isDnsLabel,
  isLabelValue,
  isQualifiedName,
  type KubeObject,
  PLANE_CHOICES,
  requiredCause,
  SERVICE_TYPES,
  type ServicePort,
  type ServiceSpec,
  SPREADS,
  type StatusCause,
  TRAFFIC_POLICIES,
  unsupportedCause,
} from '@skyflow/contracts';
import type { ResourceStrategy } from '@skyflow/apimachinery';
import { duplicate, forbiddenField } from './causes.js';

const PROTOCOLS = ['TCP', 'UDP'];
const AFFINITIES = ['None', 'ClientIP'];
const LONGEST_AFFINITY_SECONDS = 86_400;
const LONGEST_RAMP_SECONDS = 3_600;
const NODE_PORTS = { first: 30_000, last: 32_767 };
/** IANA service name, as Kubernetes takes them for target ports (RFC 6335). */
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9]|-(?!-)){0,13}[a-z0-9]?$/;

export const serviceStrategy: ResourceStrategy = {
  prepareForCreate: fillIn,
  prepareForUpdate: fillIn,
  validate: (object) => serviceCauses(specOf(object)),
  validateUpdate: (object, old) => headlessCauses(specOf(object), specOf(old)),
};

const specOf = (object: KubeObject): Partial<ServiceSpec> => object.spec ?? {};

function fillIn(object: KubeObject): void {
  const spec = specOf(object);
  const { cluster = AUTO_CLUSTER, type = 'ClusterIP', selector = {}, ports = [] } = spec;
  object.spec = { ...spec, cluster, type, selector, ports };
}

/** A cluster gives an address once: a Service with one cannot become headless, nor the other way. */
export function headlessCauses(spec: Partial<ServiceSpec>, old: Partial<ServiceSpec>): StatusCause[] {
  const isSame = spec.clusterIP === old.clusterIP || spec.type !== old.type;
  const rule = 'may not change: delete the service and make it again';
  return isSame ? [] : [invalidCause('spec.clusterIP', spec.clusterIP ?? '', rule)];
}

export function serviceCauses(spec: Partial<ServiceSpec>): StatusCause[] {
  const { type = 'ClusterIP', cluster = AUTO_CLUSTER, sources = [] } = spec;
  const isExternal = type === 'ExternalName';
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
  return [
    ...causes,
    ...(isExternal ? externalCauses(spec) : selectorCauses(spec.selector)),
    ...(isExternal ? [] : portsCauses(spec.ports ?? [], type)),
    ...affinityCauses(spec),
    ...addressCauses(spec),
    ...spreadCauses(spec),
  ];
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
  ports.forEach(({ name, port, protocol = 'TCP' }, index) => {
    const before = ports.slice(0, index);
    if (name !== undefined && before.some((each) => each.name === name)) {
      causes.push(duplicate(`spec.ports[${index}].name`, name, 'each port needs a name of its own'));
    }
    if (before.some((each) => each.port === port && (each.protocol ?? 'TCP') === protocol)) {
      causes.push(duplicate(`spec.ports[${index}].port`, String(port), 'each port may be there once per protocol'));
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
  if (!PROTOCOLS.includes(protocol)) causes.push(unsupportedCause(`${path}.protocol`, protocol, PROTOCOLS));
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

/** An external name has nothing but its name. */
function externalCauses({
  externalName = '',
  selector = {},
  sources,
  ports = [],
}: Partial<ServiceSpec>): StatusCause[] {
  const causes: StatusCause[] = [];
  if (externalName === '') {
    causes.push(requiredCause('spec.externalName', 'type ExternalName needs the DNS name that it stands for'));
  } else if (!isDnsName(externalName)) {
    causes.push(invalidCause('spec.externalName', externalName, 'must be a DNS name: labels with dots between them'));
  }
  const why = 'a service of type ExternalName has no pods';
  if (Object.keys(selector).length > 0) causes.push(forbiddenField('spec.selector', why));
  if (sources !== undefined) causes.push(forbiddenField('spec.sources', why));
  if (ports.length > 0) causes.push(forbiddenField('spec.ports', `${why}, and DNS knows no ports`));
  return causes;
}

const isDnsName = (name: string): boolean =>
  name.length <= 253 &&
  name
    .replace(/\.$/, '')
    .split('.')
    .every((label) => isDnsLabel(label));

function addressCauses(spec: Partial<ServiceSpec>): StatusCause[] {
  const { type = 'ClusterIP', clusterIP, externalName, plane } = spec;
  const { ipFamilies = [], ipFamilyPolicy, internalTrafficPolicy, externalTrafficPolicy } = spec;
  const isExternal = type === 'ExternalName';
  const causes: StatusCause[] = [];
  if (clusterIP !== undefined && clusterIP !== HEADLESS) {
    const rule = 'must be None (headless) or left out: each cluster has its own range, and chooses';
    causes.push(invalidCause('spec.clusterIP', clusterIP, rule));
  }
  if (clusterIP === HEADLESS && type !== 'ClusterIP') {
    causes.push(invalidCause('spec.clusterIP', clusterIP, 'may be None with type ClusterIP only'));
  }
  if (clusterIP === HEADLESS && plane === 'gateway') {
    const rule =
      'must be auto or flat for a headless service: its clients are told the addresses of pods, and through a gateway there are none';
    causes.push(invalidCause('spec.plane', plane, rule));
  }
  if (externalName !== undefined && !isExternal) {
    causes.push(forbiddenField('spec.externalName', 'only with type ExternalName'));
  }
  ipFamilies.forEach((family, index) => {
    if (!(IP_FAMILIES as readonly string[]).includes(family)) {
      causes.push(unsupportedCause(`spec.ipFamilies[${index}]`, family, [...IP_FAMILIES]));
    } else if (ipFamilies.indexOf(family) < index) {
      causes.push(duplicate(`spec.ipFamilies[${index}]`, family, 'each family may be named once'));
    }
  });
  if (ipFamilies.length > 1 && (ipFamilyPolicy ?? 'SingleStack') === 'SingleStack') {
    const rule = 'must be PreferDualStack or RequireDualStack with two families';
    causes.push(invalidCause('spec.ipFamilyPolicy', ipFamilyPolicy ?? 'SingleStack', rule));
  }
  causes.push(
    ...choiceCauses('spec.ipFamilyPolicy', ipFamilyPolicy, IP_FAMILY_POLICIES),
    ...choiceCauses('spec.internalTrafficPolicy', internalTrafficPolicy, TRAFFIC_POLICIES),
    ...choiceCauses('spec.externalTrafficPolicy', externalTrafficPolicy, TRAFFIC_POLICIES),
  );
  if (externalTrafficPolicy !== undefined && type !== 'NodePort' && type !== 'LoadBalancer') {
    causes.push(forbiddenField('spec.externalTrafficPolicy', 'only with type NodePort or LoadBalancer'));
  }
  return causes;
}

function choiceCauses(field: string, value: string | undefined, choices: readonly string[]): StatusCause[] {
  return value === undefined || choices.includes(value) ? [] : [unsupportedCause(field, value, [...choices])];
}

function spreadCauses({ spread, localFirst, type }: Partial<ServiceSpec>): StatusCause[] {
  const causes = choiceCauses('spec.spread', spread, SPREADS);
  if (spread !== undefined && type === 'ExternalName') {
    causes.push(forbiddenField('spec.spread', 'a service of type ExternalName has no pods'));
  }
  if (localFirst === undefined) return causes;
  const { minReady = 1, rampSeconds = 0 } = localFirst;
  if (spread !== 'local-first') causes.push(forbiddenField('spec.localFirst', 'only with spread local-first'));
  if (minReady < 1) causes.push(invalidCause('spec.localFirst.minReady', minReady, 'must be at least 1'));
  if (rampSeconds > LONGEST_RAMP_SECONDS) {
    causes.push(invalidCause('spec.localFirst.rampSeconds', rampSeconds, `must be at most ${LONGEST_RAMP_SECONDS}`));
  }
  return causes;
}

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
