/** Rules on Jobs and Deployments, the same for SkyFlow's kinds and their native faces. */
import {
  equalJson,
  invalidCause,
  type KubeObject,
  matchesLabels,
  requiredCause,
  type StatusCause,
  type WorkloadPlacement,
} from '@skyflow/contracts';
import {
  ANNOTATION_PLACEMENT,
  ANNOTATION_SCHEDULING,
  placementAnnotationProblem,
  schedulingAnnotation,
} from '@skyflow/domain';
import { SchemaSet, describeUnknownField, findUnknownFields, validate } from '@skyflow/apimachinery';
import { forbiddenField } from './causes.js';
import { placementCauses } from './placement-rules.js';
import { placementSchema } from './placement-schema.js';
import { type PodSpecInput, podCauses } from './pod-rules.js';
import { schedulingCauses } from './scheduling-rules.js';
import { schedulingSchema } from './scheduling-schemas.js';

interface Template {
  metadata?: { labels?: Record<string, string> };
  spec?: PodSpecInput;
}

export interface WorkloadSpecInput {
  replicas?: number;
  parallelism?: number;
  completions?: number;
  completionMode?: string;
  selector?: { matchLabels?: Record<string, string>; matchExpressions?: MatchExpression[] };
  template?: Template;
  placement?: WorkloadPlacement;
  [field: string]: unknown;
}

interface MatchExpression {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: string[];
}

export const specOf = (object: KubeObject): WorkloadSpecInput => (object.spec ?? {}) as WorkloadSpecInput;
const restartPolicyOf = (spec: WorkloadSpecInput): string => spec.template?.spec?.restartPolicy ?? 'Always';

const TEMPLATE = 'spec.template.spec';
/** Fields of batch/v1 that mean nothing to a job that runs for ever. */
const ENDING_FIELDS = [
  'completions',
  'completionMode',
  'backoffLimit',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
  'podFailurePolicy',
  'successPolicy',
  'ttlSecondsAfterFinished',
  'activeDeadlineSeconds',
] as const;

/** skyflow.io/v1 Job. */
export function jobCauses(object: KubeObject): StatusCause[] {
  const spec = specOf(object);
  const rules = { refuseZero: true, restartPolicies: ['Always', 'OnFailure', 'Never'] };
  const causes = [
    ...podCauses(spec.template?.spec ?? {}, TEMPLATE, rules),
    ...placementCauses(spec.placement),
    ...schedulingCauses(spec, spec.template?.spec),
    ...reservedAnnotationCauses(object),
    ...completionCauses(spec),
  ];
  if (restartPolicyOf(spec) !== 'Always') return causes;
  for (const field of ENDING_FIELDS) {
    if (spec[field] === undefined) continue;
    const why = `a job with restartPolicy Always never ends; set ${TEMPLATE}.restartPolicy to OnFailure or Never, or leave this out`;
    causes.push(forbiddenField(`spec.${field}`, why));
  }
  return causes;
}

/** batch/v1 Job. */
export function nativeJobCauses(object: KubeObject): StatusCause[] {
  const spec = specOf(object);
  const causes = [
    ...podCauses(spec.template?.spec ?? {}, TEMPLATE, { refuseZero: false, restartPolicies: ['OnFailure', 'Never'] }),
    ...annotationCauses(object),
    ...schedulingAnnotationCauses(object),
    ...completionCauses(spec),
  ];
  if (spec.parallelism === 0) {
    causes.push(invalidCause('spec.parallelism', 0, 'must be at least 1; use spec.suspend to pause a job'));
  }
  return causes;
}

/** skyflow.io/v1 Deployment (`native` false) and apps/v1 Deployment. */
export function deploymentCauses(object: KubeObject, native: boolean): StatusCause[] {
  const spec = specOf(object);
  return [
    ...podCauses(spec.template?.spec ?? {}, TEMPLATE, { refuseZero: !native, restartPolicies: ['Always'] }),
    ...selectorCauses(spec),
    ...(native
      ? [...annotationCauses(object), ...schedulingAnnotationCauses(object)]
      : [
          ...placementCauses(spec.placement),
          ...schedulingCauses(spec, spec.template?.spec),
          ...reservedAnnotationCauses(object),
        ]),
  ];
}

/** What may not change of a job that ends: as in batch/v1, its pods. */
export function jobUpdateCauses(object: KubeObject, old: KubeObject): StatusCause[] {
  const [next, before] = [specOf(object), specOf(old)];
  const [ends, ended] = [restartPolicyOf(next) !== 'Always', restartPolicyOf(before) !== 'Always'];
  if (ends !== ended) {
    const why = 'a job cannot change between running for ever and running to completion; delete it and create it anew';
    return [forbiddenField(`${TEMPLATE}.restartPolicy`, why)];
  }
  return ends ? immutable(next, before, ['template', 'completions', 'completionMode', 'selector']) : [];
}

