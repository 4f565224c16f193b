/** What schemas cannot say about placements, the same for workloads and policies. */
import {
  type ClusterGroup,
  type ClusterSelector,
  type ClusterSet,
  type ClusterToleration,
  invalidCause,
  isDnsLabel,
  isLabelValue,
  isQualifiedName,
  type MoveTerms,
  type PlacementTerms,
  type ReplicaDivision,
  requiredCause,
  type Requirement,
  type RolloutStrategy,
  rolloutTypes,
  type SpreadConstraint,
  type StatusCause,
  unsupportedCause,
  type WorkloadAffinity,
  type WorkloadPlacement,
} from '@skyflow/contracts';
import { duplicate, forbiddenField } from './causes.js';

/** @param path of the terms: `spec.placement`, or `spec` of a policy. */
export function termCauses(terms: PlacementTerms, path: string): StatusCause[] {
  return [
    ...setCauses(terms, path),
    ...moveCauses(terms, path),
    ...each(terms.tolerations, `${path}.tolerations`, tolerationCauses),
    ...each(terms.clusterAffinity?.required, `${path}.clusterAffinity.required`, someSelectorCauses),
    ...each(terms.clusterAffinity?.preferred, `${path}.clusterAffinity.preferred`, ({ preference }, at) =>
      someSelectorCauses(preference, `${at}.preference`),
    ),
    ...groupCauses(terms.groups, terms.overflow, path),
    ...each(terms.spreadConstraints, `${path}.spreadConstraints`, spreadCauses),
    ...divisionCauses(terms.division, `${path}.division`),
    ...workloadCauses(terms.workloadAffinity, `${path}.workloadAffinity`),
    ...workloadCauses(terms.workloadAntiAffinity, `${path}.workloadAntiAffinity`),
  ];
}

/** `spec.placement` of a workload. */
export function placementCauses(placement: WorkloadPlacement | undefined, path = 'spec.placement'): StatusCause[] {
  if (placement === undefined) return [];
  const causes = termCauses(placement, path);
  const { policy } = placement;
  if (policy !== undefined && !isDnsLabel(policy)) {
    causes.push(invalidCause(`${path}.policy`, policy, 'is no name that a PlacementPolicy can have'));
  }
  return causes;
}

/** Labels and requirements of a selector over labels. */
export function labelSelectorCauses(
  { matchLabels = {}, matchExpressions }: Pick<ClusterSelector, 'matchLabels' | 'matchExpressions'>,
  path: string,
): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const [key, value] of Object.entries(matchLabels)) {
    if (!isQualifiedName(key)) causes.push(invalidCause(`${path}.matchLabels`, key, 'is no label key'));
    if (!isLabelValue(value)) causes.push(invalidCause(`${path}.matchLabels`, value, 'is no label value'));
  }
  return [
    ...causes,
    ...each(matchExpressions, `${path}.matchExpressions`, (requirement, at) => [
      ...(isQualifiedName(requirement.key) ? [] : [invalidCause(`${at}.key`, requirement.key, 'is no label key')]),
      ...requirementCauses(requirement, at),
    ]),
  ];
}

function each<T>(list: readonly T[] | undefined, path: string, causes: (item: T, path: string) => StatusCause[]) {
  return (list ?? []).flatMap((item, index) => causes(item, `${path}[${String(index)}]`));
}

function setCauses({ clusters = [], excludeClusters = [], clusterSelector }: ClusterSet, path: string): StatusCause[] {
  const causes = [
    ...nameCauses(clusters, `${path}.clusters`),
    ...nameCauses(excludeClusters, `${path}.excludeClusters`),
  ];
  for (const [index, name] of excludeClusters.entries()) {
    if (!clusters.includes(name)) continue;
    const rule = `is in ${path}.clusters too; leave it out of one of them`;
    causes.push(invalidCause(`${path}.excludeClusters[${String(index)}]`, name, rule));
  }
  return clusterSelector === undefined
    ? causes
    : [...causes, ...selectorCauses(clusterSelector, `${path}.clusterSelector`)];
}

