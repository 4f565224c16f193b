/** `skyctl describe`: one object after the other, everything about it. */
import type { ApiObject, Cluster, Job, Link, Queue } from '@skyflow/contracts';
import { CliError, renderError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT, exitCodeOfAll } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import { CLUSTER, LINK, QUEUE, SERVICE, isWorkload } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { getObject, listObjects } from '../../gateway/listing.js';
import { targetsFrom } from '../../gateway/targets.js';
import type { Target } from '../../gateway/targets.js';
import type { Service } from '../../output/service-view.js';
import type { Session } from '../../session.js';
import { describeCluster } from './describe-cluster.js';
import { describeMetadata, describeRest } from './describe-object.js';
import { describeLink } from './describe-link.js';
import { describeService } from './describe-service.js';
import { describeQueue } from './describe-queue.js';
import { describeWorkload } from './describe-workload.js';

export const describe: CommandHandler = async (session, call) => {
  const { flags } = call;
  if (flags.on('all-namespaces') && flags.has('namespace')) throw usageError('-A and -n contradict each other');
  const codes: ExitCode[] = [];
  const texts: string[] = [];
  for (const target of await targetsFrom(session, call)) {
    for (const object of await objectsOf(session, target, flags.text('selector'), codes)) {
      texts.push(await textOf(session, target.kind, object));
    }
  }
  if (texts.length > 0) session.terminal.line(texts.join('\n\n'));
  else if (codes.length === 0) session.terminal.note('Nothing found.');
  return exitCodeOfAll(codes);
};

async function objectsOf(
  session: Session,
  { kind, names, namespace: own }: Target,
  labelSelector: string | undefined,
  codes: ExitCode[],
): Promise<ApiObject[]> {
  const gateway = await session.gateway();
  const everywhere = names.length === 0 && session.flags.on('all-namespaces');
  const namespace = kind.namespaced && !everywhere ? (own ?? (await session.namespace())) : undefined;
  if (names.length === 0) {
    const listing = await listObjects(gateway, kind, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    });
    return listing.items.map(({ object }) => object);
  }
  const objects: ApiObject[] = [];
  for (const name of names) {
    try {
      objects.push(await getObject(gateway, kind, namespace, name));
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== EXIT.notFound) throw error;
      session.terminal.note(renderError(error, session.debug));
      codes.push(error.code);
    }
  }
  return objects;
}

async function textOf(session: Session, kind: ResourceKind, object: ApiObject): Promise<string> {
  const head = describeMetadata(object, Date.now());
  const body = isWorkload(kind)
    ? await describeWorkload(session, kind, object as Job)
    : kind === QUEUE
      ? await describeQueue(session, object as Queue)
      : kind === CLUSTER
        ? describeCluster(session, object as Cluster)
        : kind === SERVICE
          ? describeService(session, object as Service)
          : kind === LINK
            ? describeLink(session, object as unknown as Link)
            : await describeRest(object);
  return [head, ...body].join('\n');
}
