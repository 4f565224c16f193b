/** `skyctl node`: nodes as the agents of their clusters last reported them. */
import type { ApiObject, Cluster, ClusterNodeStatus } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { CLUSTER, POD } from '../../gateway/kinds.js';
import { listObjects } from '../../gateway/listing.js';
import { capacityLines } from '../../output/resources.js';
import { paintStatus } from '../../output/status-colour.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { fields, section } from '../describe/describe-object.js';
import { topOf } from '../top/top.js';

export interface Node extends ClusterNodeStatus {
  cluster: Cluster;
}

export const listNodes: CommandHandler = async (session, { flags }) => {
  const nodes = await nodesOf(session, flags);
  if (nodes.length === 0) {
    session.terminal.note('No nodes found.');
    return EXIT.ok;
  }
  const rows = nodes.map((node) => [
    node.name,
    node.cluster.metadata.name,
    paintStatus(session.terminal, stateOf(node)),
    capacityLines(node.free, node.allocatable).join('\n'),
    node.zone ?? '-',
    node.cluster.status?.kubernetesVersion ?? '-',
    taintsOf(node).join(', ') || '-',
  ]);
  const columns = ['Name', 'Cluster', 'Status', 'Resources', 'Zone', 'Version', 'Taints'];
  session.terminal.line(renderTable({ columns, rows }, { headers: !flags.on('no-headers') }));
  return EXIT.ok;
};

export const describeNodes: CommandHandler = async (session, { args, flags }) => {
  const nodes = await nodesOf(session, flags);
  // All names are looked up before one is described.
  const found = args.map((name) => nodeNamed(nodes, name));
  const texts: string[] = [];
  for (const node of found) texts.push(await describeNode(session, node));
  session.terminal.line(texts.join('\n\n'));
  return EXIT.ok;
};

export const topNodes: CommandHandler = async (session, call) => await topOf(session, call, 'nodes');

export async function nodesOf(session: Session, flags: Flags): Promise<Node[]> {
  const wanted = flags.text('cluster');
  const { items } = await listObjects(await session.gateway(), CLUSTER, {});
  const clusters = items.map(({ object }) => object as Cluster);
  const chosen = clusters.filter(({ metadata }) => wanted === undefined || metadata.name === wanted);
  if (wanted !== undefined && chosen.length === 0)
    throw notFound(`cluster "${wanted}"`, '"skyctl get clusters" lists them');
  return chosen.flatMap((cluster) => (cluster.status?.nodes ?? []).map((node) => ({ ...node, cluster })));
}

/** @throws CliError for a name that no node has, or that nodes of several clusters have. */
export function nodeNamed(nodes: readonly Node[], name: string): Node {
  const matches = nodes.filter((node) => node.name === name || qualified(node) === name);
  const [node, ...more] = matches;
  if (node === undefined) throw notFound(`node "${name}"`, '"skyctl node list" lists them');
  if (more.length === 0) return node;
  throw new CliError({
    code: EXIT.usage,
    summary: `several clusters have a node "${name}"`,
    hint: `write one of ${matches.map(qualified).join(', ')}`,
  });
}

const notFound = (what: string, hint: string): CliError =>
  new CliError({ code: EXIT.notFound, summary: `there is no ${what}`, hint });

/** As the API names it: node names may have dots, cluster names have none. */
const qualified = ({ name, cluster }: Node): string => `${cluster.metadata.name}.${name}`;

async function describeNode(session: Session, node: Node): Promise<string> {
  const past = session.flags.has('at');
  const selection = { fieldSelector: `spec.nodeName=${qualified(node)}` };
  // Pods are asked of the agents when someone looks: what they were is not in the log.
  const { items } = past ? { items: [] } : await listObjects(await session.gateway(), POD, selection);
  const pods = items.map(({ object }) => object as ApiObject<unknown, { phase?: string }>);
  const rows = pods.map(({ metadata, status }) => [
    metadata.name,
    metadata.namespace ?? '',
    status?.phase ?? 'Unknown',
  ]);
  return [
    fields([
      ['Name', node.name],
      ['Cluster', node.cluster.metadata.name],
      ['Status', paintStatus(session.terminal, stateOf(node))],
      ['Zone', node.zone ?? '<none>'],
      ['Kubernetes', node.cluster.status?.kubernetesVersion ?? '<unknown>'],
      ['Taints', taintsOf(node).join('\n') || '<none>'],
      ['Free/total', capacityLines(node.free, node.allocatable).join('\n')],
    ]),
    ...section(
      "SkyFlow's pods",
      past
        ? '<not known of the past>'
        : rows.length === 0
          ? '<none>'
          : renderTable({ columns: ['Pod', 'Namespace', 'Status'], rows }),
    ),
  ].join('\n');
}

function stateOf({ ready, unschedulable, cluster }: Node): string {
  const state = cluster.status?.phase === 'READY' ? (ready ? 'Ready' : 'NotReady') : 'Unknown';
  return unschedulable === true ? `${state},SchedulingDisabled` : state;
}

const taintsOf = ({ taints = [] }: Node): string[] =>
  taints.map(({ key, value, effect }) => `${key}${value === undefined ? '' : `=${value}`}:${effect}`);
