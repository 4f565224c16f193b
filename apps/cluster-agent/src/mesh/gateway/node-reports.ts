/**
 * What probes on nodes have told, over a gateway that is started again: it has forgotten what they told the one before, and would turn a proved
 * plane round until they tell again. Pure.
 */
import type { GatewayStatus, NodeReport } from '@skyflow/contracts';

/** Three rounds of a probe. */
export const FORGETFUL_MS = 30_000;

/** @param nowMs since the epoch, as the gateway's `startedAt`. */
export function reportsAfter(
  before: readonly NodeReport[],
  { nodes = [], startedAt }: Pick<GatewayStatus, 'nodes' | 'startedAt'>,
  nowMs: number,
): readonly NodeReport[] {
  if (nowMs - startedAt > FORGETFUL_MS) return nodes;
  const told = new Set(nodes.map(({ node }) => node));
  return [...nodes, ...before.filter(({ node }) => !told.has(node))];
}