export const deploymentUpdateCauses = (object: KubeObject, old: KubeObject): StatusCause[] =>
  immutable(specOf(object), specOf(old), ['selector']);

function immutable(next: WorkloadSpecInput, before: WorkloadSpecInput, fields: readonly string[]): StatusCause[] {
  return fields
    .filter((field) => !equalJson(next[field], before[field]))
    .map((field) =>
      invalidCause(`spec.${field}`, next[field], 'field is immutable; delete the object and create it anew'),
    );
}

function completionCauses({ completionMode, completions }: WorkloadSpecInput): StatusCause[] {
  if (completionMode !== 'Indexed' || completions !== undefined) return [];
  return [requiredCause('spec.completions', 'when completionMode is Indexed')];
}

function selectorCauses({ selector, template }: WorkloadSpecInput): StatusCause[] {
  const labels = selector?.matchLabels ?? {};
  const expressions = selector?.matchExpressions ?? [];
  if (Object.keys(labels).length + expressions.length === 0) {
    return [requiredCause('spec.selector', 'an empty selector would select everything; name a label of the template')];
  }
  const requirements = [
    ...Object.entries(labels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] })),
    ...expressions.map(({ key, operator, values = [] }) => ({ key, operator, values })),
  ];
  if (matchesLabels(requirements, template?.metadata?.labels ?? {})) return [];
  const rule = '`selector` does not match template `labels`';
  return [invalidCause('spec.template.metadata.labels', template?.metadata?.labels, rule)];
}

/** Native objects carry their placement in an annotation. */
function annotationCauses(object: KubeObject): StatusCause[] {
  const field = `metadata.annotations[${ANNOTATION_PLACEMENT}]`;
  const text = object.metadata.annotations?.[ANNOTATION_PLACEMENT];
  const problem = placementAnnotationProblem(object as unknown as Parameters<typeof placementAnnotationProblem>[0]);
  if (problem !== undefined) return [invalidCause(field, text, problem)];
  if (text === undefined) return [];
  const placement: unknown = JSON.parse(text);
  const unknown = findUnknownFields(placement, placementSchema, NO_REFERENCES);
  if (unknown.length > 0) return unknown.map((each) => invalidCause(field, text, describeUnknownField(each)));
  const shape = validate(placement, placementSchema, NO_REFERENCES);
  const causes = shape.length > 0 ? shape : placementCauses(placement as WorkloadPlacement, '');
  return causes.map((cause) => ({
    ...cause,
    field,
    message: `${(cause.field ?? '').replace(/^\./, '')}: ${cause.message}`,
  }));
}

const NO_REFERENCES = new SchemaSet({}, {});
function schedulingAnnotationCauses(object: KubeObject): StatusCause[] {
  const field = `metadata.annotations[${ANNOTATION_SCHEDULING}]`;
  const { terms, problem } = schedulingAnnotation(object as unknown as Parameters<typeof schedulingAnnotation>[0]);
  const text = object.metadata.annotations?.[ANNOTATION_SCHEDULING];
  if (problem !== undefined) return [invalidCause(field, text, problem)];
  if (terms === undefined) return [];
  const unknown = findUnknownFields(terms, schedulingSchema, NO_REFERENCES);
  if (unknown.length > 0) return unknown.map((each) => invalidCause(field, text, describeUnknownField(each)));
  const shape = validate(terms, schedulingSchema, NO_REFERENCES);
  const causes = shape.length > 0 ? shape : schedulingCauses(terms, specOf(object).template?.spec, '');
  return causes.map((cause) => ({
    ...cause,
    field,
    message: `${(cause.field ?? '').replace(/^\./, '')}: ${cause.message}`,
  }));
}

function reservedAnnotationCauses({ metadata }: KubeObject): StatusCause[] {
  const reserved = [
    [ANNOTATION_PLACEMENT, 'use spec.placement'],
    [ANNOTATION_SCHEDULING, 'use spec.queue, spec.gang, spec.waiting'],
  ] as const;
  return reserved
    .filter(([annotation]) => metadata.annotations?.[annotation] !== undefined)
    .map(([annotation, instead]) => {
      const why = `this annotation is for native objects; ${instead}`;
      return forbiddenField(`metadata.annotations[${annotation}]`, why);
    });
}
