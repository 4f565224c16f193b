/** Flags that say where replicas may go: the same for jobs, deployments and policies. */
import { type PlacementFlags } from '@skyflow/domain';
import type { OptionSpec } from '../../cli/command-spec.js';
import type { Flags } from '../../cli/flags.js';

export const CLUSTERS_OPTION: OptionSpec = {
  flags: '-c, --clusters <name>',
  description: 'only on these clusters; repeatable, or with commas',
  takes: 'list',
  spellings: ['cluster'],
  complete: 'cluster',
};

/** All but `--clusters`, which policies spell otherwise too. */
export const PLACEMENT_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--exclude-clusters <name>',
    description: 'not on these clusters; repeatable, or with commas',
    takes: 'list',
    spellings: ['exclude-cluster', 'exclude'],
    complete: 'cluster',
  },
  {
    flags: '--cluster-selector <selector>',
    description: 'only on clusters that match: tier=gold, "region in (eu,us)", gpus>4, !spot, kubernetesVersion>1.35',
    takes: 'list',
  },
  {
    flags: '--prefer <selector:weight>',
    description: 'rather on clusters that match: tier=gold:80; repeatable',
    takes: 'list',
  },
  {
    flags: '--tolerate <taint>',
    description: 'also on clusters with this taint: spot, spot=true:NoSchedule, spot:NoExecute:300; repeatable',
    takes: 'list',
  },
  {
    flags: '--group <name=clusters>',
    description: 'groups of clusters in order, the first that takes all: onprem=a,b; repeatable',
    takes: 'list',
    spellings: ['groups'],
  },
  { flags: '--overflow', description: 'what does not fit in a group goes on to the next' },
  {
    flags: '--spread <key:limits>',
    description: 'over groups of clusters: region:min=2,max=3,skew=1 or zone:skew=1,within=region,soft; repeatable',
    takes: 'list',
  },
  {
    flags: '--divide <how>',
    description: 'spread (default), duplicated, aggregated, static (with --weights) or dynamic',
    complete: ['spread', 'duplicated', 'aggregated', 'static', 'dynamic'],
  },
  {
    flags: '--weights <cluster=weight>',
    description: 'weights of clusters: a=2,b=1; repeatable, or with commas',
    takes: 'list',
    spellings: ['weight'],
  },
  {
    flags: '--near <label=value@key>',
    description: 'only where these workloads are: app=db@region; repeatable',
    takes: 'list',
  },
  {
    flags: '--apart <label=value@key>',
    description: 'only where these workloads are not: app=web@cluster; repeatable',
    takes: 'list',
  },
  { flags: '--all-or-nothing', description: 'place nothing unless all replicas fit' },
];

export function placementFlagsOf(flags: Flags): PlacementFlags {
  const divide = flags.text('divide');
  return {
    clusters: flags.list('clusters'),
    excludeClusters: flags.list('exclude-clusters'),
    clusterSelector: flags.list('cluster-selector'),
    prefer: flags.list('prefer'),
    tolerate: flags.list('tolerate'),
    groups: flags.list('group'),
    overflow: flags.on('overflow'),
    spread: flags.list('spread'),
    ...(divide !== undefined && { divide }),
    weights: flags.list('weights'),
    near: flags.list('near'),
    apart: flags.list('apart'),
    allOrNothing: flags.on('all-or-nothing'),
  };
}
