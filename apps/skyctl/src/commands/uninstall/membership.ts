/** The clusters as SkyFlow has them, as far as it can be asked: `uninstall` goes on without it. */
import type { Cluster } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import { CLUSTER, objectPath } from '../../gateway/kinds.js';
import { listObjects } from '../../gateway/listing.js';
import type { Session } from '../../session.js';
import { waitUntilGone } from '../delete/wait-until-gone.js';
import type { Target } from './targets.js';

const GONE_WITHIN_MS = 120_000;

export interface Member {
  name: string;
  uid: string;
}

/** Those of the targets that are members now. Empty when SkyFlow cannot be asked, which is said. */
export async function registeredIn(session: Session, targets: readonly Target[]): Promise<Member[]> {
  const clusters = await clustersOf(session);
  if (typeof clusters === 'string') {
    session.remark(`SkyFlow itself cannot be asked (${clusters}): by the kubeconfig alone`);
    return [];
  }
  const isMeant = ({ metadata, spec }: Cluster): boolean =>
    targets.some(({ name, context }) => metadata.name === name || (context !== '' && spec.context === context));
  return clusters.filter(isMeant).map(({ metadata: { name, uid } }) => ({ name, uid }));
}

/** Clusters whose agents are not run from a workstation. */
export async function membersWithoutContext(session: Session): Promise<string[]> {
  const clusters = await clustersOf(session);
  if (typeof clusters === 'string') return [];
  return clusters.filter(({ spec }) => (spec.context ?? '') === '').map(({ metadata }) => metadata.name);
}

/** @throws CliError when SkyFlow refuses, or the cluster does not go. */
export async function leaveSkyflow(session: Session, members: readonly Member[]): Promise<void> {
  if (members.length === 0) return;
  const gateway = await session.gateway();
  gateway.allowMoves();
  for (const { name, uid } of members) {
    await gateway.json({
      method: 'DELETE',
      path: objectPath(CLUSTER, undefined, name),
      body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid } },
    });
    session.remark(`cluster ${name} is taken out of SkyFlow`);
  }
  const doomed = members.map(({ name }) => ({ kind: CLUSTER, namespace: undefined, name }));
  if (await waitUntilGone(session, doomed, GONE_WITHIN_MS)) return;
  throw new CliError({
    code: EXIT.timeout,
    summary: 'the cluster is still being taken out of SkyFlow; nothing was removed from it',
    hint: 'see "skyctl describe cluster", then do it again',
  });
}

/** Or why it cannot be asked. */
async function clustersOf(session: Session): Promise<Cluster[] | string> {
  try {
    const { items } = await listObjects(await session.gateway(), CLUSTER, {});
    return items.map(({ object }) => object as unknown as Cluster);
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
}
