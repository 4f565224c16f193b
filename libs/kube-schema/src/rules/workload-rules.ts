/** Rules of deployments, jobs and their like (pkg/apis/apps/validation, pkg/apis/batch/validation). */
import { forbiddenCause, invalidCause, requiredCause, type StatusCause, unsupportedCause } from '@skyflow/contracts';
import { partAt, partsOf, type Part } from '../defaults/object-parts.js';
import { podSpecCauses } from './pod-rules.js';

const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A template that is started again for ever: deployments, replica sets, stateful sets, daemon sets. */
export function steadyTemplateCauses(spec: Part): StatusCause[] {
  const podSpec = partAt(spec, 'template', 'spec');
  if (podSpec === undefined) return [];
  const claims = partsOf(spec.volumeClaimTemplates).map((claim) => partAt(claim, 'metadata')?.name);
  const causes = podSpecCauses(podSpec, 'spec.template.spec', claims);
  const { restartPolicy = 'Always' } = podSpec;
  if (restartPolicy !== 'Always') {
    causes.push(unsupportedCause('spec.template.spec.restartPolicy', restartPolicy, ['Always']));
  }
  if (typeof podSpec.activeDeadlineSeconds === 'number') {
    const why = 'activeDeadlineSeconds in ReplicaSet is not Supported';
    causes.push(forbiddenCause('spec.template.spec.activeDeadlineSeconds', why));
  }
  return causes;
}

export function deploymentCauses(spec: Part): StatusCause[] {
  const causes = [...steadyTemplateCauses(spec), ...strategyCauses(partAt(spec, 'strategy'), 'spec.strategy')];
  const { progressDeadlineSeconds, minReadySeconds = 0 } = spec;
  if (typeof progressDeadlineSeconds === 'number' && progressDeadlineSeconds <= Number(minReadySeconds)) {
    const rule = 'must be greater than minReadySeconds';
    causes.push(invalidCause('spec.progressDeadlineSeconds', progressDeadlineSeconds, rule));
  }
  return causes;
}

function strategyCauses(strategy: Part | undefined, path: string): StatusCause[] {
  const bounds = partAt(strategy, 'rollingUpdate');
  if (strategy === undefined || bounds === undefined) return [];
  const place = `${path}.rollingUpdate`;
  if (strategy.type === 'Recreate') {
    return [forbiddenCause(place, "may not be specified when strategy `type` is 'Recreate'")];
  }
  const { maxUnavailable, maxSurge } = bounds;
  const causes = [
    ...boundCauses(maxUnavailable, `${place}.maxUnavailable`),
    ...boundCauses(maxSurge, `${place}.maxSurge`),
  ];
  if (isNothing(maxUnavailable) && isNothing(maxSurge)) {
    causes.push(invalidCause(`${place}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  const percent = typeof maxUnavailable === 'string' ? /^(\d+)%$/.exec(maxUnavailable)?.[1] : undefined;
  if (Number(percent) > 100) {
    causes.push(invalidCause(`${place}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%'));
  }
  return causes;
}

const isNothing = (bound: unknown): boolean => bound === 0 || (typeof bound === 'string' && /^0+%$/.test(bound));

function boundCauses(bound: unknown, path: string): StatusCause[] {
  if (typeof bound === 'string' && !/^\d+%$/.test(bound)) return [invalidCause(path, bound, PERCENT)];
  if (typeof bound === 'number' && bound < 0) return [invalidCause(path, bound, 'must be greater than or equal to 0')];
  return [];
}

/** @param path of the job's spec */
export function jobCauses(spec: Part, path = 'spec'): StatusCause[] {
  const podSpec = partAt(spec, 'template', 'spec');
  const causes = podSpec === undefined ? [] : podSpecCauses(podSpec, `${path}.template.spec`);
  const isIndexed = spec.completionMode === 'Indexed';
  if (typeof spec.backoffLimitPerIndex === 'number' && !isIndexed) {
    causes.push(
      invalidCause(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex, 'requires indexed completion mode'),
    );
  }
  const policy = partAt(spec, 'podFailurePolicy');
  if (policy === undefined) return causes;
  for (const [at, rule] of partsOf(policy.rules).entries()) {
    const codes = partAt(rule, 'onExitCodes');
    const values = Array.isArray(codes?.values) ? (codes.values as unknown[]) : [];
    const zero = values.indexOf(0);
    if (codes?.operator !== 'In' || zero < 0) continue;
    const place = `${path}.podFailurePolicy.rules[${at}].onExitCodes.values[${zero}]`;
    causes.push(invalidCause(place, 0, 'must not be 0 for the In operator'));
  }
  if (podSpec?.restartPolicy === 'OnFailure') {
    const rule = 'only "Never" is supported when podFailurePolicy is specified';
    causes.push(invalidCause(`${path}.template.spec.restartPolicy`, 'OnFailure', rule));
  }
  return causes;
}

export function statefulSetCauses(spec: Part): StatusCause[] {
  return [
    ...(partAt(spec, 'selector') === undefined ? [requiredCause('spec.selector')] : []),
    ...steadyTemplateCauses(spec),
  ];
}

const FIELDS_OF_SCHEDULE = 5;

export function cronJobCauses(spec: Part): StatusCause[] {
  const { schedule } = spec;
  const causes: StatusCause[] = [];
  if (typeof schedule === 'string' && !schedule.startsWith('@')) {
    const fields = schedule.trim().split(/\s+/);
    if (fields.length !== FIELDS_OF_SCHEDULE) {
      const rule = `expected exactly ${FIELDS_OF_SCHEDULE} fields, found ${fields.length}: [${fields.join(' ')}]`;
      causes.push(invalidCause('spec.schedule', schedule, rule));
    }
  }
  const job = partAt(spec, 'jobTemplate', 'spec');
  return job === undefined ? causes : [...causes, ...jobCauses(job, 'spec.jobTemplate.spec')];
}
