/**
 * The endpoints of a service on one cluster, from the pods that its selector matches (pkg/controller/endpointslice): ready pods
 * serve; pods that end are serving while they still answer. A named target port is resolved for each pod by itself.
 */
import type { Endpoint, ServicePort } from '@skyflow/contracts';
import { sortEndpoints } from './endpoints.js';
import { addressType, isForbiddenAddress } from './native-service.js';

/** A core/v1 Pod, as far as it matters here. */
export interface EndpointPod {
  metadata: { name: string; uid?: string; deletionTimestamp?: string };
  spec?: { containers?: PodContainer[]; initContainers?: PodContainer[] } | undefined;
  status?:
    | { phase?: string; podIP?: string; podIPs?: { ip?: string }[]; conditions?: { type: string; status: string }[] }
    | undefined;
}

interface PodContainer {
  restartPolicy?: string;
  ports?: { name?: string; containerPort: number; protocol?: string }[];
}

export function podEndpoints(pods: Iterable<EndpointPod>, ports: readonly ServicePort[]): Endpoint[] {
  return sortEndpoints([...pods].flatMap((pod) => endpointOf(pod, ports) ?? []));
}

function endpointOf(pod: EndpointPod, ports: readonly ServicePort[]): Endpoint | undefined {
  const { phase, podIP = '', conditions = [] } = pod.status ?? {};
  if (podIP === '' || phase === 'Succeeded' || phase === 'Failed' || isForbiddenAddress(podIP)) return undefined;
  const serving = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const other = (pod.status?.podIPs ?? []).find(
    ({ ip = '' }) => ip !== '' && addressType(ip) !== addressType(podIP) && !isForbiddenAddress(ip),
  )?.ip;
  return {
    address: podIP,
    ...(other === undefined ? {} : { otherAddress: other }),
    ports: ports.flatMap((port) => resolved(pod, port) ?? []),
    ready: serving && !terminating,
    serving,
    terminating,
    pod: pod.metadata.name,
    uid: pod.metadata.uid ?? pod.metadata.name,
  };
}

function resolved({ spec }: EndpointPod, port: ServicePort): Endpoint['ports'][number] | undefined {
  const { name = '', protocol = 'TCP', targetPort = port.port } = port;
  if (typeof targetPort === 'number') return { name, port: targetPort, protocol };
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const found = [...(spec?.containers ?? []), ...sidecars]
    .flatMap((container) => container.ports ?? [])
    .find((each) => each.name === targetPort && (each.protocol ?? 'TCP') === protocol);
  return found === undefined ? undefined : { name, port: found.containerPort, protocol };
}
