/** The kinds that the gateway serves: SkyFlow's own, and native ones as other faces of the same objects. */
import type { Keyring } from '../secrets/keyring.js';
import { secretFace } from '../secrets/secret-face.js';
import { cloneJson, DEFAULT_QUEUE, equalJson, type KubeObject } from '@skyflow/contracts';
import { completeDefaults } from '@skyflow/kube-schema';
import type { ResourceDefinition, SchemaSet } from '@skyflow/apimachinery';
import { serviceExport, serviceImport } from '../mesh/mcs-definitions.js';
import { type Face, deploymentFace, jobFace, namespaceFace, serviceFace } from '../store/face.js';
import { accessDefinitions, accessFaces } from './access-definitions.js';
import { clusterStrategy } from './cluster-rules.js';
import {
  clusterColumns,
  configMapColumns,
  namespaceColumns,
  nativeDeploymentColumns,
  nativeJobColumns,
  policyColumns,
  secretColumns,
  workloadColumns,
} from './columns.js';
import { quotaDefinition } from './quota-definition.js';
import { priorityClassColumns, queueColumns } from './queue-columns.js';
import { priorityClassStrategy, queueStrategy } from './scheduling-rules.js';
import { secretStrategy } from './secret-rules.js';
import { policyStrategy } from './policy-rules.js';
import { nativeServiceStrategy } from './native-service-rules.js';
import { nativeServiceColumns, serviceColumns } from './service-columns.js';
import { serviceStrategy } from './service-rules.js';
import { SCHEMA_NAMES } from './skyflow-schemas.js';
import {
  deploymentCauses,
  deploymentUpdateCauses,
  jobCauses,
  jobUpdateCauses,
  nativeJobCauses,
  specOf,
} from './workload-rules.js';

type Builder = (schemas: SchemaSet) => ResourceDefinition;

const SKYFLOW = { group: 'skyflow.io', version: 'v1' } as const;
const DNS_LABEL = { nameRule: 'dns1123-label' } as const;

/** Paths of the scale subresource; SkyFlow's status counts what is placed under the name that Kubernetes uses too. */
const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.placed' };

const phaseField = (object: KubeObject): string => (object.status as { phase?: string } | undefined)?.phase ?? '';

const queueField = (object: KubeObject): string =>
  (object.spec as { queue?: string } | undefined)?.queue ?? DEFAULT_QUEUE;

function named(schemas: SchemaSet, schemaName: string): Pick<ResourceDefinition, 'schema' | 'schemaName'> {
  const schema = schemas.get(schemaName);
  if (schema === undefined) throw new Error(`no schema ${schemaName}`);
  return { schema, schemaName };
}

const job: Builder = (schemas) => ({
  ...SKYFLOW,
  ...DNS_LABEL,
  ...named(schemas, SCHEMA_NAMES.Job),
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  namespaced: true,
  hasStatus: true,
  scale,
  selectableFields: { 'status.phase': phaseField, 'spec.queue': queueField },
  columns: workloadColumns,
  strategy: {
    prepareForCreate: sayRestartPolicy,
    prepareForUpdate: sayRestartPolicy,
    validate: jobCauses,
    validateUpdate: jobUpdateCauses,
  },
});

const deployment: Builder = (schemas) => ({
  ...SKYFLOW,
  ...DNS_LABEL,
  ...named(schemas, SCHEMA_NAMES.Deployment),
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  namespaced: true,
  hasStatus: true,
  scale,
  selectableFields: { 'status.phase': phaseField, 'spec.queue': queueField },
  columns: workloadColumns,
  strategy: {
    validate: (object) => deploymentCauses(object, false),
    validateUpdate: deploymentUpdateCauses,
  },
});

const cluster: Builder = (schemas) => ({
  ...SKYFLOW,
  ...DNS_LABEL,
  ...named(schemas, SCHEMA_NAMES.Cluster),
  kind: 'Cluster',
  plural: 'clusters',
  singular: 'cluster',
  shortNames: ['cl'],
  namespaced: false,
  hasStatus: true,
  selectableFields: { 'status.phase': phaseField },
  columns: clusterColumns,
  strategy: clusterStrategy,
});

const placementPolicy: Builder = (schemas) => ({
  ...SKYFLOW,
  ...DNS_LABEL,
  ...named(schemas, SCHEMA_NAMES.PlacementPolicy),
  kind: 'PlacementPolicy',
  plural: 'placementpolicies',
  singular: 'placementpolicy',
  // The seed system's kind had another name.
  shortNames: ['pp', 'policy', 'policies', 'filterpolicy', 'filterpolicies'],
  namespaced: true,
  tracksGeneration: false,
  columns: policyColumns,
  strategy: policyStrategy,
});

const service: Builder = (schemas) => ({
  ...SKYFLOW,
  ...DNS_LABEL,
  ...named(schemas, SCHEMA_NAMES.Service),
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  namespaced: true,
  hasStatus: true,
  selectableFields: { 'status.phase': phaseField },
  columns: serviceColumns,
  strategy: serviceStrategy,
});

