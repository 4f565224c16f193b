/**
 * Endpoints and EndpointSlices of a service from the pods that its selector matches (pkg/controller/endpoint{,slice}):
 * ready pods serve, pods that are not ready are listed as such, pods that end are serving while they still answer.
 * One IPv4 slice per service; objects that others made or manage are not touched.
 */
import type { KubeObject } from '@skyflow/contracts';
import { controllerReference, isDeleting, sameJson } from '../model/object-facts.js';
import { matchesLabels } from '../model/label-match.js';
import { isFinished, isReady } from '../model/pod-facts.js';
import type { Pod } from '../model/pod.js';
import type { Service, ServicePort } from '../model/workloads.js';
import { type ClusterView, type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';

const SERVICE_NAME = 'kubernetes.io/service-name';
const SLICE_MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SLICE_CONTROLLER = 'endpointslice-controller.k8s.io';

export function reconcileEndpoints(view: ClusterView, namespace: string | undefined, name: string): Outcome {
  const service = view.get('Service', namespace, name);
  const endpoints = view.get('Endpoints', namespace, name);
  if (service === undefined || isDeleting(service)) {
    return endpoints === undefined ? NOTHING : { writes: [{ op: 'delete', target: targetOf(endpoints) }] };
  }
  const { selector } = service.spec;
  if (selector === undefined || Object.keys(selector).length === 0 || service.spec.type === 'ExternalName') {
    return NOTHING;
  }
  const pods = view
    .list('Pod', namespace)
    .filter((pod) => isListed(pod) && matchesLabels(selector, pod.metadata.labels));
  const slices = view
    .controlledBy('EndpointSlice', service.metadata.uid ?? '')
    .filter((slice) => slice.metadata.labels?.[SLICE_MANAGED_BY] === SLICE_CONTROLLER);
  return { writes: [...writeEndpoints(service, endpoints, pods), ...writeSlice(service, slices[0], pods)] };
}

const isListed = (pod: Pod): boolean => (pod.status?.podIP ?? '') !== '' && !isFinished(pod);

/** A pod that ends is not ready for new connections, but serves the old ones. */
const serves = (service: Service, pod: Pod): boolean =>
  service.spec.publishNotReadyAddresses === true || (isReady(pod) && !isDeleting(pod));

function writeEndpoints(service: Service, old: KubeObject | undefined, pods: readonly Pod[]): Write[] {
  const live = pods.filter((pod) => !isDeleting(pod));
  const address = (pod: Pod): Record<string, unknown> => ({ ip: pod.status?.podIP, ...targetReference(pod) });
  const ready = live.filter((pod) => serves(service, pod)).map(address);
  const notReady = live.filter((pod) => !serves(service, pod)).map(address);
  const ports = resolvedPorts(service, pods[0]);
  const subsets =
    ready.length + notReady.length === 0
      ? undefined
      : [
          {
            ...(ready.length > 0 ? { addresses: ready } : {}),
            ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
            ...(ports.length > 0 ? { ports } : {}),
          },
        ];
  if (old !== undefined && sameJson(old['subsets'], subsets)) return [];
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: old?.metadata ?? {
      name: service.metadata.name,
      ...(service.metadata.namespace === undefined ? {} : { namespace: service.metadata.namespace }),
      labels: { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    },
    ...(subsets === undefined ? {} : { subsets }),
  };
  return [old === undefined ? { op: 'create', object } : { op: 'update', object }];
}

/** A slice's port always has a name, '' for the only one. */
const slicePort = (port: Record<string, unknown>): Record<string, unknown> => ({ name: '', ...port });

function writeSlice(service: Service, old: KubeObject | undefined, pods: readonly Pod[]): Write[] {
  const endpoints = pods.map((pod) => ({
    addresses: [pod.status?.podIP],
    conditions: {
      ready: serves(service, pod),
      serving: service.spec.publishNotReadyAddresses === true || isReady(pod),
      terminating: isDeleting(pod),
    },
    ...targetReference(pod),
    ...zoneOf(pod),
  }));
  const ports = resolvedPorts(service, pods[0]).map(slicePort);
  if (old !== undefined && sameJson(old['endpoints'], endpoints) && sameJson(old['ports'], ports)) return [];
  const object: KubeObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: old?.metadata ?? {
      name: '',
      generateName: `${service.metadata.name}-`,
      ...(service.metadata.namespace === undefined ? {} : { namespace: service.metadata.namespace }),
      labels: {
        ...service.metadata.labels,
        [SERVICE_NAME]: service.metadata.name,
        [SLICE_MANAGED_BY]: SLICE_CONTROLLER,
      },
      ownerReferences: [controllerReference(service)],
    },
    endpoints,
    ports,
  };
  return [old === undefined ? { op: 'create', object } : { op: 'update', object }];
}

/** A pod has its node's zone as a label. */
function zoneOf({ metadata }: Pod): { zone?: string } {
  const zone = metadata.labels?.['topology.kubernetes.io/zone'];
  return zone === undefined ? {} : { zone };
}

function targetReference(pod: Pod): Record<string, unknown> {
  return {
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: {
      kind: 'Pod',
      ...(pod.metadata.namespace === undefined ? {} : { namespace: pod.metadata.namespace }),
      name: pod.metadata.name,
      uid: pod.metadata.uid,
    },
  };
}

/** Service ports with target names resolved against a pod; a name that no container has is left out. */
function resolvedPorts(service: Service, pod: Pod | undefined): Record<string, unknown>[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pod);
    if (number === undefined) return [];
    return [
      {
        ...(port.name === undefined ? {} : { name: port.name }),
        port: number,
        protocol: port.protocol ?? 'TCP',
        ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
      },
    ];
  });
}

function targetPort(port: ServicePort, pod: Pod | undefined): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  return pod?.spec.containers.flatMap(({ ports }) => ports ?? []).find(({ name }) => name === target)?.containerPort;
}
