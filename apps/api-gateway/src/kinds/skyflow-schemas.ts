/** Structural schemas of SkyFlow's kinds, with the native pod template inside, so that an unknown field anywhere is refused by path. */
import { MCS_GROUP, MCS_VERSION, type Schema } from '@skyflow/contracts';
import { describedNativeSchemas } from '@skyflow/kube-schema';
import { SchemaSet } from '@skyflow/apimachinery';
import {
  bindingNamespacesSchema,
  roleRefSchema,
  roleRulesSchema,
  subjectsSchema,
  tokenSpecSchema,
  userSpecSchema,
} from './access-schemas.js';
import { clusterPlaceSchemas, placementSchema, policySpecSchema } from './placement-schema.js';
import { endpointsStatusSchema, linkSpecSchema, linkStatusSchema } from '../mesh/mesh-schemas.js';
import {
  serviceExportSpecSchema,
  serviceExportStatusSchema,
  serviceImportSpecSchema,
  serviceImportStatusSchema,
} from '../mesh/mcs-schemas.js';
import { serviceSpecSchema, serviceStatusSchema } from './service-schema.js';
import { pricesSchema, queueSpec, queueStatus, schedulingFields, workloadQueueSchema } from './scheduling-schemas.js';
import { schemaClosure, withoutDefaults } from './schema-closure.js';
import { provisionSchema, provisioningStatusSchema } from './provision-schema.js';

export const SCHEMA_NAMES = {
  Job: 'io.skyflow.v1.Job',
  Deployment: 'io.skyflow.v1.Deployment',
  Cluster: 'io.skyflow.v1.Cluster',
  PlacementPolicy: 'io.skyflow.v1.PlacementPolicy',
  Namespace: 'io.skyflow.v1.Namespace',
  User: 'io.skyflow.v1.User',
  Token: 'io.skyflow.v1.Token',
  Role: 'io.skyflow.v1.Role',
  RoleBinding: 'io.skyflow.v1.RoleBinding',
  Service: 'io.skyflow.v1.Service',
  Link: 'io.skyflow.v1.Link',
  Endpoints: 'io.skyflow.v1.Endpoints',
  Queue: 'io.skyflow.v1.Queue',
  ServiceExport: 'io.x-k8s.multicluster.v1beta1.ServiceExport',
  ServiceImport: 'io.x-k8s.multicluster.v1beta1.ServiceImport',
} as const;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const JOB_SPEC = 'io.k8s.api.batch.v1.JobSpec';
const DEPLOYMENT_SPEC = 'io.k8s.api.apps.v1.DeploymentSpec';

/** Native schemas that are served or used inside SkyFlow's. */
const ROOTS = [
  META,
  JOB_SPEC,
  DEPLOYMENT_SPEC,
  'io.k8s.api.batch.v1.Job',
  'io.k8s.api.apps.v1.Deployment',
  'io.k8s.api.apps.v1.ReplicaSet',
  'io.k8s.api.core.v1.ConfigMap',
  'io.k8s.api.core.v1.Secret',
  'io.k8s.api.core.v1.ResourceQuota',
  'io.k8s.api.coordination.v1.Lease',
  'io.k8s.api.core.v1.Service',
  'io.k8s.api.core.v1.Namespace',
  'io.k8s.api.core.v1.Pod',
  'io.k8s.api.core.v1.Node',
  'io.k8s.api.scheduling.v1.PriorityClass',
  'io.k8s.api.core.v1.Event',
  'io.k8s.api.events.v1.Event',
];

const text = (description: string): Schema => ({ type: 'string', description });
const count = (description: string): Schema => ({ type: 'integer', format: 'int32', minimum: 0, description });
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items });
const amounts = (description: string): Schema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'number' },
});

const conditions = list('What is true of it, each with since when (KEP-1623).', {
  type: 'object',
  properties: {
    type: text('What it is about.'),
    status: text('True, False or Unknown.'),
    reason: text('Why, in one word.'),
    message: text('Why, for people.'),
    lastTransitionTime: text('Since when.'),
  },
});

const counts: Record<string, Schema> = {
  ready: count('Pods that are ready.'),
  running: count('Pods that run.'),
  succeeded: count('Pods that have ended well.'),
  failed: count('Pods that have failed.'),
};

const phase = (description: string): Schema => text(description);

