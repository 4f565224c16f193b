/** Schemas of `spec.placement`, of PlacementPolicy, and of what Clusters say of themselves for placements to ask. */
import { clusterFields, divisionTypes, requirementOperators, type Schema, taintEffects } from '@skyflow/contracts';

const text = (description: string): Schema => ({ type: 'string', description });
const choice = (description: string, allowed: readonly string[]): Schema => ({
  type: 'string',
  description,
  enum: [...allowed],
});
const whole = (description: string, minimum: number, maximum?: number): Schema => ({
  type: 'integer',
  format: 'int32',
  description,
  minimum,
  ...(maximum !== undefined && { maximum }),
});
const flag = (description: string): Schema => ({ type: 'boolean', description });
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items });
const object = (description: string, properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  description,
  properties,
  ...(required.length > 0 && { required }),
});

const labels = (description: string): Schema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string' },
});

const requirements = (of: string, key: Schema): Schema =>
  list(
    of,
    object(
      'A requirement.',
      {
        key,
        operator: choice('How the value is compared. Gt and Lt compare numbers.', requirementOperators),
        values: list(
          'At least one with In and NotIn, exactly one with Gt and Lt, none with Exists and DoesNotExist.',
          text('A value.'),
        ),
      },
      ['key', 'operator'],
    ),
  );

const labelSelector = (description: string): Schema =>
  object(description, {
    matchLabels: labels('Labels that it must have, all of them.'),
    matchExpressions: requirements('Requirements on its labels, all of them.', text('Key of a label.')),
  });

const clusterSelector = (description: string): Schema =>
  object(description, {
    matchLabels: labels('Labels that the cluster must have, all of them.'),
    matchExpressions: requirements('Requirements on labels of the cluster, all of them.', text('Key of a label.')),
    matchFields: requirements(
      'Requirements on fields of the cluster, all of them. A kubernetesVersion of fewer parts means all that begin with it.',
      choice('Field of the cluster.', clusterFields),
    ),
  });

const clusterSet: Record<string, Schema> = {
  clusters: list('Only these clusters, by name.', text('Name of a cluster.')),
  excludeClusters: list('Not these clusters, whatever else allows them.', text('Name of a cluster.')),
  clusterSelector: clusterSelector('Only clusters that match.'),
};

const weight = whole('1 to 100: against the other preferences.', 1, 100);
const topologyKey = text('cluster, provider, region, zone, or a label of Clusters: equal values are a group.');

const workloadTerm = object(
  'Other workloads, and what near is.',
  {
    labelSelector: labelSelector('Labels of the other workloads.'),
    topologyKey,
    namespaces: list('Where they are. Default: the namespace of the workload.', text('Name of a namespace.')),
  },
  ['labelSelector', 'topologyKey'],
);

const workloadAffinity = (description: string): Schema =>
  object(description, {
    required: list('All of these must hold.', workloadTerm),
    preferred: list(
      'These add to the score.',
      object('A preference.', { weight, term: workloadTerm }, ['weight', 'term']),
    ),
  });

/** What workloads and policies both can say. */
const terms: Record<string, Schema> = {
  ...clusterSet,
  tolerations: list(
    'Taints of clusters that are put up with.',
    object('A toleration.', {
      key: text('Key of the taint. Absent, with operator Exists: every taint.'),
      operator: choice('Equal (default) or Exists.', ['Equal', 'Exists']),
      value: text('Value of the taint, with Equal.'),
      effect: choice('Effect of the taint. Absent: every effect.', taintEffects),
      tolerationSeconds: whole('With NoExecute: how long replicas stay after the taint came. Absent: for ever.', 0),
    }),
  ),
  clusterAffinity: object('What clusters must match, and which are liked.', {
    required: list('One of these must match.', clusterSelector('A selector.')),
    preferred: list(
      'These add to the score, by weight.',
      object('A preference.', { weight, preference: clusterSelector('Clusters that are liked.') }, [
        'weight',
        'preference',
      ]),
    ),
  }),
  groups: list(
    'Groups of clusters in order: the first in which all replicas fit takes them; if there is none, the one in which most fit.',
    object('A group.', { name: text('Name of the group, for messages.'), ...clusterSet }, ['name']),
  ),
  overflow: flag('Replicas that do not fit in a group go on to the next.'),
  spreadConstraints: list(
    'How replicas are spread over groups of clusters; all must hold.',
    object(
      'A constraint.',
      {
        topologyKey,
        within: text('Holds inside each group by this key. Absent: over all clusters.'),
        minGroups: whole(
          'No group gets a second replica before this many have one. With `within`, an outer group that has fewer gets none.',
          1,
        ),
        maxGroups: whole('Not more groups than this.', 1),
        maxSkew: whole('Most by which a group may have more replicas than the one with the fewest.', 1),
        whenUnsatisfiable: choice(
          'DoNotSchedule (default), or ScheduleAnyway: kept as long as replicas can be placed so.',
          ['DoNotSchedule', 'ScheduleAnyway'],
        ),
      },
      ['topologyKey'],
    ),
  ),
  division: object(
    'How replicas are divided over the clusters.',
    {
      type: choice(
        'Spread (default): evenly, more where more is free. Duplicated: all on every allowed cluster. Aggregated: on as few clusters as can be. StaticWeights: by weights. DynamicWeights: by what fits.',
        divisionTypes,
      ),
      weights: list(
        'Of StaticWeights: the first that a cluster is in counts, a cluster that is in none gets nothing. None: all weigh the same.',
        object('A weight.', { weight: whole('Whole number of at least 1.', 1), ...clusterSet }, ['weight']),
      ),
    },
    ['type'],
  ),
  workloadAffinity: workloadAffinity('Near other workloads.'),
  workloadAntiAffinity: workloadAffinity('Not near other workloads.'),
  allOrNothing: flag('Place nothing unless everything that is missing fits. Default: place what fits, the rest waits.'),
};

