/**
 * The pod that the simple flags describe: one container, named like the workload, whose limits are its requests (the seed's
 * rule, which gives pods a guaranteed class and GPUs the limit that Kubernetes demands).
 */
import type { Container, PodTemplate } from '@skyflow/contracts';
import { parseQuantity, quantityProblem } from '../resources/quantity.js';
import { ACCELERATOR_RULE, GPU_RESOURCE, acceleratorAffinity, parseAccelerator } from './accelerators.js';
import type { Accelerator } from './accelerators.js';
import { splitCommas } from './flags.js';
import type { FlagProblems, WorkloadFlags } from './flags.js';
import { volumesFromFlags } from './volumes-from-flags.js';

export const DEFAULT_IMAGE = 'ubuntu:latest';
export const DEFAULT_CPUS = '1';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'] as const;
type RestartPolicy = (typeof RESTART_POLICIES)[number];

export function podTemplateFromFlags(
  flags: WorkloadFlags,
  labels: Record<string, string>,
  problems: FlagProblems,
): PodTemplate {
  const accelerator = acceleratorOf(flags, problems);
  const { volumes, mounts } = volumesFromFlags(flags.volumes ?? [], problems);
  const container: Container = {
    name: flags.name,
    image: flags.image ?? DEFAULT_IMAGE,
    ...present('command', commandOf(flags, problems)),
    ...present('env', envOf(flags, problems)),
    ...present('ports', portsOf(flags, problems)),
    ...present('resources', resourcesOf(flags, accelerator, problems)),
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
  };
  return {
    ...(Object.keys(labels).length > 0 ? { metadata: { labels } } : {}),
    spec: {
      restartPolicy: restartPolicyOf(flags, problems),
      ...(flags.priorityClass === undefined ? {} : { priorityClassName: flags.priorityClass }),
      ...(accelerator ? { affinity: acceleratorAffinity(accelerator) } : {}),
      containers: [container],
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}

function commandOf(flags: WorkloadFlags, problems: FlagProblems): string[] | undefined {
  const command = flags.command ?? [];
  if (flags.run === undefined) return command.length > 0 ? [...command] : undefined;
  if (command.length > 0) {
    problems.add('--run', flags.run, 'cannot be combined with a command after "--"; give one of them');
  }
  return ['/bin/sh', '-c', flags.run];
}

function envOf(flags: WorkloadFlags, problems: FlagProblems): { name: string; value: string }[] | undefined {
  const entries = Object.entries(problems.mapOf('--envs', flags.envs ?? []));
  return entries.length > 0 ? entries.map(([name, value]) => ({ name, value })) : undefined;
}

function portsOf(flags: WorkloadFlags, problems: FlagProblems): Record<string, unknown>[] | undefined {
  const ports = new Map<string, { containerPort: number; protocol: string }>();
  for (const text of splitCommas(flags.ports)) {
    const [portText = '', protocolText = 'TCP', ...more] = text.split('/');
    const protocol = protocolText.toUpperCase();
    const known = PROTOCOLS.includes(protocol) && more.length === 0;
    if (!known) problems.add('--ports', text, 'must be PORT or PORT/PROTOCOL with TCP, UDP or SCTP, such as 8080');
    const containerPort = problems.wholeNumber('--ports', portText, 1, 65_535);
    if (known && containerPort !== undefined) ports.set(`${containerPort}/${protocol}`, { containerPort, protocol });
  }
  return ports.size > 0 ? [...ports.values()] : undefined;
}

function resourcesOf(
  flags: WorkloadFlags,
  accelerator: Accelerator | undefined,
  problems: FlagProblems,
): NonNullable<Container['resources']> | undefined {
  const amounts: Record<string, string> = {};
  const set = (flag: string, resource: string, quantity: string): void => {
    const problem = quantityProblem(quantity);
    if (problem !== undefined) problems.add(flag, quantity, problem);
    else if (parseQuantity(quantity) > 0) amounts[resource] = quantity;
  };
  set('--cpus', 'cpu', flags.cpus ?? DEFAULT_CPUS);
  if (flags.memory !== undefined) set('--memory', 'memory', inMebibytes(flags.memory));
  if (flags.disk !== undefined) set('--disk', 'ephemeral-storage', inMebibytes(flags.disk));
  for (const { key, value } of flags.resources ?? []) set('--resources', key, value);
  const gpus = flags.gpus === undefined ? undefined : problems.wholeNumber('--gpus', flags.gpus);
  const count = accelerator?.count ?? gpus ?? 0;
  if (count > 0) amounts[accelerator?.resource ?? GPU_RESOURCE] = String(count);
  return Object.keys(amounts).length > 0 ? { requests: amounts, limits: { ...amounts } } : undefined;
}

/** The seed counts memory in MB and hands Kubernetes `<number>Mi`. */
const inMebibytes = (memory: string): string => (/^\d+(\.\d+)?$/.test(memory) ? `${memory}Mi` : memory);

function acceleratorOf(flags: WorkloadFlags, problems: FlagProblems): Accelerator | undefined {
  if (flags.accelerators === undefined) return undefined;
  const accelerator = parseAccelerator(flags.accelerators);
  if (accelerator === undefined) problems.add('--accelerators', flags.accelerators, ACCELERATOR_RULE);
  else if (flags.gpus !== undefined && Number(flags.gpus) !== accelerator.count && Number(flags.gpus) !== 0) {
    problems.add('--gpus', flags.gpus, `contradicts --accelerators ${flags.accelerators}; give one of them`);
  }
  return accelerator;
}

function restartPolicyOf(flags: WorkloadFlags, problems: FlagProblems): RestartPolicy {
  const text = flags.restartPolicy ?? 'Always';
  const policy = RESTART_POLICIES.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (policy === undefined) problems.add('--restart-policy', text, `must be one of ${RESTART_POLICIES.join(', ')}`);
  return policy ?? 'Always';
}

const present = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;