const workloadStatus: Schema = {
  type: 'object',
  description: 'What was decided and what the clusters said; made from the log, never written by clients.',
  properties: {
    phase: phase('PENDING, RUNNING, COMPLETED, FAILED, UNKNOWN (a cluster cannot be seen) or DELETING.'),
    reason: text('Why, in one word.'),
    message: text('Why, for people.'),
    observedGeneration: { type: 'integer', description: 'The generation that scheduler and clusters have taken up.' },
    queue: workloadQueueSchema,
    placed: count('Replicas that clusters were given.'),
    replicas: count('Replicas asked for.'),
    ...counts,
    clusters: list('The share of each cluster.', {
      type: 'object',
      properties: {
        cluster: text('Name of the cluster.'),
        phase: phase('As above, of this share.'),
        replicas: count('Replicas that this cluster was given.'),
        ...counts,
        outdated: count('Replicas of an older pod template that are still there.'),
        reason: text('Why, in one word.'),
        message: text('Why, for people.'),
        observedAt: text('When the agent last reported it.'),
      },
    }),
    rollout: {
      type: 'object',
      description: 'A change of the pod template that goes over the clusters step by step.',
      properties: {
        state: text('Progressing, Stopped or RolledBack.'),
        from: { type: 'integer', description: 'Generation that the clusters have which are not named.' },
        to: { type: 'integer', description: 'The new generation.' },
        message: text('How far it is, for people.'),
        clusters: list('Clusters that have been given the new generation.', {
          type: 'object',
          properties: { cluster: text('Name of the cluster.'), state: text('Updating, Ready or Failed.') },
        }),
      },
    },
    conditions,
  },
};

const clusterStatus: Schema = {
  type: 'object',
  description: 'What is known of the cluster; made from the log and from heartbeats.',
  properties: {
    phase: phase(
      'INIT, READY, UNREACHABLE, SUSPECT, LOST or DELETING; PROVISIONING, STOPPING, STOPPED or FAILED while it is not there.',
    ),
    provisioning: provisioningStatusSchema,
    reason: text('Why, in one word.'),
    message: text('Why, for people.'),
    kubernetesVersion: text('Version of its API.'),
    allocatable: amounts('Sum over usable nodes; cpu in millicores, memory in bytes, others as counts.'),
    free: amounts('Allocatable less what all pods there ask for.'),
    nodes: list('Its nodes.', {
      type: 'object',
      properties: {
        name: text('Name of the node.'),
        ready: { type: 'boolean' },
        unschedulable: { type: 'boolean' },
        allocatable: amounts('What pods may ask for.'),
        free: amounts('What all pods leave of it; while usageTime is absent, pods other than SkyFlow’s.'),
        zone: text('Its zone.'),
        taints: list('What keeps pods away.', {
          type: 'object',
          properties: { key: text('Key.'), value: text('Value.'), effect: text('Effect.') },
        }),
      },
    }),
    largestPods: list('What a single pod can still get, by each resource.', {
      type: 'object',
      properties: { node: text('The node that has it.'), free: amounts('What is free there.') },
    }),
    usageTime: text('When the agent counted what SkyFlow’s own pods take of each node.'),
    lastHeartbeatTime: text('When its agent was last heard.'),
    drain: {
      type: 'object',
      description: 'How far the drain is; only while spec.drain is set.',
      properties: {
        phase: phase('Draining, or Drained when nothing unfinished is left.'),
        workloads: count('Workloads that are still there.'),
        replicas: count('Their replicas.'),
      },
    },
    conditions,
  },
};

function kind(name: keyof typeof SCHEMA_NAMES, description: string, spec: Schema, status: Schema): Schema {
  return kindOf(name, description, { spec, status });
}

/** @param fields besides apiVersion, kind and metadata. */
function kindOf(name: keyof typeof SCHEMA_NAMES, description: string, fields: Record<string, Schema>): Schema {
  const isOurs = SCHEMA_NAMES[name].startsWith('io.skyflow.');
  const [group, version] = isOurs ? ['skyflow.io', 'v1'] : [MCS_GROUP, MCS_VERSION];
  return {
    type: 'object',
    description,
    properties: {
      apiVersion: text(`${group}/${version}`),
      kind: text(name),
      metadata: SchemaSet.ref(META),
      ...fields,
      ...(fields['status'] === undefined ? {} : { status: opened(fields['status']) }),
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: name }],
  };
}

/**
 * A status is the server's: clients send it back with what they change, and nothing that a newer server says in it may make their
 * writes fail.
 */
function opened(schema: Schema): Schema {
  const { properties, items } = schema;
  return {
    ...schema,
    ...(items === undefined ? {} : { items: opened(items) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, opened(each)])),
          'x-kubernetes-preserve-unknown-fields': true,
        }),
  };
}

function jobSpec(native: Schema): Schema {
  const { parallelism: _parallelism, ...fields } = native.properties ?? {};
  return {
    type: 'object',
    description: 'What is to run. batch/v1 JobSpec with replicas instead of parallelism, and placement.',
    required: ['template'],
    properties: {
      ...fields,
      replicas: {
        type: 'integer',
        format: 'int32',
        minimum: 1,
        default: 1,
        description: 'Pods at a time, over all clusters.',
      },
      placement: placementSchema,
      ...schedulingFields,
    },
  };
}

