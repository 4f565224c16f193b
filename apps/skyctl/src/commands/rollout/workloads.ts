/** Workloads that a rollout command names, and changes of them. */
import type { ApiObject, DeploymentSpec, JobSpec, WorkloadStatus } from '@skyflow/contracts';
import { usageError } from '../../cli/cli-error.js';
import type { Invocation } from '../../cli/command-spec.js';
import type { Flags } from '../../cli/flags.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { DEPLOYMENT, JOB, objectPath, qualifiedName } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { getObject, listObjects } from '../../gateway/listing.js';
import { type Target, namesFiles, targetsFrom } from '../../gateway/targets.js';
import type { Session } from '../../session.js';
import { FIELD_MANAGER } from '../create/submit.js';

export type Workload = ApiObject & { spec: JobSpec | DeploymentSpec; status?: WorkloadStatus };

export interface NamedWorkload {
  kind: ResourceKind;
  namespace: string;
  name: string;
  /** `deployment.skyflow.io/web`. */
  label: string;
  path: string;
}

/** At least one. @throws CliError for kinds that have no rollouts, and where none is named. */
export async function workloadsNamed(session: Session, call: Invocation): Promise<NamedWorkload[]> {
  const here = await session.namespace();
  const targets = await selected(session, await targetsFrom(session, call), call.flags);
  return targets.flatMap(({ kind, names, namespace = here }) => {
    // Native kinds are other faces of the same objects.
    const own = [DEPLOYMENT, JOB].find((each) => each.kind === kind.kind);
    if (own === undefined) throw usageError(`${kind.plural} have no rollouts`, 'name a deployment or a job');
    if (names.length === 0) throw usageError(`say which ${own.singular}`, `such as ${own.singular}/web`);
    return names.map((name) => ({
      ...{ kind: own, namespace, name, label: `${qualifiedName(own)}/${name}` },
      path: objectPath(own, namespace, name),
    }));
  });
}

/** Kinds without names stand for what -l chooses of them. */
async function selected(session: Session, targets: readonly Target[], flags: Flags): Promise<readonly Target[]> {
  const labelSelector = flags.text('selector');
  if (labelSelector === undefined || namesFiles(flags)) return targets;
  if (targets.some(({ names }) => names.length > 0)) throw usageError('give either names, or -l');
  const [gateway, namespace] = [await session.gateway(), await session.namespace()];
  const found = targets.map(async ({ kind }) => {
    const { items } = await listObjects(gateway, kind, { namespace, labelSelector });
    if (items.length === 0) session.terminal.note(`No ${kind.plural} found.`);
    return { kind, names: items.map(({ object }) => object.metadata.name) };
  });
  return (await Promise.all(found)).filter(({ names }) => names.length > 0);
}

export const isPaused = ({ spec }: Workload): boolean =>
  spec.paused === true || spec.placement?.rollout?.paused === true;

/** @throws CliError if several are named. */
export async function workloadNamed(session: Session, call: Invocation): Promise<NamedWorkload> {
  const [workload, ...more] = await workloadsNamed(session, call);
  if (workload === undefined || more.length > 0)
    throw usageError('name exactly one workload', 'such as deployment/web');
  return workload;
}

export const read = async (gateway: GatewayClient, { kind, namespace, name }: NamedWorkload): Promise<Workload> =>
  (await getObject(gateway, kind, namespace, name)) as Workload;

/** JSON merge patch. */
export async function patch(gateway: GatewayClient, { path }: NamedWorkload, body: object): Promise<void> {
  const contentType = 'application/merge-patch+json';
  await gateway.json({ method: 'PATCH', path, query: { fieldManager: FIELD_MANAGER }, contentType, body });
}