function nameCauses(names: readonly string[], path: string): StatusCause[] {
  return names.flatMap((name, index) => {
    const field = `${path}[${String(index)}]`;
    if (!isDnsLabel(name)) return [invalidCause(field, name, 'is no name that a cluster can have')];
    return names.indexOf(name) < index ? [duplicate(field, name, 'name a cluster once')] : [];
  });
}

const selectorCauses = (selector: ClusterSelector, path: string): StatusCause[] => [
  ...labelSelectorCauses(selector, path),
  ...each(selector.matchFields, `${path}.matchFields`, fieldCauses),
];

/** In a list of selectors an empty one would make the others pointless. */
function someSelectorCauses(selector: ClusterSelector, path: string): StatusCause[] {
  const { matchLabels = {}, matchExpressions = [], matchFields = [] } = selector;
  return Object.keys(matchLabels).length + matchExpressions.length + matchFields.length === 0
    ? [requiredCause(path, 'name a label or field that clusters must have; an empty selector matches every cluster')]
    : selectorCauses(selector, path);
}

function fieldCauses(requirement: Requirement, path: string): StatusCause[] {
  const { key, operator, values = [] } = requirement;
  const compares = operator === 'Gt' || operator === 'Lt';
  if (key !== 'kubernetesVersion') {
    if (!compares) return requirementCauses(requirement, path);
    return [
      invalidCause(`${path}.operator`, operator, `compares numbers; of ${key} only equality can be asked, use In`),
    ];
  }
  const shape = requirementCauses({ ...requirement, values: values.map(() => '0') }, path);
  const wrong = values.findIndex((value) => !/^v?\d+(\.\d+){0,2}$/.test(value));
  if (shape.length > 0 || wrong < 0) return shape;
  return [invalidCause(`${path}.values[${String(wrong)}]`, values[wrong], 'must be a version such as 1.36 or v1.36.3')];
}

function requirementCauses({ operator, values = [] }: Requirement, path: string): StatusCause[] {
  const field = `${path}.values`;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [requiredCause(field, `${operator} needs at least one value`)];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0 ? [] : [forbiddenField(field, `${operator} asks for no value; leave it out`)];
    case 'Gt':
    case 'Lt':
      return values.length === 1 && /^-?\d+$/.test(values[0] ?? '')
        ? []
        : [invalidCause(field, values.join(', '), `${operator} needs exactly one whole number`)];
  }
}

function tolerationCauses({ key, operator, value, effect, tolerationSeconds }: ClusterToleration, path: string) {
  const causes: StatusCause[] = [];
  if (key === undefined && operator !== 'Exists') {
    causes.push(requiredCause(`${path}.key`, 'or set operator to Exists to tolerate every taint'));
  }
  if (key !== undefined && !isQualifiedName(key)) causes.push(invalidCause(`${path}.key`, key, 'is no key of a taint'));
  if (operator === 'Exists' && value !== undefined) {
    causes.push(forbiddenField(`${path}.value`, 'Exists tolerates every value; leave it out'));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const rule = 'only replicas that a taint drives out can stay for a time; set effect to NoExecute';
    causes.push(invalidCause(`${path}.tolerationSeconds`, tolerationSeconds, rule));
  }
  return causes;
}

function groupCauses(groups: readonly ClusterGroup[] | undefined, overflow: boolean | undefined, path: string) {
  if (groups === undefined || groups.length === 0) {
    return overflow === true
      ? [invalidCause(`${path}.overflow`, true, `needs ${path}.groups: replicas overflow from one to the next`)]
      : [];
  }
  const names = groups.map(({ name }) => name);
  return each(groups, `${path}.groups`, (group, at) => [
    ...(names.indexOf(group.name) === groups.indexOf(group)
      ? []
      : [duplicate(`${at}.name`, group.name, 'name a group once')]),
    ...setCauses(group, at),
  ]);
}

