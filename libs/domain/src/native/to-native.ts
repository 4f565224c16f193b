/**
 * One cluster's share of a workload as native Kubernetes objects.
 *
 * A Job that restarts for ever and a Deployment become an apps/v1 Deployment, a Job that ends becomes a batch/v1 Job, of the same
 * name in the same namespace. Nothing of the pod template, the labels and the annotations is lost; only our own marks are
 * added. The same share always gives the same objects.
 */
import {
  ANNOTATION_DECISION,
  ANNOTATION_EPOCH,
  ANNOTATION_GENERATION,
  ANNOTATION_SPEC_HASH,
  API_VERSION,
  GROUP,
  LABEL_MANAGED_BY,
  LABEL_WORKLOAD_KIND,
  LABEL_WORKLOAD_NAME,
  LABEL_WORKLOAD_UID,
  MANAGED_BY,
  SCHEDULER_FIELDS,
  SYSTEM_PRIORITIES,
  type DeploymentSpec,
  type JobSpec,
  type PodTemplate,
  type StoredObject,
} from '@skyflow/contracts';
import type { NativeKind } from '../objects/object-record.js';
import { nativeKindOf } from '../objects/workload-facts.js';
import type { DesiredWork } from '../work/desired.js';
import { fingerprint } from './fingerprint.js';
import type { NativeObject } from './native-object.js';
import {
  ANNOTATION_IDENTITY_HASH,
  ANNOTATION_OBJECT_UID,
  FINALIZER_REPORT,
  passedAnnotations,
} from './native-names.js';

/** All native objects of a share in the order in which they must be there: dependencies, then the workload. */
export const toNative = (share: DesiredWork): NativeObject[] => [
  ...share.dependencies.map((dependency) => nativeDependency(dependency, share)),
  nativeWorkload(share),
];

/** @param isReported whether the log has how it ended: nothing holds it on its cluster then. */
export function nativeWorkload(share: DesiredWork, isReported = false): NativeObject {
  const { object } = share;
  const kind = nativeKindOf(object) ?? 'Deployment';
  const spec = kind === 'Job' ? batchJobSpec(share) : deploymentSpec(share);
  const labels = { ...object.metadata.labels, ...ownLabels(share) };
  const annotations = passedAnnotations(object.metadata.annotations);
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: {
      ...place(object),
      ...(goesByItself(spec) && !isReported ? { finalizers: [FINALIZER_REPORT] } : {}),
      labels,
      annotations: {
        ...annotations,
        [ANNOTATION_DECISION]: String(share.decision),
        [ANNOTATION_EPOCH]: String(share.epoch),
        [ANNOTATION_GENERATION]: String(share.generation),
        [ANNOTATION_SPEC_HASH]: fingerprint({ labels, annotations, spec }),
        [ANNOTATION_IDENTITY_HASH]: fingerprint(immutablePart(kind, spec)),
      },
    },
    spec,
  };
}

/** A ConfigMap, Secret or the like that the share's pods refer to. `share` says which decision brought it. */
export function nativeDependency(object: StoredObject, share: Pick<DesiredWork, 'decision' | 'epoch'>): NativeObject {
  if (object.kind === 'PriorityClass') return nativePriorityClass(object);
  const { apiVersion, kind, metadata, status: _status, ...content } = object;
  const labels = { ...metadata.labels, [LABEL_MANAGED_BY]: MANAGED_BY };
  const annotations = passedAnnotations(metadata.annotations);
  return {
    ...content,
    // SkyFlow serves the kinds of core/v1 under its own group as well.
    apiVersion: apiVersion === API_VERSION || apiVersion.startsWith(`${GROUP}/`) ? 'v1' : apiVersion,
    kind,
    metadata: {
      ...place(object),
      labels,
      annotations: {
        ...annotations,
        [ANNOTATION_OBJECT_UID]: metadata.uid,
        [ANNOTATION_DECISION]: String(share.decision),
        [ANNOTATION_EPOCH]: String(share.epoch),
        [ANNOTATION_GENERATION]: String(metadata.generation ?? 1),
        [ANNOTATION_SPEC_HASH]: fingerprint({ labels, annotations, content }),
      },
    },
  };
}

const goesByItself = (spec: Record<string, unknown>): boolean => typeof spec.ttlSecondsAfterFinished === 'number';

