/**
 * Which objects the commands decided for one commit touch. Commands of a batch are all decided against the same state, so two that
 * depend on each other must not be in one; the later one waits for the next commit.
 */
import { isWorkloadKind } from '@skyflow/contracts';
import type { ObjectCommand } from './commands.js';
import { placementNames } from './placement-refusals.js';

export class BatchScope {
  private readonly touched = new Set<string>();

  /** Whether the commands are independent of all admitted before; if so, they are admitted too. Among each other they are not checked. */
  admit(...commands: readonly ObjectCommand[]): boolean {
    const keys = commands.map(keysOf);
    if (keys.some(({ needs }) => needs.some((key) => this.touched.has(key)))) return false;
    for (const { touches } of keys) for (const key of touches) this.touched.add(key);
    return true;
  }
}

/** What must be untouched before a command, and what it touches. */
function keysOf(command: ObjectCommand): { needs: string[]; touches: string[] } {
  const { kind, namespace, name, clusters, policy } = subjectOf(command);
  const touches = [objectKey(kind, namespace, name)];
  if (command.key !== undefined) touches.push(`key/${command.key}`);
  const needs = [...touches, ...clusters.map((cluster) => objectKey('Cluster', '', cluster))];
  if (policy !== undefined) needs.push(objectKey('PlacementPolicy', namespace, policy));
  if (kind === 'Namespace') needs.push(`in/${name}`);
  if (namespace !== '') {
    needs.push(objectKey('Namespace', '', namespace));
    touches.push(`in/${namespace}`);
  }
  return { needs, touches };
}

function subjectOf(command: ObjectCommand): {
  kind: string;
  namespace: string;
  name: string;
  clusters: readonly string[];
  policy?: string;
} {
  if (command.verb === 'delete') {
    return { kind: command.kind, namespace: command.namespace ?? '', name: command.name, clusters: [] };
  }
  const { kind, metadata, spec } = command.object;
  const { clusters, policy } = placementNames(kind, spec);
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    clusters: clusters.map((each) => each.name),
    ...(policy !== undefined && { policy: policy.name }),
  };
}

/** Jobs and Deployments share names, see takenName(). */
const objectKey = (kind: string, namespace: string, name: string): string =>
  `${isWorkloadKind(kind) ? 'workload' : kind}/${namespace}/${name}`;
