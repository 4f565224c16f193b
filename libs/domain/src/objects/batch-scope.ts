/**
 * Which objects the commands decided for one commit touch. Commands of a batch are all decided against the same state, so two that
 * depend on each other must not be in one; the later one waits for the next commit.
 */
import { isWorkloadKind } from '@skyflow/contracts';
import type { ObjectCommand } from './commands.js';
import { placementClusters } from './refusals.js';

export class BatchScope {
  private readonly touched = new Set<string>();

  /** Whether the command is independent of all admitted before; if so, it is admitted too. */
  admit(command: ObjectCommand): boolean {
    const { kind, namespace, name, clusters } = subjectOf(command);
    const own = objectKey(kind, namespace, name);
    const needed = [own, ...clusters.map((cluster) => objectKey('Cluster', '', cluster))];
    if (namespace !== '') needed.push(objectKey('Namespace', '', namespace));
    if (kind === 'Namespace') needed.push(`in/${name}`);
    if (command.key !== undefined) needed.push(`key/${command.key}`);
    if (needed.some((key) => this.touched.has(key))) return false;
    this.touched.add(own);
    if (namespace !== '') this.touched.add(`in/${namespace}`);
    if (command.key !== undefined) this.touched.add(`key/${command.key}`);
    return true;
  }
}

function subjectOf(command: ObjectCommand): {
  kind: string;
  namespace: string;
  name: string;
  clusters: readonly string[];
} {
  if (command.verb === 'delete') {
    return { kind: command.kind, namespace: command.namespace ?? '', name: command.name, clusters: [] };
  }
  const { kind, metadata, spec } = command.object;
  return { kind, namespace: metadata.namespace ?? '', name: metadata.name, clusters: placementClusters(spec) };
}

/** Jobs and Deployments share names, see takenName(). */
const objectKey = (kind: string, namespace: string, name: string): string =>
  `${isWorkloadKind(kind) ? 'workload' : kind}/${namespace}/${name}`;
