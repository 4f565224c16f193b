/** The API server's own rules for deployments, replica sets and jobs. */
import type { ResourceStrategy } from '@skyflow/apimachinery';
import type { KubeObject, StatusCause } from '@skyflow/contracts';
import { matchesSelector } from '../model/label-match.js';
import { sameJson } from '../model/object-facts.js';
import type { Deployment, Job, LabelSelector, PodTemplate, ReplicaSet } from '../model/workloads.js';

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

const immutable = (field: string, value: unknown): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${show(value)}: field is immutable`,
});

export const replicatedStrategy: ResourceStrategy = {
  validate: selectorCauses,
  validateUpdate(object, old) {
    const { selector } = (object as Deployment).spec;
    return sameJson(selector, (old as Deployment).spec.selector) ? [] : [immutable('spec.selector', selector)];
  },
};

/** Where a job that waits is to run may be changed until it does (KEP-2926). */
function withoutDirections({ metadata: _labels, spec }: PodTemplate): unknown {
  return { ...spec, nodeSelector: undefined, affinity: undefined, tolerations: undefined, schedulingGates: undefined };
}

const UID = 'batch.kubernetes.io/controller-uid';
const NAME = 'batch.kubernetes.io/job-name';

export const jobStrategy: ResourceStrategy = {
  prepareForCreate(object) {
    const job = object as Job;
    if (job.spec.manualSelector === true) return;
    const uid = job.metadata.uid ?? '';
    const labels = { [UID]: uid, [NAME]: job.metadata.name, 'controller-uid': uid, 'job-name': job.metadata.name };
    const { template } = job.spec;
    // A job without labels of its own has those of its pods, upstream even those that only come now.
    const isShared = sameJson(job.metadata.labels ?? {}, template.metadata?.labels ?? {});
    template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } };
    if (isShared) job.metadata.labels = { ...template.metadata.labels };
    const given = job.spec.selector?.matchLabels;
    job.spec.selector = { ...job.spec.selector, matchLabels: { ...given, [UID]: uid } } satisfies LabelSelector;
  },
  validate(object) {
    const job = object as Job;
    const causes: StatusCause[] = [];
    const policy = job.spec.template.spec.restartPolicy;
    if (policy !== 'OnFailure' && policy !== 'Never') {
      causes.push({
        reason: 'FieldValueRequired',
        field: 'spec.template.spec.restartPolicy',
        message: 'Required value: valid values: "OnFailure", "Never"',
      });
    }
    const { selector } = job.spec;
    if (job.spec.manualSelector !== true && Object.keys(selector?.matchLabels ?? {}).length !== 1) {
      causes.push({
        reason: 'FieldValueInvalid',
        field: 'spec.selector',
        message: `Invalid value: ${show(selector)}: \`selector\` not auto-generated`,
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
    const comparable = suspend === true ? withoutDirections : (same: PodTemplate): unknown => same;
    if (!sameJson(comparable(next.template), comparable(template))) {
      causes.push(immutable('spec.template', '(template)'));
    }
    return causes;
  },
};
