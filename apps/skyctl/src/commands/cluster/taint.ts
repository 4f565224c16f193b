/** `skyctl cluster taint NAME spot=true:NoSchedule … spot-`. */
import type { ClusterTaint } from '@skyflow/contracts';
import { TAINT_RULE, parseTaint, parseTaintRemoval } from '@skyflow/domain';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { CLUSTER, qualifiedName } from '../../gateway/kinds.js';
import { clustersNamed, patchSpec } from './clusters.js';

export const taint: CommandHandler = async (session, { args: [name = '', ...changes] }) => {
  const gateway = await session.gateway();
  for (const { metadata, spec } of await clustersNamed(gateway, [name])) {
    const taints = changes.reduce((before, change) => changed(before, change, metadata.name), spec.taints ?? []);
    await patchSpec(gateway, metadata.name, { taints: taints.length === 0 ? null : taints });
    session.terminal.line(
      `${qualifiedName(CLUSTER)}/${metadata.name} ${taints.length === 0 ? 'untainted' : 'tainted'}`,
    );
  }
  return EXIT.ok;
};

/** A key has one taint for each effect: one that is set again is replaced. */
function changed(taints: readonly ClusterTaint[], change: string, cluster: string): ClusterTaint[] {
  const removal = parseTaintRemoval(change);
  if (removal !== undefined) {
    const { key, effect } = removal;
    const left = taints.filter((each) => each.key !== key || (effect !== undefined && each.effect !== effect));
    if (left.length < taints.length) return left;
    throw usageError(
      `${change}: the cluster ${cluster} has no such taint`,
      `"skyctl describe cluster ${cluster}" shows those it has`,
    );
  }
  const added = parseTaint(change);
  if (added === undefined) throw usageError(`${change}: ${TAINT_RULE}`, 'a dash at the end takes a taint away: spot-');
  const same = (each: ClusterTaint): boolean => each.key === added.key && each.effect === added.effect;
  if (taints.some((each) => same(each) && each.value === added.value)) return [...taints];
  return [...taints.filter((each) => !same(each)), added];
}