function spreadCauses(constraint: SpreadConstraint, path: string): StatusCause[] {
  const { topologyKey, within, minGroups, maxGroups, maxSkew } = constraint;
  const causes = [...keyCauses(topologyKey, `${path}.topologyKey`)];
  if (within !== undefined) causes.push(...keyCauses(within, `${path}.within`));
  if (within === topologyKey) {
    causes.push(invalidCause(`${path}.within`, within, 'must be another key than topologyKey: a group is in itself'));
  }
  if (minGroups === undefined && maxGroups === undefined && maxSkew === undefined) {
    causes.push(requiredCause(path, 'say at least one of minGroups, maxGroups and maxSkew'));
  }
  if (minGroups !== undefined && maxGroups !== undefined && minGroups > maxGroups) {
    causes.push(invalidCause(`${path}.minGroups`, minGroups, `must not be more than maxGroups, ${String(maxGroups)}`));
  }
  return causes;
}

const keyCauses = (key: string, path: string): StatusCause[] =>
  isQualifiedName(key) ? [] : [invalidCause(path, key, 'must be cluster, provider, region, zone or a label key')];

function divisionCauses(division: ReplicaDivision | undefined, path: string): StatusCause[] {
  if (division === undefined) return [];
  const { type, weights = [] } = division;
  if (weights.length > 0 && type !== 'StaticWeights') {
    return [forbiddenField(`${path}.weights`, `${type} does not look at weights; set type to StaticWeights`)];
  }
  return each(weights, `${path}.weights`, setCauses);
}

const workloadCauses = (affinity: WorkloadAffinity | undefined, path: string): StatusCause[] => [
  ...each(affinity?.required, `${path}.required`, workloadTermCauses),
  ...each(affinity?.preferred, `${path}.preferred`, ({ term }, at) => workloadTermCauses(term, `${at}.term`)),
];

function workloadTermCauses(
  { labelSelector, topologyKey, namespaces = [] }: NonNullable<WorkloadAffinity['required']>[number],
  path: string,
): StatusCause[] {
  const { matchLabels = {}, matchExpressions = [] } = labelSelector;
  const at = `${path}.labelSelector`;
  return [
    ...(Object.keys(matchLabels).length + matchExpressions.length === 0
      ? [requiredCause(at, 'name a label of the other workloads; an empty selector matches every workload')]
      : labelSelectorCauses(labelSelector, at)),
    ...keyCauses(topologyKey, `${path}.topologyKey`),
    ...each(namespaces, `${path}.namespaces`, (name, field) =>
      isDnsLabel(name) ? [] : [invalidCause(field, name, 'is no name that a namespace can have')],
    ),
  ];
}

const ON_FAILURE: readonly string[] = ['Rollback', 'Pause'];
const MOVE_MODES = ['Automatic', 'Never'];

function moveCauses({ failover, failback, rebalance, rollout }: MoveTerms, path: string): StatusCause[] {
  const said = { failover: failover?.mode, failback: failback?.mode, rebalance: rebalance?.mode };
  const modes = Object.entries(said).flatMap(([field, mode]) =>
    mode === undefined || MOVE_MODES.includes(mode)
      ? []
      : [unsupportedCause(`${path}.${field}.mode`, mode, MOVE_MODES)],
  );
  return rollout === undefined ? modes : [...modes, ...rolloutCauses(rollout, `${path}.rollout`)];
}

function rolloutCauses({ type, onFailure, groupBy }: RolloutStrategy, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (type !== undefined && !rolloutTypes.includes(type))
    causes.push(unsupportedCause(`${path}.type`, type, rolloutTypes));
  if (onFailure !== undefined && !ON_FAILURE.includes(onFailure)) {
    causes.push(unsupportedCause(`${path}.onFailure`, onFailure, ON_FAILURE));
  }
  if (groupBy !== undefined && type !== undefined && type !== 'ProgressivePerGroup') {
    causes.push(invalidCause(`${path}.groupBy`, groupBy, 'means something only with type ProgressivePerGroup'));
  } else if (groupBy !== undefined && !isQualifiedName(groupBy)) {
    causes.push(
      invalidCause(`${path}.groupBy`, groupBy, 'must be provider, region, zone or the key of a label of Clusters'),
    );
  }
  return causes;
}
