/** What the nodes of a cluster together have found of another one: nothing counts before all have tried. Pure. */
import type { NodeReport } from '@skyflow/contracts';

export interface NodesVerdict {
  /** Absent: it is not known. */
  ok?: boolean;
  message: string;
}

/** So many are named. */
const NAMED = 3;

export interface NodesAsked {
  reports: readonly NodeReport[];
  /** That are ready. */
  nodes: readonly string[];
  /** Of those, new ones that have time to try yet. */
  excused: ReadonlySet<string>;
  /** The other cluster, and where its gateway is in its pod network. */
  cluster: string;
  inside: string;
}

export function nodesVerdict({ reports, nodes, excused, cluster, inside }: NodesAsked): NodesVerdict {
  const known = new Set(nodes);
  const tried = reports
    .filter(({ node }) => known.has(node))
    .flatMap(({ node, reaches }) =>
      reaches.filter((each) => each.cluster === cluster && each.inside === inside).map((each) => ({ ...each, node })),
    );
  const failed = tried.filter(({ ok }) => !ok);
  const [first] = failed;
  if (first !== undefined) {
    const others = failed.length === 1 ? '' : `, and ${failed.length - 1} more`;
    return { ok: false, message: `${first.node}: ${first.message}${others}` };
  }
  const triers = new Set(tried.map(({ node }) => node));
  const missing = nodes.filter((node) => !triers.has(node) && !excused.has(node)).sort();
  const [some] = tried;
  if (missing.length > 0 || some === undefined) {
    const names = missing.slice(0, NAMED).join(', ');
    const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
    return { message: `${missing.length} of ${nodes.length} nodes have not tried: ${names}${more}` };
  }
  return { ok: true, message: `${tried.length} of ${nodes.length} nodes: ${some.message}` };
}
