/** `skyctl rebalance`: preview, question, and then each workload is asked to move. */
import { ANNOTATION_REBALANCE, type MovePreview, type PreviewedMove } from '@skyflow/contracts';
import { rebalanceText } from '@skyflow/domain';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { DEPLOYMENT, JOB, objectPath, qualifiedName } from '../../gateway/kinds.js';
import { FIELD_MANAGER } from '../create/submit.js';
import { askForPreview, isAgreed, renderPreview } from '../cluster/move-preview.js';
import { read, workloadsNamed } from '../rollout/workloads.js';
import { withinBudget } from './budget.js';

/** What the server lists at most; run it again for the rest. */
const MOST = 5_000;

export const rebalance: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const { terminal } = session;
  const gateway = await session.gateway();
  const named = args.length === 0 ? undefined : await workloadsNamed(session, call);
  // One that is not there is an error, not nothing to do.
  for (const workload of named ?? []) await read(gateway, workload);
  const scope = {
    ...(flags.on('all-namespaces') && named === undefined ? {} : { namespace: await session.namespace() }),
    ...(named && { workloads: named.map(({ kind, name }) => ({ kind: kind.kind, name })) }),
  };
  const preview = withinBudget(
    await askForPreview(gateway, { rebalance: scope }, MOST),
    flags.wholeNumber('max-replicas', 1),
  );
  terminal.line(renderPreview(preview));
  if (flags.on('dry-run') || preview.workloads === 0) return EXIT.ok;
  if (!(await isAgreed(session, flags, preview, `move ${replicasIn(preview)}`))) {
    terminal.note('nothing was changed');
    return EXIT.ok;
  }
  const askedAt = new Date().toISOString();
  for (const move of preview.moves) {
    const kind = move.kind === JOB.kind ? JOB : DEPLOYMENT;
    const annotations = { [ANNOTATION_REBALANCE]: rebalanceText(askedAt, replicasOf(move)) };
    await gateway.json({
      method: 'PATCH',
      path: objectPath(kind, move.namespace, move.name),
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/merge-patch+json',
      body: { metadata: { annotations } },
    });
    terminal.line(`${qualifiedName(kind)}/${move.name} moves ${replicasOf(move)} of its replicas`);
  }
  return EXIT.ok;
};

const replicasOf = ({ from }: PreviewedMove): number => from.reduce((sum, { replicas }) => sum + replicas, 0);

const replicasIn = ({ replicas, workloads }: MovePreview): string =>
  `${replicas} replica${replicas === 1 ? '' : 's'} of ${workloads} workload${workloads === 1 ? '' : 's'}`;
