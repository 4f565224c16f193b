/** Subcommands of `skyctl cluster` for clusters that SkyFlow built. */
import type { CommandSpec, OptionSpec } from '../../../cli/command-spec.js';

const NAME = { arguments: '<name>', argumentDescriptions: { name: 'a cluster that SkyFlow built' } } as const;
const WAIT: OptionSpec[] = [
  { flags: '--wait', description: 'stay until it is done, or has failed' },
  { flags: '--timeout <duration>', description: 'how long to wait; default 1h' },
];

export const builtDefinitions: CommandSpec[] = [
  {
    name: 'scale',
    ...NAME,
    summary: 'Change the number of rented machines, or the hosts, of a cluster that SkyFlow built',
    details: 'The newest workers leave first. Control planes stay, unless their hosts are taken out of the file.',
    examples: [
      ['skyctl cluster scale prod-eu --num-nodes 5 --wait', 'of rented machines'],
      ['skyctl cluster scale prod-eu --hosts hosts.yaml', 'what the file says is what the cluster is built on'],
    ],
    options: [
      { flags: '--num-nodes <number>', description: 'how many machines' },
      { flags: '--hosts <file>', description: 'YAML file of all hosts, - for standard input', complete: 'file' },
      ...WAIT,
    ],
    complete: ['cluster'],
    load: async () => (await import('./changes.js')).scaleCluster,
  },
  {
    name: 'upgrade',
    ...NAME,
    summary: 'Change the Kubernetes version of a cluster that SkyFlow built',
    examples: [['skyctl cluster upgrade prod-eu --kubernetes-version v1.28.12-rancher1-1', 'as the driver names it']],
    options: [{ flags: '--kubernetes-version <version>', description: 'as the driver names it' }, ...WAIT],
    complete: ['cluster'],
    load: async () => (await import('./changes.js')).upgradeCluster,
  },
  {
    name: 'repair',
    ...NAME,
    summary: 'Run the driver again over all machines of a cluster that SkyFlow built',
    details: 'Rented machines that the cloud has taken back are replaced without it.',
    examples: [['skyctl cluster repair prod-eu --wait', 'when hosts were passed over, or something was changed there']],
    options: WAIT,
    complete: ['cluster'],
    load: async () => (await import('./requests.js')).repair,
  },
  {
    name: 'rotate-certificates',
    ...NAME,
    summary: 'Issue the certificates of a cluster anew, under the same authority',
    examples: [['skyctl cluster rotate-certificates prod-eu --wait', 'its agent goes on with the new kubeconfig']],
    options: WAIT,
    complete: ['cluster'],
    load: async () => (await import('./requests.js')).rotateCertificates,
  },
  {
    name: 'snapshot',
    ...NAME,
    summary: 'Take a snapshot of etcd of a cluster that SkyFlow built',
    details: 'It lies on the etcd hosts. skyctl describe cluster NAME lists those that there are.',
    examples: [['skyctl cluster snapshot prod-eu --wait', 'snapshot-1, then snapshot-2 and so on']],
    options: WAIT,
    complete: ['cluster'],
    load: async () => (await import('./requests.js')).snapshot,
  },
  {
    name: 'restore',
    arguments: '<name> <snapshot>',
    argumentDescriptions: { ...NAME.argumentDescriptions, snapshot: 'name of a snapshot that was taken' },
    summary: 'Put a cluster that SkyFlow built back to a snapshot of its etcd',
    details:
      'What was written to the cluster since is lost there; SkyFlow then brings its own workloads back to what they should be.',
    examples: [['skyctl cluster restore prod-eu snapshot-3', 'asks first']],
    options: [{ flags: '-y, --yes', description: 'do not ask; needed where nobody can be asked' }, ...WAIT],
    complete: ['cluster'],
    load: async () => (await import('./requests.js')).restore,
  },
  {
    name: 'pause',
    ...NAME,
    summary: 'Begin nothing new on a cluster that SkyFlow built; what runs comes to its end',
    examples: [['skyctl cluster pause prod-eu', 'for work by hand on its machines']],
    complete: ['cluster'],
    load: async () => (await import('./changes.js')).pauseCluster,
  },
  {
    name: 'resume',
    ...NAME,
    summary: 'End the pause of a cluster',
    examples: [['skyctl cluster resume prod-eu', 'it goes on where it was']],
    complete: ['cluster'],
    load: async () => (await import('./changes.js')).resumeCluster,
  },
];