function deploymentSpec(share: DesiredWork): Record<string, unknown> {
  const { object, replicas } = share;
  if (object.kind === 'Deployment') {
    const { template, ...fields } = object.spec as DeploymentSpec;
    return { ...forCluster(fields), replicas, template: marked(template, share) };
  }
  const { template, suspend } = object.spec as JobSpec;
  return {
    // A Deployment cannot be suspended; without replicas it rests just as well.
    replicas: suspend === true ? 0 : replicas,
    selector: { matchLabels: { [LABEL_WORKLOAD_UID]: object.metadata.uid } },
    template: marked(template, share),
  };
}

function batchJobSpec(share: DesiredWork): Record<string, unknown> {
  const { replicas: _replicas, template, ...fields } = share.object.spec as JobSpec;
  return {
    ...forCluster(fields),
    parallelism: share.replicas,
    completions: share.completions ?? share.replicas,
    template: marked(template, share),
  };
}

/** What is for SkyFlow's scheduler stays here. */
const forCluster = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => !isForScheduler(field)));

const isForScheduler = (field: string): boolean => (SCHEDULER_FIELDS as readonly string[]).includes(field);

/** The pod template with our labels, by which its pods are found. Nothing that changes from decision to decision: that would restart pods. */
const marked = (template: PodTemplate, share: DesiredWork): PodTemplate => ({
  ...template,
  spec: withCarriedClass(template.spec, share),
  metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...ownLabels(share) } },
});

/** Kubernetes' own priority classes are everywhere, others where they came with the share; pods that name any other would be refused. */
function withCarriedClass(spec: PodTemplate['spec'], { dependencies }: DesiredWork): PodTemplate['spec'] {
  const { priorityClassName: name, ...rest } = spec;
  if (name === undefined || (typeof name === 'string' && SYSTEM_PRIORITIES[name] !== undefined)) return spec;
  const isCarried = dependencies.some(({ kind, metadata }) => kind === 'PriorityClass' && metadata.name === name);
  return isCarried ? spec : { ...rest };
}

/**
 * Of the whole cluster and shared by many: no mark of a decision, which would be written anew with each workload. It is never the default
 * of a cluster, whose other pods would get it too. Its value cannot be changed, so another one is another object.
 */
function nativePriorityClass(object: StoredObject): NativeObject {
  const {
    apiVersion,
    kind,
    metadata,
    status: _status,
    globalDefault: _default,
    ...content
  } = object as StoredObject & {
    globalDefault?: boolean;
  };
  const labels = { ...metadata.labels, [LABEL_MANAGED_BY]: MANAGED_BY };
  const annotations = passedAnnotations(metadata.annotations);
  const { value, preemptionPolicy } = content as { value?: number; preemptionPolicy?: string };
  return {
    ...content,
    apiVersion,
    kind,
    metadata: {
      name: metadata.name,
      labels,
      annotations: {
        ...annotations,
        [ANNOTATION_SPEC_HASH]: fingerprint({ labels, annotations, content }),
        [ANNOTATION_IDENTITY_HASH]: fingerprint({ value, preemptionPolicy }),
      },
    },
  };
}

const ownLabels = ({ object }: DesiredWork): Record<string, string> => ({
  [LABEL_MANAGED_BY]: MANAGED_BY,
  [LABEL_WORKLOAD_UID]: object.metadata.uid,
  [LABEL_WORKLOAD_NAME]: object.metadata.name,
  [LABEL_WORKLOAD_KIND]: object.kind,
});

const place = ({ metadata }: StoredObject): { name: string; namespace?: string } => ({
  name: metadata.name,
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
});

/** Fields that the API refuses to change (pkg/apis/{apps,batch}/validation of Kubernetes). */
const IMMUTABLE: Record<NativeKind, readonly string[]> = {
  Deployment: ['selector'],
  Job: [
    'completionMode',
    'completions',
    'backoffLimitPerIndex',
    'managedBy',
    'manualSelector',
    'podFailurePolicy',
    'selector',
    'successPolicy',
    'template',
  ],
};

const immutablePart = (kind: NativeKind, spec: Record<string, unknown>): unknown =>
  Object.fromEntries(IMMUTABLE[kind].map((field) => [field, spec[field]]));