const deploymentSpec = (native: Schema): Schema => ({
  ...native,
  description: 'What is to run. apps/v1 DeploymentSpec and placement.',
  properties: {
    ...native.properties,
    replicas: { type: 'integer', format: 'int32', minimum: 0, default: 1, description: 'Pods, over all clusters.' },
    placement: placementSchema,
    ...schedulingFields,
  },
});

const clusterSpec: Schema = {
  type: 'object',
  description: 'How the cluster is reached.',
  properties: {
    manager: {
      type: 'string',
      default: 'k8',
      description: 'Kind of cluster manager: k8 (k8s and kubernetes are the same).',
    },
    context: text('kubeconfig context that the agent uses.'),
    ...clusterPlaceSchemas,
    prices: pricesSchema,
    provision: provisionSchema,
    kubeconfig: text('Path of the kubeconfig on the agent’s machine. Absent: its own.'),
    unschedulable: {
      type: 'boolean',
      description: 'Cordoned: it gets no new replicas; those that are there stay.',
    },
    drain: {
      type: 'object',
      description: 'Everything must leave; needs unschedulable.',
      properties: {
        graceSeconds: count(
          'How long what leaves may wait for its replacement, and jobs that run to completion for their end. Default 600.',
        ),
      },
    },
  },
};

const namespaceStatus: Schema = {
  type: 'object',
  properties: { phase: text('Active, or Terminating while what is in it goes.') },
};

const namespaceSpec: Schema = { type: 'object', description: 'Nothing yet.', properties: {} };

/** All schemas that the gateway's definitions refer to. */
export function gatewaySchemas(): SchemaSet {
  const native = withoutDefaults(schemaClosure(describedNativeSchemas(), ROOTS));
  const job = native[JOB_SPEC] ?? {};
  const deployment = native[DEPLOYMENT_SPEC] ?? {};
  return new SchemaSet(native, {
    [SCHEMA_NAMES.Job]: kind('Job', 'Replicas of a pod, spread over clusters.', jobSpec(job), workloadStatus),
    [SCHEMA_NAMES.Deployment]: kind(
      'Deployment',
      'An apps/v1 Deployment, its replicas spread over clusters.',
      deploymentSpec(deployment),
      workloadStatus,
    ),
    [SCHEMA_NAMES.Cluster]: kind('Cluster', 'A member cluster.', clusterSpec, clusterStatus),
    [SCHEMA_NAMES.PlacementPolicy]: kindOf('PlacementPolicy', 'Where workloads may go.', { spec: policySpecSchema }),
    [SCHEMA_NAMES.Service]: kind(
      'Service',
      'A native Service on one cluster, balanced over pods of all of them.',
      serviceSpecSchema,
      serviceStatusSchema(conditions),
    ),
    [SCHEMA_NAMES.Link]: kindOf(
      'Link',
      'The way from a cluster with services to one with pods of theirs: what is asked of it, and what was proved.',
      {
        spec: linkSpecSchema,
        status: linkStatusSchema,
      },
    ),
    [SCHEMA_NAMES.Endpoints]: kindOf('Endpoints', 'The pods behind a service on all clusters; derived.', {
      status: endpointsStatusSchema,
    }),
    [SCHEMA_NAMES.ServiceExport]: kindOf('ServiceExport', 'Services of this name, for all clusters (KEP-1645).', {
      spec: serviceExportSpecSchema,
      status: serviceExportStatusSchema(conditions),
    }),
    [SCHEMA_NAMES.ServiceImport]: kindOf(
      'ServiceImport',
      'A service that clusters export, for all of them (KEP-1645).',
      {
        spec: serviceImportSpecSchema,
        status: serviceImportStatusSchema(conditions),
      },
    ),
    [SCHEMA_NAMES.Queue]: kind(
      'Queue',
      'Where workloads wait, and what they may use together.',
      queueSpec,
      queueStatus,
    ),
    [SCHEMA_NAMES.Namespace]: kind('Namespace', 'A place for names.', namespaceSpec, namespaceStatus),
    [SCHEMA_NAMES.User]: kindOf('User', 'A person or a machine.', { spec: userSpecSchema }),
    [SCHEMA_NAMES.Token]: kindOf('Token', 'Something that lets its bearer in.', { spec: tokenSpecSchema }),
    [SCHEMA_NAMES.Role]: kindOf('Role', 'What may be done, by rules.', { rules: roleRulesSchema }),
    [SCHEMA_NAMES.RoleBinding]: kindOf('RoleBinding', 'A role, given to users and groups.', {
      roleRef: roleRefSchema,
      subjects: subjectsSchema,
      namespaces: bindingNamespacesSchema,
    }),
  });
}
