/** Flags of `create cluster --provision`. */
import { CLOUD_PROVIDERS } from '@skyflow/contracts';
import type { OptionSpec } from '../../cli/command-spec.js';

export const PROVISION_OPTIONS: readonly OptionSpec[] = [
  { flags: '--provision', description: 'build the cluster; needs --hosts or --cloud' },
  {
    flags: '--hosts <file>',
    description: 'YAML, - for standard input: hosts with address, user, keyPath, roles',
    complete: 'file',
  },
  {
    flags: '-H, --host <address>',
    description: 'a host, instead of a file of them; repeatable, the first one has the control plane',
    takes: 'list',
    spellings: ['hostname'],
  },
  { flags: '-u, --username <name>', description: 'who logs in on each --host (default root)' },
  {
    flags: '--cloud <name>',
    description:
      'rent machines there: aws, gcp, azure, any; repeatable, or with commas: the cheapest offer of all is taken; docker: containers of this workstation',
    takes: 'list',
    complete: [...CLOUD_PROVIDERS, 'any'],
  },
  {
    flags: '--num-nodes <count>',
    description: 'machines to rent (default 1; 0 with --min-nodes 0: none until work waits for it)',
  },
  {
    flags: '--min-nodes <count>',
    description: 'with --max-nodes: as many as waiting work needs, at least so many; 0: the whole cluster on demand',
  },
  { flags: '--max-nodes <count>', description: 'as many as waiting work needs, at most so many' },
  { flags: '--max-hourly <price>', description: 'with --max-nodes: all machines together cost no more' },
  {
    flags: '--scale-down-after <duration>',
    description: 'with --max-nodes: idle machines (and clusters on demand) go after (default 10m)',
  },
  { flags: '--cpus <count>', description: 'least processors of each (default 4)' },
  { flags: '--memory <amount>', description: 'least memory of each: GiB, or with a unit (default 16)' },
  { flags: '--accelerators <type:count>', description: 'GPUs of each: T4:1', spellings: ['accelerator'] },
  { flags: '--disk-size <amount>', description: 'root disk of each: GiB (default 50)' },
  { flags: '--ports <port>', description: 'opened to the world; repeatable, or with commas', takes: 'list' },
  { flags: '--spot', description: 'cheaper machines that the cloud may take back', spellings: ['use-spot'] },
  {
    flags: '--driver <name>',
    description: 'what makes Kubernetes of the machines: rke (default), k3s, rke2',
    complete: ['rke', 'k3s', 'rke2'],
  },
  { flags: '--kubernetes-version <version>', description: 'as the driver names it (default: its own)' },
  {
    flags: '-k, --ssh-key <file>',
    description: 'private key for hosts that name none',
    spellings: ['ssh-key-path'],
    complete: 'file',
  },
  { flags: '--pod-cidr <range>', description: 'addresses of pods (default: leased, unlike other clusters)' },
  { flags: '--service-cidr <range>', description: 'addresses of services (default: leased)' },
  { flags: '--retain', description: 'leave machines and Kubernetes as they are when the cluster is deleted' },
];

/** Flags that mean nothing without --provision. */
export const PROVISION_ONLY: readonly string[] = PROVISION_OPTIONS.map(
  ({ flags }) => /--([a-z-]+)/.exec(flags)?.[1] ?? '',
).filter((name) => name !== 'provision');
