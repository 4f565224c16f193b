/** Which keys a change of one object puts into the work queue. Pure, and the only place that knows who cares about what. */
import type { KubeObject } from '@skyflow/contracts';
import { FOREGROUND } from '../controllers/garbage-collector.js';
import { controllerOf, isDeleting, uidOf } from '../model/object-facts.js';
import { matchesLabels } from '../model/label-match.js';
import { isFinished } from '../model/pod-facts.js';
import type { Pod } from '../model/pod.js';
import { LABEL_SERVICE_NAME } from '../service-proxy/proxy-rules.js';
import type { ClusterState } from './cluster-state.js';
import type { StoreWrite } from './observed-backend.js';

/** A write, with what was there before. */
export interface StoreChange extends StoreWrite {
  old?: KubeObject;
}

export type ControllerName =
  | 'ReplicaSet'
  | 'Deployment'
  | 'Job'
  | 'StatefulSet'
  | 'DaemonSet'
  | 'CronJob'
  | 'TtlAfterFinished'
  | 'Endpoints'
  | 'Namespace'
  | 'VolumeClaim'
  | 'GarbageCollector'
  | 'KubernetesService'
  | 'Kubelet'
  | 'Node'
  | 'Scheduler'
  | 'ServiceProxy';

export const queueKey = (controller: ControllerName, namespace = '', name = ''): string =>
  `${controller}|${namespace}|${name}`;

export function parseQueueKey(key: string): {
  controller: ControllerName;
  namespace: string | undefined;
  name: string;
} {
  const [controller = '', namespace = '', name = ''] = key.split('|');
  return {
    controller: controller as ControllerName,
    namespace: namespace === '' ? undefined : namespace,
    name,
  };
}

const OWN: Partial<Record<string, ControllerName[]>> = {
  ReplicaSet: ['ReplicaSet'],
  Deployment: ['Deployment'],
  Job: ['Job', 'TtlAfterFinished'],
  StatefulSet: ['StatefulSet'],
  DaemonSet: ['DaemonSet'],
  CronJob: ['CronJob'],
  Service: ['Endpoints', 'ServiceProxy'],
  Namespace: ['Namespace'],
  PersistentVolumeClaim: ['VolumeClaim'],
  Node: ['Node'],
};

const CONTROLLERS_OF_OWNERS: Partial<Record<string, ControllerName>> = {
  ReplicaSet: 'ReplicaSet',
  Deployment: 'Deployment',
  Job: 'Job',
  StatefulSet: 'StatefulSet',
  DaemonSet: 'DaemonSet',
  CronJob: 'CronJob',
};

export function keysFor(change: StoreChange, state: ClusterState): string[] {
  const { object } = change;
  const { namespace, name } = object.metadata;
  const keys = (OWN[object.kind] ?? []).map((controller) => queueKey(controller, namespace, name));
  const owner = controllerOf(object);
  const ownerController = owner === undefined ? undefined : CONTROLLERS_OF_OWNERS[owner.kind];
  if (owner !== undefined && ownerController !== undefined) keys.push(queueKey(ownerController, namespace, owner.name));
  if (object.kind === 'Pod') keys.push(...podKeys(change, state));
  if (object.kind === 'EndpointSlice') keys.push(...proxyKeys(change));
  if (object.kind === 'ConfigMap' || object.kind === 'Secret') keys.push(...waitingPodKeys(state, namespace));
  if (object.kind === 'PersistentVolumeClaim') keys.push(queueKey('Scheduler'));
  if (object.kind === 'Node') {
    keys.push(queueKey('Scheduler'));
    for (const { metadata } of state.list('DaemonSet'))
      keys.push(queueKey('DaemonSet', metadata.namespace, metadata.name));
  }
  if (object.kind === 'ReplicaSet' && owner === undefined) {
    for (const deployment of state.list('Deployment', namespace)) {
      keys.push(queueKey('Deployment', namespace, deployment.metadata.name));
    }
  }
  if (namespace !== undefined && (change.deleted || object.kind === 'ServiceAccount')) {
    keys.push(queueKey('Namespace', undefined, namespace));
  }
  if (object.kind === 'ServiceAccount' && !change.deleted) keys.push(...refusedPodKeys(state, namespace));
  keys.push(...collectorKeys(change, state));
  return keys;
}

/** Controllers whose pods may have been refused for want of a service account need not wait for their back-off. */
function refusedPodKeys(state: ClusterState, namespace: string | undefined): string[] {
  return (['ReplicaSet', 'Job'] as const).flatMap((kind) =>
    state.list(kind, namespace).map(({ metadata }) => queueKey(kind, namespace, metadata.name)),
  );
}

/** Pods that may wait for a volume or a variable. */
function waitingPodKeys(state: ClusterState, namespace: string | undefined): string[] {
  return state
    .list('Pod', namespace)
    .filter(({ spec, status }) => (spec.nodeName ?? '') !== '' && status?.phase === 'Pending')
    .map(({ metadata }) => queueKey('Kubelet', namespace, metadata.name));
}

/** The services that a slice belongs to, and belonged to before. */
function proxyKeys({ object, old }: StoreChange): string[] {
  const names = [object, old].flatMap((slice) => slice?.metadata.labels?.[LABEL_SERVICE_NAME] ?? []);
  return [...new Set(names)].map((name) => queueKey('ServiceProxy', object.metadata.namespace, name));
}

function podKeys({ object, old, deleted }: StoreChange, state: ClusterState): string[] {
  const pod = object as Pod;
  const before = old as Pod | undefined;
  const { namespace, name } = pod.metadata;
  const bound = (pod.spec.nodeName ?? '') !== '';
  const keys: string[] = [];
  if (bound || deleted) keys.push(queueKey('Kubelet', namespace, name));
  const freesRoom = bound && (deleted || (isFinished(pod) && before !== undefined && !isFinished(before)));
  if (!bound || freesRoom) keys.push(queueKey('Scheduler'));
  for (const service of state.list('Service', namespace)) {
    const { selector } = service.spec;
    if (selector === undefined) continue;
    if (matchesLabels(selector, pod.metadata.labels) || matchesLabels(selector, before?.metadata.labels)) {
      keys.push(queueKey('Endpoints', namespace, service.metadata.name));
    }
  }
  if (controllerOf(pod) === undefined && !deleted) {
    for (const set of state.list('ReplicaSet', namespace))
      keys.push(queueKey('ReplicaSet', namespace, set.metadata.name));
  }
  return keys;
}

function collectorKeys({ object, deleted }: StoreChange, state: ClusterState): string[] {
  const keys: string[] = [];
  const collect = (each: KubeObject): void => {
    keys.push(`GarbageCollector||${uidOf(each)}`);
  };
  if (deleted) {
    for (const dependent of state.dependentsOf(uidOf(object))) collect(dependent);
  } else if ((object.metadata.ownerReferences ?? []).length > 0 || isDeleting(object)) {
    collect(object);
  }
  // An owner that waits for its dependents looks again when one of them changes.
  for (const { uid } of object.metadata.ownerReferences ?? []) {
    const owner = state.byUid(uid);
    if (owner?.metadata.finalizers?.includes(FOREGROUND) === true) collect(owner);
  }
  return keys;
}
