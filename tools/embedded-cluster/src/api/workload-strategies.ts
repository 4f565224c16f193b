/** The API server's own rules for deployments, replica sets and jobs. */
import type { KubeObject, ResourceStrategy, StatusCause } from '@skyflow/apimachinery';
import { matchesSelector } from '../model/label-match.js';
import { sameJson } from '../model/object-facts.js';
import type { Deployment, Job, LabelSelector, ReplicaSet } from '../model/workloads.js';

const show = (value: unknown): string => JSON.stringify(value);

function selectorCauses(object: KubeObject): StatusCause[] {
  const { selector, template } = (object as Deployment | ReplicaSet).spec;
  const empty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  if (empty) {
    return [
      {
        reason: 'FieldValueInvalid',
        field: 'spec.selector',
        message: `Invalid value: ${show(selector)}: empty selector is invalid for deployment`,
      },
    ];
  }
  if (!matchesSelector(selector, template.metadata?.labels)) {
    return [
      {
        reason: 'FieldValueInvalid',
        field: 'spec.template.metadata.labels',
        message: `Invalid value: ${show(template.metadata?.labels ?? {})}: \`selector\` does not match template \`labels\``,
      },
    ];
  }
  return [];
}

const restartCauses = (object: KubeObject): StatusCause[] => {
  const policy = (object as Deployment).spec.template.spec.restartPolicy ?? 'Always';
  return policy === 'Always'
    ? []
    : [
        {
          reason: 'FieldValueNotSupported',
          field: 'spec.template.spec.restartPolicy',
          message: `Unsupported value: ${show(policy)}: supported values: "Always"`,
        },
      ];
};

const immutable = (field: string, value: unknown): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${show(value)}: field is immutable`,
});

export const replicatedStrategy: ResourceStrategy = {
  validate: (object) => [...selectorCauses(object), ...restartCauses(object)],
  validateUpdate(object, old) {
    const { selector } = (object as Deployment).spec;
    return sameJson(selector, (old as Deployment).spec.selector) ? [] : [immutable('spec.selector', selector)];
  },
};

const UID = 'batch.kubernetes.io/controller-uid';
const NAME = 'batch.kubernetes.io/job-name';

export const jobStrategy: ResourceStrategy = {
  prepareForCreate(object) {
    const job = object as Job;
    if (job.spec.manualSelector === true) return;
    const uid = job.metadata.uid ?? '';
    const labels = { [UID]: uid, [NAME]: job.metadata.name, 'controller-uid': uid, 'job-name': job.metadata.name };
    const { template } = job.spec;
    template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } };
    job.spec.selector = { matchLabels: { [UID]: uid } } satisfies LabelSelector;
  },
  validate(object) {
    const job = object as Job;
    const causes: StatusCause[] = [];
    const policy = job.spec.template.spec.restartPolicy;
    if (policy !== 'OnFailure' && policy !== 'Never') {
      causes.push({
        reason: policy === undefined ? 'FieldValueRequired' : 'FieldValueNotSupported',
        field: 'spec.template.spec.restartPolicy',
        message: `${policy === undefined ? 'Required value' : `Unsupported value: ${show(policy)}`}: valid values: "OnFailure", "Never"`,
      });
    }
    if (job.spec.completionMode === 'Indexed' && job.spec.completions === undefined) {
      causes.push({
        reason: 'FieldValueRequired',
        field: 'spec.completions',
        message: 'Required value: when completion mode is Indexed',
      });
    }
    return causes;
  },
  validateUpdate(object, old) {
    const next = (object as Job).spec;
    const { completions, completionMode, selector, suspend, template } = (old as Job).spec;
    const causes: StatusCause[] = [];
    if (!sameJson(next.selector, selector)) causes.push(immutable('spec.selector', next.selector));
    if (next.completionMode !== completionMode) causes.push(immutable('spec.completionMode', next.completionMode));
    if (next.completions !== completions && completionMode !== 'Indexed') {
      causes.push(immutable('spec.completions', next.completions));
    }
    if (suspend !== true && !sameJson(next.template, template)) {
      causes.push(immutable('spec.template', '(template)'));
    }
    return causes;
  },
};
