/**
 * The shape of every controller here: a pure function of what the cluster holds and the time, returning what to write.
 * Nothing is remembered between calls; the same cluster gives the same writes, so a lost write is simply decided again.
 */
import type { KubeObject } from '@skyflow/contracts';
import type { Deployment, Job, Namespace, PersistentVolumeClaim, ReplicaSet, Service } from '../model/workloads.js';
import type { CronJob, DaemonSet, StatefulSet } from '../model/steady-workloads.js';
import type { Node, Pod } from '../model/pod.js';

/** Kinds whose shape is known here; every other kind is a plain KubeObject. */
interface KindTypes {
  Pod: Pod;
  Node: Node;
  ReplicaSet: ReplicaSet;
  Deployment: Deployment;
  Job: Job;
  StatefulSet: StatefulSet;
  DaemonSet: DaemonSet;
  CronJob: CronJob;
  Service: Service;
  Namespace: Namespace;
  PersistentVolumeClaim: PersistentVolumeClaim;
}

export type OfKind<K extends string> = K extends keyof KindTypes ? KindTypes[K] : KubeObject;

/** What the cluster holds now. Objects are frozen; order of lists is by creation. */
export interface ClusterView {
  get<K extends string>(kind: K, namespace: string | undefined, name: string): OfKind<K> | undefined;
  /** All namespaces when none is given. */
  list<K extends string>(kind: K, namespace?: string): OfKind<K>[];
  /** Objects of a kind whose managing controller has this uid. */
  controlledBy<K extends string>(kind: K, ownerUid: string): OfKind<K>[];
  /** Objects of a kind that no controller manages: what may be adopted. */
  unmanaged<K extends string>(kind: K, namespace: string | undefined): OfKind<K>[];
  podsOnNode(nodeName: string): Pod[];
}

export interface ObjectTarget {
  kind: string;
  namespace?: string;
  name: string;
  uid: string;
}

export interface EventDraft {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** `deployment-controller`, `kubelet`, `default-scheduler`, … */
  source: string;
  /** Node, for what the kubelet says. */
  host?: string;
  /** e.g. `spec.containers{web}`. */
  fieldPath?: string;
}

export type Write =
  /** `announce`: say SuccessfulCreate on the owner, with the name that the API server gave. */
  | { op: 'create'; object: KubeObject; announce?: { about: KubeObject; source: string } }
  /** Everything but status; refused when it is not made from the newest version. */
  | { op: 'update'; object: KubeObject }
  /** Only status, on the newest version: each status has one writer. */
  | { op: 'updateStatus'; object: KubeObject }
  | {
      op: 'delete';
      target: ObjectTarget;
      gracePeriodSeconds?: number;
      propagation?: 'Background' | 'Foreground' | 'Orphan';
    }
  /** From the newest version, so it cannot conflict. */
  | { op: 'removeFinalizer'; target: ObjectTarget; finalizer: string }
  /** Puts a pod on a node, with the condition and event of it. */
  | { op: 'bind'; pod: Pod; node: string }
  | { op: 'event'; about: KubeObject; event: EventDraft };

export interface Outcome {
  writes: Write[];
  /** Reconcile this key again then, even if nothing changes, ms since the epoch. */
  againAtMs?: number;
}

export const NOTHING: Outcome = { writes: [] };

export const targetOf = (object: KubeObject): ObjectTarget => ({
  kind: object.kind,
  ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
  name: object.metadata.name,
  uid: object.metadata.uid ?? '',
});