/** Not all of them at once: one of them cannot go. As in Kubernetes. */
const NAMESPACE_VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

const namespace: Builder = (schemas) => ({
  ...SKYFLOW,
  ...DNS_LABEL,
  ...named(schemas, SCHEMA_NAMES.Namespace),
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  verbs: NAMESPACE_VERBS,
  namespaced: false,
  hasStatus: true,
  tracksGeneration: false,
  columns: namespaceColumns,
});

const queue: Builder = (schemas) => ({
  ...SKYFLOW,
  ...DNS_LABEL,
  ...named(schemas, SCHEMA_NAMES.Queue),
  kind: 'Queue',
  plural: 'queues',
  singular: 'queue',
  shortNames: ['q'],
  namespaced: false,
  hasStatus: true,
  tracksGeneration: false,
  columns: queueColumns,
  strategy: queueStrategy,
});

const priorityClass: Builder = (schemas) => ({
  ...named(schemas, 'io.k8s.api.scheduling.v1.PriorityClass'),
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  tracksGeneration: false,
  columns: priorityClassColumns,
  strategy: priorityClassStrategy,
});

const nativeNamespace: Builder = (schemas) => ({
  ...DNS_LABEL,
  ...named(schemas, 'io.k8s.api.core.v1.Namespace'),
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  verbs: NAMESPACE_VERBS,
  shortNames: ['ns'],
  namespaced: false,
  hasStatus: true,
  tracksGeneration: false,
  columns: namespaceColumns,
});

const configMap: Builder = (schemas) => ({
  ...named(schemas, 'io.k8s.api.core.v1.ConfigMap'),
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  tracksGeneration: false,
  columns: configMapColumns,
});

const secret: Builder = (schemas) => ({
  ...named(schemas, 'io.k8s.api.core.v1.Secret'),
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  tracksGeneration: false,
  selectableFields: { type: (object) => (object as { type?: string }).type ?? 'Opaque' },
  columns: secretColumns,
  strategy: secretStrategy,
});

const nativeDeployment: Builder = (schemas) => ({
  ...DNS_LABEL,
  ...named(schemas, 'io.k8s.api.apps.v1.Deployment'),
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  hasStatus: true,
  strategicMerge: true,
  scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  columns: nativeDeploymentColumns,
  strategy: {
    prepareForCreate: (object) => completeDefaults(object),
    prepareForUpdate: keepComplete,
    validate: (object) => deploymentCauses(object, true),
    validateUpdate: deploymentUpdateCauses,
  },
});

const nativeService: Builder = (schemas) => ({
  ...DNS_LABEL,
  ...named(schemas, 'io.k8s.api.core.v1.Service'),
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  hasStatus: true,
  strategicMerge: true,
  columns: nativeServiceColumns,
  strategy: nativeServiceStrategy,
});

const nativeJob: Builder = (schemas) => ({
  ...DNS_LABEL,
  ...named(schemas, 'io.k8s.api.batch.v1.Job'),
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  hasStatus: true,
  strategicMerge: true,
  columns: nativeJobColumns,
  strategy: {
    prepareForCreate: (object) => completeDefaults(object),
    prepareForUpdate: keepComplete,
    validate: nativeJobCauses,
    validateUpdate: jobUpdateCauses,
  },
});

/** Native ones first: a name that both have (`kubectl get jobs`) means what it means on any cluster. */
const BUILDERS = [
  nativeNamespace,
  configMap,
  secret,
  quotaDefinition,
  nativeDeployment,
  nativeService,
  nativeJob,
  priorityClass,
  cluster,
  job,
  deployment,
  placementPolicy,
  service,
  namespace,
  queue,
  serviceExport,
  serviceImport,
];

/** All definitions, in the order of discovery. @param all every definition that is served, those of mirrors too. */
export const gatewayDefinitions = (
  schemas: SchemaSet,
  all: () => readonly ResourceDefinition[],
): readonly ResourceDefinition[] => [...BUILDERS.map((build) => build(schemas)), ...accessDefinitions(schemas, all)];

/** How the native ones are stored. @param keyring seals the values of Secrets; absent: there can be none. */
export const gatewayFaces = (keyring?: Keyring): ReadonlyMap<string, Face> =>
  new Map([
    ['apps/Deployment', deploymentFace],
    ['batch/Job', jobFace],
    ['/Namespace', namespaceFace],
    ['/Service', serviceFace],
    ['/Secret', secretFace(keyring)],
    ...accessFaces,
  ]);

/**
 * An apply takes away what its manager does not say any more; what is a default then comes back, as in Kubernetes, so that nothing changes.
 * Not of an object that was made without defaults, as SkyFlow's own kinds are: its pods would be replaced for nothing.
 */
function keepComplete(object: KubeObject, old: KubeObject): void {
  const completed = cloneJson(old);
  completeDefaults(completed);
  if (equalJson(completed, old)) completeDefaults(object);
}

/** A job that says nothing of it runs for ever; the stored object says so. */
function sayRestartPolicy(object: KubeObject): void {
  const pod = specOf(object).template?.spec;
  if (pod !== undefined) pod.restartPolicy ??= 'Always';
}
