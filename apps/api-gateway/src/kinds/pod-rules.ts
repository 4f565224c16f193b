/** Rules on pod templates that a schema cannot say, after k8s.io/kubernetes/pkg/apis/core/validation. */
import { invalidCause, isDnsLabel, requiredCause, type StatusCause, unsupportedCause } from '@skyflow/contracts';
import { duplicate } from './causes.js';
import { type ResourceRules, type Resources, resourceCauses } from './resource-rules.js';

interface ContainerInput {
  name?: string;
  image?: string;
  env?: { name?: string }[];
  resources?: Resources;
  volumeMounts?: { name?: string }[];
}

export interface PodSpecInput {
  containers?: ContainerInput[];
  initContainers?: ContainerInput[];
  restartPolicy?: string;
  volumes?: { name?: string }[];
}

export interface PodRules extends ResourceRules {
  restartPolicies: readonly string[];
}

const LABEL_RULE =
  "must be lower case letters, digits or '-', start and end with a letter or digit, and have at most 63 characters";
const ENV_NAME = /^[ -<>-~]+$/;

/** @param path of the pod spec, e.g. `spec.template.spec`. */
export function podCauses(spec: PodSpecInput, path: string, rules: PodRules): StatusCause[] {
  const causes: StatusCause[] = [];
  const containers = spec.containers ?? [];
  if (containers.length === 0) causes.push(requiredCause(`${path}.containers`, 'at least one container'));
  const volumes = nameCauses(spec.volumes ?? [], `${path}.volumes`, causes);
  const names = new Set<string>();
  for (const [list, group] of [
    [containers, 'containers'],
    [spec.initContainers ?? [], 'initContainers'],
  ] as const) {
    nameCauses(list, `${path}.${group}`, causes, names);
    for (const [index, container] of list.entries()) {
      causes.push(...containerCauses(container, `${path}.${group}[${String(index)}]`, volumes, rules));
    }
  }
  const restart = spec.restartPolicy ?? 'Always';
  if (!rules.restartPolicies.includes(restart)) {
    causes.push(unsupportedCause(`${path}.restartPolicy`, restart, rules.restartPolicies));
  }
  return causes;
}

function containerCauses(
  container: ContainerInput,
  path: string,
  volumes: ReadonlySet<string>,
  rules: PodRules,
): StatusCause[] {
  const causes: StatusCause[] = [];
  if (!container.image?.trim()) causes.push(requiredCause(`${path}.image`, 'the image to run'));
  for (const [index, { name = '' }] of (container.env ?? []).entries()) {
    const field = `${path}.env[${String(index)}].name`;
    if (name === '') causes.push(requiredCause(field));
    else if (!ENV_NAME.test(name)) {
      causes.push(invalidCause(field, name, "must be printable ASCII characters without '='"));
    }
  }
  for (const [index, { name = '' }] of (container.volumeMounts ?? []).entries()) {
    if (volumes.has(name)) continue;
    const known = volumes.size === 0 ? 'the pod has no volumes' : `the volumes are: ${[...volumes].join(', ')}`;
    causes.push({
      reason: 'FieldValueNotFound',
      message: `Not found: ${JSON.stringify(name)}: ${known}`,
      field: `${path}.volumeMounts[${String(index)}].name`,
    });
  }
  causes.push(...resourceCauses(container.resources, `${path}.resources`, rules));
  return causes;
}

/** Checks that names are there, well-formed and used once; returns them. */
function nameCauses(
  items: readonly { name?: string }[],
  path: string,
  causes: StatusCause[],
  names = new Set<string>(),
): Set<string> {
  for (const [index, { name = '' }] of items.entries()) {
    const field = `${path}[${String(index)}].name`;
    if (name === '') causes.push(requiredCause(field));
    else if (!isDnsLabel(name)) causes.push(invalidCause(field, name, LABEL_RULE));
    else if (names.has(name)) causes.push(duplicate(field, name, 'names must be used once in a pod'));
    names.add(name);
  }
  return names;
}
