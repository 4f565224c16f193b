/**
 * Whose an object of a member cluster is. What SkyFlow made has its label; what brought its agent in (deploy/agent, `skyctl cluster
 * join`, the chart) has the agent's name; nothing else is SkyFlow's. What has an owner goes with that.
 */
import { FIELD_MANAGER, LABEL_MANAGED_BY, MANAGED_BY } from '@skyflow/contracts';
import { SLICE_MANAGER } from '../mesh/native-service.js';
import { FINALIZER_REPORT } from '../native/native-names.js';
import type { FoundObject } from './found-object.js';

export type Whose =
  /** Made by the agent. */
  | 'skyflow'
  /** Of the installation of the agent itself. */
  | 'agent'
  /** Has marks of SkyFlow and not its label: somebody took it over. */
  | 'marked'
  /** Follows its owner, or mirrors another object. */
  | 'dependent'
  | 'foreign';

const AGENT_NAME = 'skyflow-agent';
const LABEL_NAME = 'app.kubernetes.io/name';
const LABEL_SLICE_MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

/** What manifests without that label made: `<kind>`, then names. */
const AGENT_OBJECTS: Readonly<Record<string, readonly string[]>> = {
  ServiceAccount: [AGENT_NAME],
  Deployment: [AGENT_NAME],
  Role: [`${AGENT_NAME}-credentials`],
  RoleBinding: [`${AGENT_NAME}-credentials`],
  Secret: [`${AGENT_NAME}-join`, `${AGENT_NAME}-credentials`],
  ClusterRole: [AGENT_NAME, `${AGENT_NAME}-sees`, `${AGENT_NAME}-sees-kubernetes`, `${AGENT_NAME}-streams`],
  ClusterRoleBinding: [AGENT_NAME, `${AGENT_NAME}-sees`, `${AGENT_NAME}-streams`],
};

/** Kinds that only mirror other objects, or are about them: they come and go with those, and carry their labels. */
const MIRRORS = new Set(['Event', 'Endpoints', 'ControllerRevision', 'PodMetrics', 'NodeMetrics', 'Lease']);
/** What Kubernetes puts into every namespace. */
const EVERYWHERE = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);

export function whose(found: FoundObject): Whose {
  const { kind, metadata } = found;
  if (MIRRORS.has(kind.kind) || EVERYWHERE.has(`${kind.kind} ${metadata.name}`)) return 'dependent';
  const isOwned = (metadata.ownerReferences ?? []).length > 0;
  if (kind.kind === 'EndpointSlice') {
    // The built-in controller copies the labels of a Service to its own slices.
    if (metadata.labels?.[LABEL_SLICE_MANAGED_BY] !== SLICE_MANAGER) return isOwned ? 'dependent' : 'foreign';
    return metadata.labels[LABEL_MANAGED_BY] === MANAGED_BY ? 'skyflow' : 'foreign';
  }
  if (isOwned) return 'dependent';
  if (metadata.labels?.[LABEL_MANAGED_BY] === MANAGED_BY) return 'skyflow';
  if (isOfAgent(found)) return 'agent';
  return isMarked(found) ? 'marked' : 'foreign';
}

function isOfAgent({ kind, metadata: { name, labels } }: FoundObject): boolean {
  return labels?.[LABEL_NAME] === AGENT_NAME || AGENT_OBJECTS[kind.kind]?.includes(name) === true;
}

const isMarked = ({ metadata: { finalizers, managedFields } }: FoundObject): boolean =>
  finalizers?.includes(FINALIZER_REPORT) === true ||
  managedFields?.some(({ manager }) => manager === FIELD_MANAGER) === true;
