/** From a key in the work queue to the controller that handles it. */
import type { KubeObject } from '@skyflow/contracts';
import { reconcileCronJob } from '../controllers/cronjob.js';
import { reconcileDaemonSet } from '../controllers/daemonset.js';
import { collect } from '../controllers/garbage-collector.js';
import { reconcileDeployment } from '../controllers/deployment.js';
import { reconcileEndpoints } from '../controllers/endpoints.js';
import { type JobBackoff, reconcileJob } from '../controllers/job.js';
import { reconcileNamespace } from '../controllers/namespace.js';
import { reconcileNode, type NodeLifecycle } from '../controllers/node-lifecycle.js';
import type { Outcome } from '../controllers/reconcile.js';
import { reconcileReplicaSet } from '../controllers/replicaset.js';
import { reconcileStatefulSet } from '../controllers/statefulset.js';
import { reconcileTtl } from '../controllers/ttl-after-finished.js';
import { reconcileVolumeClaim } from '../controllers/volume-claim.js';
import { schedulePending } from '../scheduler/scheduler.js';
import type { ClusterState } from './cluster-state.js';
import { parseQueueKey } from './triggers.js';

export interface ControllerSettings {
  namespacedKinds: readonly string[];
  jobBackoff: JobBackoff;
  nodeLifecycle: NodeLifecycle;
  /** default/kubernetes, as every cluster has it. */
  kubernetesService(): KubeObject;
  /** What the kubelets do about a pod; the pod may be gone. */
  syncPod(namespace: string | undefined, name: string, nowMs: number): Outcome;
  /** What kube-proxy does about a service; the service may be gone. */
  syncService(namespace: string | undefined, name: string, nowMs: number): Promise<Outcome> | Outcome;
}

export function reconcileKey(
  state: ClusterState,
  key: string,
  nowMs: number,
  settings: ControllerSettings,
): Outcome | Promise<Outcome> {
  const { controller, namespace, name } = parseQueueKey(key);
  switch (controller) {
    case 'ReplicaSet':
      return reconcileReplicaSet(state, namespace, name, nowMs);
    case 'Deployment':
      return reconcileDeployment(state, namespace, name, nowMs);
    case 'Job':
      return reconcileJob(state, namespace, name, nowMs, settings.jobBackoff);
    case 'StatefulSet':
      return reconcileStatefulSet(state, namespace, name, nowMs);
    case 'DaemonSet':
      return reconcileDaemonSet(state, namespace, name, nowMs);
    case 'CronJob':
      return reconcileCronJob(state, namespace, name, nowMs);
    case 'TtlAfterFinished':
      return reconcileTtl(state, namespace, name, nowMs);
    case 'Endpoints':
      return reconcileEndpoints(state, namespace, name);
    case 'Namespace':
      return reconcileNamespace(state, name, settings.namespacedKinds, nowMs);
    case 'VolumeClaim':
      return reconcileVolumeClaim(state, namespace, name);
    case 'Node':
      return reconcileNode(state, name, nowMs, settings.nodeLifecycle);
    case 'Scheduler':
      return schedulePending(state, state.podsOnNode(''), nowMs);
    case 'KubernetesService':
      return { writes: [{ op: 'create', object: settings.kubernetesService() }] };
    case 'Kubelet':
      return settings.syncPod(namespace, name, nowMs);
    case 'ServiceProxy':
      return settings.syncService(namespace, name, nowMs);
    case 'GarbageCollector': {
      const object = state.byUid(name);
      return object === undefined ? { writes: [] } : collect(state, object);
    }
  }
}