/** Of moves; said once, by the workload or else by its policies. */
const moves: Record<string, Schema> = {
  failover: object('What becomes of replicas on a cluster that cannot be seen any more.', {
    mode: text(
      'Automatic (default): started elsewhere after the grace time, removed there before it is READY again; a job that runs to completion may do its work twice. Never: they wait for the cluster, and never run in two places.',
    ),
    graceSeconds: whole(
      'How long the cluster may be away. Default: 30 when it is LOST, 300 when only its API does not answer.',
      0,
    ),
  }),
  failback: object('Whether replicas of services that had to leave a cluster go back to it.', {
    mode: text('Automatic (default): when it has been well for long enough, as far as they fit. Never: they stay.'),
    stabilizationSeconds: whole(
      'How long it must have been well; twice that for each further loss in the hour before. Default 300.',
      0,
    ),
  }),
  rebalance: object(
    'Whether replicas of services move by themselves to where they are better off. Absent: they stay until somebody asks (skyctl rebalance).',
    {
      mode: text('Automatic (default). Never: not even where a policy asks for it.'),
      intervalSeconds: whole('How often replicas are looked at, and how long they rest after a move. Default 300.', 1),
      maxReplicas: whole(
        'Replicas that move in an interval: of a workload, or of all workloads of a policy together. Default 10.',
        1,
      ),
      minImprovement: whole('By how much a place must be better, of 100; nothing moves for less. Default 20.', 1, 100),
    },
  ),
  rollout: object('How a change of the pod template of a service goes over its clusters.', {
    type: text(
      'All: everywhere at once. Progressive: some clusters at a time. ProgressivePerGroup: one group of clusters after the other. Absent: what the policies say, of which the other fields change some; else All.',
    ),
    maxConcurrency: whole(
      'Clusters that are changed at a time. Default of Progressive: 1; of ProgressivePerGroup: all of the group.',
      1,
    ),
    groupBy: text('provider, region (default), zone, or a label of Clusters.'),
    minReadySeconds: whole('How long all replicas of a cluster must be ready before the next. Default 0.', 0),
    progressDeadlineSeconds: whole('How long a cluster may take before it has failed. Default 600.', 1),
    maxFailures: whole('Clusters that may fail before the rollout ends. Default 0.', 0),
    onFailure: text('What then. Rollback (default): all clusters get what they had. Pause: it stops as it is.'),
    paused: { type: 'boolean', description: 'No further clusters are changed.' },
  }),
};

export const placementSchema: Schema = object('Where the replicas may go. Absent: anywhere.', {
  ...terms,
  ...moves,
  policy: text('Name of a PlacementPolicy of the same namespace that applies too.'),
});

export const policySpecSchema: Schema = object(
  'Placement for the workloads that name it and for those that it selects. What restricts adds up; what can be said only once (groups, division, allOrNothing) is taken from the workload, then from the policy that it names, then from those that select it.',
  {
    ...terms,
    ...moves,
    workloadSelector: labelSelector(
      'Workloads of the namespace by their labels. Empty: all of them. Absent: only those that name the policy.',
    ),
    priority: {
      type: 'integer',
      format: 'int32',
      description: 'Of several that select a workload, the greatest first. Default 0.',
    },
  },
);

/** Fields of ClusterSpec. */
export const clusterPlaceSchemas: Record<string, Schema> = {
  provider: text('Who runs it: aws, gcp, onprem. Absent: the label skyflow.io/provider.'),
  region: text('Absent: the label topology.kubernetes.io/region, of the Cluster or of all its nodes.'),
  zone: text('Absent: the label topology.kubernetes.io/zone, of the Cluster or of all its nodes.'),
  taints: list(
    'Keep workloads away that do not tolerate them.',
    object(
      'A taint.',
      {
        key: text('Key.'),
        value: text('Value.'),
        effect: choice(
          'NoSchedule: nothing new. PreferNoSchedule: rather nothing new. NoExecute: nothing new, and what is there leaves.',
          taintEffects,
        ),
        timeAdded: { type: 'string', format: 'date-time', description: 'Since when. Set when it is left out.' },
      },
      ['key', 'effect'],
    ),
  ),
};
