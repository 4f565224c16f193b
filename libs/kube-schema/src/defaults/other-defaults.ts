/** Conditional defaults of the other kinds. Sources: pkg/apis/{core,networking,rbac}/v1/defaults.go and conversion.go. */
import { partAt, partsOf, setDefault } from './object-parts.js';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const CLIENT_IP_TIMEOUT_SECONDS = 10_800;

export function completeService(object: object): void {
  const spec = partAt(object, 'spec');
  if (spec === undefined) return;
  for (const port of partsOf(spec.ports)) {
    if (port.targetPort === undefined || port.targetPort === null || port.targetPort === 0 || port.targetPort === '') {
      port.targetPort = port.port;
    }
  }
  if (spec.sessionAffinity === 'ClientIP') {
    setDefault(spec, 'sessionAffinityConfig', { clientIP: { timeoutSeconds: CLIENT_IP_TIMEOUT_SECONDS } });
  }
  if (spec.type !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  const isExternal = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  const hasExternalIps = spec.type === 'ClusterIP' && Array.isArray(spec.externalIPs) && spec.externalIPs.length > 0;
  if (isExternal || hasExternalIps) setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec.type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
}

/** `stringData` is for writing only: it goes into `data`, over what is there. */
export function completeSecret(object: Record<string, unknown>): void {
  const plain = partAt(object, 'stringData');
  if (plain === undefined) return;
  const data = { ...partAt(object, 'data') };
  for (const [key, value] of Object.entries(plain)) {
    if (typeof value === 'string') data[key] = Buffer.from(value).toString('base64');
  }
  object.data = data;
  delete object.stringData;
}

export function completeNamespace(object: object): void {
  const metadata = partAt(object, 'metadata');
  if (typeof metadata?.name !== 'string' || metadata.name === '') return;
  setDefault(metadata, 'labels', {});
  setDefault(partAt(metadata, 'labels') ?? {}, 'kubernetes.io/metadata.name', metadata.name);
}

export function completeNetworkPolicy(object: object): void {
  const spec = partAt(object, 'spec');
  if (spec === undefined || (Array.isArray(spec.policyTypes) && spec.policyTypes.length > 0)) return;
  const hasEgress = Array.isArray(spec.egress) && spec.egress.length > 0;
  spec.policyTypes = hasEgress ? ['Ingress', 'Egress'] : ['Ingress'];
}

export function completeBinding(object: Record<string, unknown>): void {
  for (const subject of partsOf(object.subjects)) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP;
  }
}
