/** Placement from flags. What cannot be expressed at all is a problem here; what may not be asked for is for the API to refuse. */
import {
  type ClusterGroup,
  type ClusterSelector,
  type ClusterToleration,
  type ClusterWeight,
  type DivisionType,
  type PlacementTerms,
  type SpreadConstraint,
  type WorkloadAffinityTerm,
  taintEffects,
} from '@skyflow/contracts';
import { type FlagProblems, splitCommas } from './flags.js';
import type { PlacementFlags } from './placement-flags.js';
import { SELECTOR_RULE, allOf, parseClusterSelector } from './cluster-selector-text.js';

export function placementFromFlags(flags: PlacementFlags, problems: FlagProblems): PlacementTerms {
  const division = divisionOf(flags, problems);
  const preferred = (flags.prefer ?? []).flatMap((text) => preferenceOf(text, problems));
  return {
    ...listed('clusters', unique(splitCommas(flags.clusters))),
    ...listed('excludeClusters', unique(splitCommas(flags.excludeClusters))),
    ...selectorOf(flags.clusterSelector ?? [], problems),
    ...listed(
      'tolerations',
      (flags.tolerate ?? []).flatMap((text) => tolerationOf(text, problems)),
    ),
    ...(preferred.length > 0 && { clusterAffinity: { preferred } }),
    ...listed(
      'groups',
      (flags.groups ?? []).flatMap((text) => groupOf(text, problems)),
    ),
    ...(flags.overflow === true && { overflow: true }),
    ...listed(
      'spreadConstraints',
      (flags.spread ?? []).flatMap((text) => constraintOf(text, problems)),
    ),
    ...(division !== undefined && { division }),
    ...affinity('workloadAffinity', '--near', flags.near, problems),
    ...affinity('workloadAntiAffinity', '--apart', flags.apart, problems),
    ...(flags.allOrNothing === true && { allOrNothing: true }),
  };
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

const listed = <K extends string, T>(key: K, list: readonly T[]): Partial<Record<K, T[]>> =>
  (list.length > 0 ? { [key]: [...list] } : {}) as Partial<Record<K, T[]>>;

function selectorOf(texts: readonly string[], problems: FlagProblems): Pick<PlacementTerms, 'clusterSelector'> {
  const selectors = texts.flatMap((text) => {
    const selector = parseClusterSelector(text);
    if (selector === undefined) problems.add('--cluster-selector', text, SELECTOR_RULE);
    return selector ?? [];
  });
  return selectors.length > 0 ? { clusterSelector: allOf(selectors) } : {};
}

function preferenceOf(text: string, problems: FlagProblems): { weight: number; preference: ClusterSelector }[] {
  const [, selectorText = '', weightText] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  const preference = parseClusterSelector(selectorText);
  if (preference === undefined) {
    problems.add('--prefer', text, `SELECTOR:WEIGHT ${SELECTOR_RULE}`);
    return [];
  }
  const weight = problems.wholeNumber('--prefer', weightText ?? '100', 1, 100);
  return weight === undefined ? [] : [{ weight, preference }];
}

function tolerationOf(text: string, problems: FlagProblems): ClusterToleration[] {
  const [taint = '', effectText = '', secondsText, ...more] = text.split(':');
  const [key = '', value, ...rest] = taint.split('=');
  const effect = taintEffects.find((each) => each.toLowerCase() === effectText.toLowerCase());
  if (key === '' || rest.length + more.length > 0 || (effectText !== '' && effect === undefined)) {
    const rule = `must be KEY, KEY=VALUE, KEY=VALUE:EFFECT or KEY=VALUE:NoExecute:SECONDS with an effect of ${taintEffects.join(', ')}`;
    problems.add('--tolerate', text, rule);
    return [];
  }
  const tolerationSeconds = secondsText === undefined ? undefined : problems.wholeNumber('--tolerate', secondsText);
  return [
    {
      key,
      ...(value === undefined ? { operator: 'Exists' as const } : { operator: 'Equal' as const, value }),
      ...(effect !== undefined && { effect }),
      ...(tolerationSeconds !== undefined && { tolerationSeconds }),
    },
  ];
}

function groupOf(text: string, problems: FlagProblems): ClusterGroup[] {
  const at = text.indexOf('=');
  const clusters = unique(splitCommas([text.slice(at + 1)]));
  if (at > 0 && clusters.length > 0) return [{ name: text.slice(0, at).trim(), clusters }];
  problems.add('--group', text, 'must be NAME=CLUSTER,CLUSTER such as onprem=rack-a,rack-b');
  return [];
}

const SPREAD_NUMBERS = { min: 'minGroups', max: 'maxGroups', skew: 'maxSkew' } as const;

function constraintOf(text: string, problems: FlagProblems): SpreadConstraint[] {
  const at = text.indexOf(':');
  const topologyKey = (at < 0 ? text : text.slice(0, at)).trim();
  const constraint: SpreadConstraint = { topologyKey };
  const words = at < 0 ? ['skew=1'] : text.slice(at + 1).split(',');
  for (const word of words) {
    const [name = '', value = ''] = word.trim().split('=');
    if (name in SPREAD_NUMBERS) {
      const number = problems.wholeNumber('--spread', value, 1);
      if (number !== undefined) constraint[SPREAD_NUMBERS[name as keyof typeof SPREAD_NUMBERS]] = number;
    } else if (name === 'within' && value !== '') constraint.within = value;
    else if (name === 'soft' && value === '') constraint.whenUnsatisfiable = 'ScheduleAnyway';
    else {
      const rule = 'must be KEY or KEY:min=2,max=3,skew=1,within=KEY,soft, with any of these; KEY alone means skew=1';
      problems.add('--spread', text, rule);
      return [];
    }
  }
  if (topologyKey !== '') return [constraint];
  problems.add(
    '--spread',
    text,
    'needs cluster, provider, region, zone or a label of clusters first, such as region:min=2',
  );
  return [];
}

const DIVISIONS: Readonly<Record<string, DivisionType>> = {
  spread: 'Spread',
  duplicated: 'Duplicated',
  aggregated: 'Aggregated',
  static: 'StaticWeights',
  staticweights: 'StaticWeights',
  dynamic: 'DynamicWeights',
  dynamicweights: 'DynamicWeights',
};

function divisionOf({ divide, weights: texts = [] }: PlacementFlags, problems: FlagProblems) {
  const weights = splitCommas(texts).flatMap((text): ClusterWeight[] => {
    const [cluster = '', weightText = '', ...more] = text.split('=');
    if (cluster === '' || more.length > 0) problems.add('--weights', text, 'must be CLUSTER=WEIGHT such as prod-eu=2');
    else {
      const weight = problems.wholeNumber('--weights', weightText, 1);
      if (weight !== undefined) return [{ weight, clusters: [cluster] }];
    }
    return [];
  });
  if (divide === undefined) return weights.length > 0 ? { type: 'StaticWeights' as const, weights } : undefined;
  const type = DIVISIONS[divide.toLowerCase().replaceAll(/[-_]/g, '')];
  if (type === undefined) {
    problems.add('--divide', divide, 'must be spread, duplicated, aggregated, static (with --weights) or dynamic');
    return undefined;
  }
  if (weights.length > 0 && type !== 'StaticWeights') {
    problems.add('--weights', texts.join(','), `are looked at only with --divide static, not with ${divide}`);
  }
  return { type, ...(weights.length > 0 && { weights }) };
}

function affinity(
  field: 'workloadAffinity' | 'workloadAntiAffinity',
  flag: string,
  texts: readonly string[] | undefined,
  problems: FlagProblems,
): Pick<PlacementTerms, 'workloadAffinity' | 'workloadAntiAffinity'> {
  const required = (texts ?? []).flatMap((text): WorkloadAffinityTerm[] => {
    const [pair = '', topologyKey = 'cluster', ...more] = text.split('@');
    const [key = '', value, ...rest] = pair.split('=');
    if (key !== '' && value !== undefined && rest.length + more.length === 0 && topologyKey !== '') {
      return [{ labelSelector: { matchLabels: { [key]: value } }, topologyKey }];
    }
    problems.add(flag, text, 'must be LABEL=VALUE or LABEL=VALUE@KEY such as app=db@region');
    return [];
  });
  return required.length > 0 ? { [field]: { required } } : {};
}
