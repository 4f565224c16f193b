/** `skyctl create job` and `create deployment`. */
import { deploymentFromFlags, jobFromFlags } from '@skyflow/domain';
import type { WorkloadFlags } from '@skyflow/domain';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { DEPLOYMENT, JOB } from '../../gateway/kinds.js';
import type { Session } from '../../session.js';
import { objectOf } from './flag-problems.js';
import { placementFlagsOf } from './placement-options.js';
import { submit } from './submit.js';

export const createJob: CommandHandler = async (session, call) =>
  await submit(session, call, JOB, objectOf(jobFromFlags(await workloadFlags(session, call))));

export const createDeployment: CommandHandler = async (session, call) =>
  await submit(session, call, DEPLOYMENT, objectOf(deploymentFromFlags(await workloadFlags(session, call))));

async function workloadFlags(session: Session, { args, flags, passThrough }: Invocation): Promise<WorkloadFlags> {
  const given: Partial<Record<(typeof SINGLE)[number][0], string>> = {};
  for (const [field, flag] of SINGLE) {
    const value = flags.text(flag);
    if (value !== undefined) given[field] = value;
  }
  return {
    ...placementFlagsOf(flags),
    ...given,
    name: args[0] ?? '',
    namespace: await session.namespace(),
    command: passThrough,
    envs: flags.pairs('envs'),
    labels: flags.pairs('labels'),
    ports: flags.list('ports'),
    resources: flags.pairs('resources'),
    volumes: flags.pairs('volumes'),
  };
}

/** Flags that are one text each. */
const SINGLE = [
  ['image', 'image'],
  ['run', 'run'],
  ['replicas', 'replicas'],
  ['cpus', 'cpus'],
  ['gpus', 'gpus'],
  ['memory', 'memory'],
  ['accelerators', 'accelerators'],
  ['restartPolicy', 'restart-policy'],
  ['queue', 'queue'],
  ['priorityClass', 'priority-class'],
  ['disk', 'disk'],
  ['policy', 'policy'],
] as const satisfies readonly (readonly [keyof WorkloadFlags, string])[];
