/** Which events a command line means, as selectors. */
import { LABEL_WORKLOAD_UID } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { DEPLOYMENT, JOB, isWorkload, objectPath, type ResourceKind } from '../../gateway/kinds.js';
import type { Selection } from '../../gateway/listing.js';
import { singleTarget } from '../../gateway/targets.js';
import type { Session } from '../../session.js';

/** @throws CliError when there is no such object */
export async function selectionOf(
  session: Session,
  gateway: GatewayClient,
  words: readonly string[],
): Promise<Selection> {
  const { flags } = session;
  const namespace = await session.namespace();
  const labels: string[] = [];
  const fields: string[] = [];
  const cluster = flags.text('cluster');
  const type = flags.text('types');
  if (cluster !== undefined) labels.push(`skyflow.io/cluster=${cluster}`);
  if (type !== undefined) fields.push(`type=${type}`);
  if (words.length > 0) {
    const about = await aboutOf(gateway, namespace, words);
    labels.push(...about.labels);
    fields.push(...about.fields);
  }
  return {
    ...(flags.on('all-namespaces') ? {} : { namespace }),
    ...(labels.length === 0 ? {} : { labelSelector: labels.join(',') }),
    ...(fields.length === 0 ? {} : { fieldSelector: fields.join(',') }),
  };
}

interface About {
  labels: string[];
  fields: string[];
}

/** Of a workload everything that belongs to it, by its uid; of anything else what is about it itself. */
async function aboutOf(gateway: GatewayClient, namespace: string, words: readonly string[]): Promise<About> {
  const [only = ''] = words;
  if (words.length === 1 && !only.includes('/') && only.includes('.')) return byName('Pod', only);
  const { kind, name } = await singleTarget(words, gateway, JOB);
  if (!isWorkload(kind)) return byName(kind.kind, name);
  const bare = words.length === 1 && !only.includes('/');
  try {
    return await byUid(gateway, kind, namespace, name);
  } catch (error) {
    if (!bare || !(error instanceof CliError) || error.code !== EXIT.notFound) throw error;
    return await byUid(gateway, DEPLOYMENT, namespace, name).catch((second: unknown) => {
      throw second instanceof CliError && second.code === EXIT.notFound ? error : second;
    });
  }
}

const byName = (kind: string, name: string): About => ({
  labels: [],
  fields: [`involvedObject.kind=${kind}`, `involvedObject.name=${name}`],
});

async function byUid(gateway: GatewayClient, kind: ResourceKind, namespace: string, name: string): Promise<About> {
  const { body } = await gateway.json<{ metadata: { uid?: string } }>({ path: objectPath(kind, namespace, name) });
  return { labels: [`${LABEL_WORKLOAD_UID}=${body.metadata.uid ?? ''}`], fields: [] };
}
