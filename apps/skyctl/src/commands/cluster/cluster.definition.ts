import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';
import { builtDefinitions } from './built/built.definition.js';

const DRY_RUN: OptionSpec = { flags: '--dry-run', description: 'only say what would move; nothing is changed' };
const YES: OptionSpec = { flags: '-y, --yes', description: 'do not ask; needed where nobody can be asked' };
const FORCE: OptionSpec = {
  flags: '--force',
  description:
    'also when more than half of all replicas, and more than ten, would move, or replicas would find no other place',
};
const WAIT: OptionSpec = { flags: '--wait', description: 'wait until it is done (default; --wait=false does not)' };

const ESCROW_NAME = { arguments: '<name>', argumentDescriptions: { name: 'a cluster that SkyFlow built' } } as const;
const NAMES = { arguments: '<names...>', argumentDescriptions: { names: 'names of clusters' } } as const;

export const clusterDefinition: CommandSpec = {
  name: 'cluster',
  summary:
    'Bring member clusters in, take them out of use, and back: join, cordon, uncordon, taint, drain, delete; of those that it built: scale, upgrade, repair, rotate-certificates, snapshot, restore, pause, resume, orphans, escrow',
  subcommands: [
    {
      name: 'join',
      arguments: '<name>',
      argumentDescriptions: { name: 'what the cluster is, or is to be, called in SkyFlow' },
      summary: 'Print the manifest with which the agent of a cluster comes in',
      details:
        'It holds a join token that is good once and for an hour. With it the agent gets what it is let in with from then on, which it renews by itself. Printed and applied again, the agent enrols anew; a token that is refused (it was used, has expired) leaves it with what it has, and its log says why.',
      examples: [
        [
          'skyctl cluster join east | kubectl --context east apply -f -',
          'the cluster is READY when its agent has come in',
        ],
        ['skyctl cluster join east --revoke', 'its agent is out at once, and no join token for it is good'],
      ],
      options: [
        { flags: '--api-url <url>', description: 'where the cluster reaches the gateway (default: as you do)' },
        { flags: '--expires-in <duration>', description: 'how long the join token is good (default 1h)' },
        { flags: '--image <image>', description: 'image of the agent' },
        { flags: '--helm', description: 'print values for the chart of the agent in place of a manifest' },
        { flags: '--revoke', description: 'take back what its agent is, or could be, let in with' },
      ],
      complete: ['cluster'],
      load: async () => (await import('./join.js')).join,
    },
    {
      name: 'cordon',
      ...NAMES,
      summary: 'Place nothing new on clusters; what is there stays',
      examples: [['skyctl cluster cordon eu-1', 'it is then READY,SchedulingDisabled']],
      complete: ['cluster'],
      load: async () => (await import('./cordon.js')).cordon,
    },
    {
      name: 'uncordon',
      ...NAMES,
      summary: 'Use clusters again, and end their drain',
      examples: [['skyctl cluster uncordon eu-1', 'it is READY for new replicas']],
      complete: ['cluster'],
      load: async () => (await import('./cordon.js')).uncordon,
    },
    {
      name: 'taint',
      arguments: '<name> <taints...>',
      argumentDescriptions: {
        name: 'name of a cluster',
        taints: 'KEY=VALUE:EFFECT, or KEY- and KEY:EFFECT- to take away',
      },
      summary: 'Keep workloads away that do not tolerate it, or take taints away',
      examples: [
        ['skyctl cluster taint spot-1 spot=true:NoSchedule', 'nothing new without --tolerate spot'],
        ['skyctl cluster taint spot-1 spot-', 'for everything again'],
      ],
      complete: ['cluster'],
      load: async () => (await import('./taint.js')).taint,
    },
    {
      name: 'drain',
      ...NAMES,
      summary: 'Move everything away from clusters, and place nothing new there',
      details:
        'Shows what would move, then asks. Services leave when their replacement elsewhere is ready; jobs that run to completion may end where they are, and what has not ended in the time of --grace starts anew elsewhere. What finds no other place stays until then as well, and waits afterwards.',
      examples: [
        ['skyctl cluster drain eu-1', 'preview, question, then progress until it is done'],
        ['skyctl cluster drain eu-1 --dry-run', 'only the preview'],
        ['skyctl cluster drain eu-1 eu-2 --grace 30m --yes --wait=false', 'in a script, slowly'],
      ],
      options: [
        { flags: '--grace <duration>', description: 'how long what leaves may take, such as 30m; default 10m' },
        DRY_RUN,
        YES,
        FORCE,
        WAIT,
        { flags: '--timeout <duration>', description: 'how long to wait; default: the grace time and a minute' },
      ],
      complete: ['cluster'],
      load: async () => (await import('./drain.js')).drain,
    },
    ...builtDefinitions,
    {
      name: 'orphans',
      summary: 'Rented machines with the mark of this installation that belong to no cluster of it',
      details:
        'They are looked for every few minutes, and ended when they have been alone for a while, a few at a time. Machines of others, and those without a mark, are never looked at.',
      examples: [['skyctl cluster orphans', 'none, as a rule']],
      options: [{ flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] }],
      load: async () => (await import('./orphans.js')).orphans,
    },
    {
      name: 'escrow',
      summary: 'Sealed copies of what a cluster cannot be without: state of its driver, kubeconfig, SSH key',
      subcommands: [
        {
          name: 'list',
          ...ESCROW_NAME,
          summary: 'All copies, with the fingerprint of the authority in each',
          examples: [['skyctl cluster escrow list prod-eu', 'also when it is deleted: the log keeps them']],
          options: [{ flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] }],
          complete: ['cluster'],
          load: async () => (await import('./escrow.js')).listEscrow,
        },
        {
          name: 'get',
          arguments: '<name> <what>',
          argumentDescriptions: { ...ESCROW_NAME.argumentDescriptions, what: 'state, kubeconfig or sshKey' },
          summary: 'Open one, checked by its hash and fingerprint, and print it',
          examples: [
            ['skyctl cluster escrow get prod-eu kubeconfig > prod-eu.kubeconfig', 'the newest'],
            ['skyctl cluster escrow get prod-eu state --version 3', 'an older one'],
          ],
          options: [{ flags: '--version <number>', description: 'which of them (default: the newest)' }],
          complete: ['cluster', ['state', 'kubeconfig', 'sshKey']],
          load: async () => (await import('./escrow.js')).getEscrow,
        },
        {
          name: 'verify',
          ...ESCROW_NAME,
          summary: 'Open every copy, and say whether hash and authority are those that it was sealed with',
          details: 'Nothing of what is in them is printed. The exit code is 1 when one cannot be opened.',
          examples: [['skyctl cluster escrow verify prod-eu', 'after sealing keys were replaced, say']],
          complete: ['cluster'],
          load: async () => (await import('./escrow.js')).verifyEscrow,
        },
        {
          name: 'restore',
          ...ESCROW_NAME,
          summary: 'Write the newest of each into a folder, as the driver has its files',
          details:
            'For work by hand when SkyFlow cannot: with rke, cluster.rkestate beside cluster.yml. Nothing that is there is overwritten, and copies of different authorities are not put together.',
          examples: [
            [
              'skyctl cluster escrow restore prod-eu --to ./prod-eu',
              'cluster.rkestate, kube_config_cluster.yml, ssh.key',
            ],
          ],
          options: [{ flags: '--to <folder>', description: 'where to; made if it is not there', complete: 'file' }],
          complete: ['cluster'],
          load: async () => (await import('./escrow.js')).restoreEscrow,
        },
      ],
    },
    {
      name: 'delete',
      ...NAMES,
      summary: 'Take clusters out of SkyFlow for good: drain them, then delete them',
      details:
        'SkyFlow removes what it has placed there; the cluster itself and what others run on it are left alone. With --now nothing waits for its replacement.',
      examples: [
        ['skyctl cluster delete eu-1', 'preview, question, drain, delete'],
        ['skyctl cluster delete eu-1 --now --yes', 'everything leaves at once'],
      ],
      options: [
        { flags: '--now', description: 'do not drain first: everything leaves at once' },
        { flags: '--grace <duration>', description: 'how long the drain may take; default 10m' },
        DRY_RUN,
        YES,
        FORCE,
        { flags: '--timeout <duration>', description: 'how long to wait; default: the grace time and a minute' },
      ],
      complete: ['cluster'],
      load: async () => (await import('./delete-cluster.js')).deleteCluster,
    },
  ],
};
