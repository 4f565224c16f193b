/** `skyctl cluster delete`: preview, question, drain, deletion. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { CLUSTER, objectPath, qualifiedName } from '../../gateway/kinds.js';
import { waitUntilGone } from '../delete/wait-until-gone.js';
import { clustersNamed } from './clusters.js';
import { drainSpec, namesOf, notDone, startDrain, untilDrained } from './drain.js';
import { askForPreview, isAgreed, renderPreview } from './move-preview.js';

const GONE_WITHIN_MS = 60_000;

export const deleteCluster: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  const clusters = await clustersNamed(gateway, args);
  const isAtOnce = flags.on('now');
  const preview = await askForPreview(
    gateway,
    isAtOnce
      ? { deleted: clusters.map(({ metadata }) => ({ kind: CLUSTER.kind, name: metadata.name })) }
      : { objects: clusters.map((cluster) => ({ ...cluster, spec: { ...cluster.spec, ...drainSpec(flags) } })) },
  );
  session.terminal.line(renderPreview(preview));
  if (flags.on('dry-run')) return EXIT.ok;
  if (!(await isAgreed(session, flags, preview, `delete ${namesOf(clusters)}`))) return notDone(session);
  if (!isAtOnce && preview.workloads > 0) {
    await startDrain(session, gateway, clusters, flags);
    const code = await untilDrained(session, gateway, clusters, flags);
    if (code !== EXIT.ok) return code;
  }
  for (const { metadata } of clusters) {
    const { uid } = metadata;
    await gateway.json({
      method: 'DELETE',
      path: objectPath(CLUSTER, undefined, metadata.name),
      body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid } },
    });
    session.terminal.line(`${qualifiedName(CLUSTER)}/${metadata.name} deleted`);
  }
  const doomed = clusters.map(({ metadata }) => ({ kind: CLUSTER, namespace: undefined, name: metadata.name }));
  return (await waitUntilGone(session, doomed, GONE_WITHIN_MS)) ? EXIT.ok : EXIT.timeout;
};
