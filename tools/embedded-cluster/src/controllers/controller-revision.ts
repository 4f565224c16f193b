/** Revisions of stateful sets and daemon sets, kept as ControllerRevisions (pkg/controller/history). */
import { controllerReference, uidOf } from '../model/object-facts.js';
import type { ControllerRevision, DaemonSet, StatefulSet } from '../model/steady-workloads.js';
import type { PodTemplate } from '../model/workloads.js';
import { type ClusterView, type Write, targetOf } from './reconcile.js';
import { templateHash } from './revision.js';

export const REVISION_LABEL = 'controller-revision-hash';

type Owner = StatefulSet | DaemonSet;

const LIMIT = 10;

/** Hash of the template that the set has now. */
export const revisionHash = (owner: Owner): string => templateHash(owner.spec.template, 0);

export const revisionName = (owner: Owner): string => `${owner.metadata.name}-${revisionHash(owner)}`;

export const revisionsOf = (view: ClusterView, owner: Owner): ControllerRevision[] =>
  view.controlledBy('ControllerRevision', uidOf(owner)) as ControllerRevision[];

/** The template of a revision; undefined where it is not kept any more. */
export function templateOf(view: ClusterView, owner: Owner, name: string): PodTemplate | undefined {
  if (name === revisionName(owner)) return owner.spec.template;
  const kept = revisionsOf(view, owner).find(({ metadata }) => metadata.name === name);
  if (kept === undefined) return undefined;
  const { $patch: _how, ...template } = kept.data.spec.template;
  return template;
}

/** Makes the one of now the newest, and drops old ones that nothing uses. */
export function keepRevisions(view: ClusterView, owner: Owner, inUse: ReadonlySet<string>): Write[] {
  const kept = [...revisionsOf(view, owner)].sort((a, b) => a.revision - b.revision);
  const name = revisionName(owner);
  const newest = kept.at(-1)?.revision ?? 0;
  const current = kept.find(({ metadata }) => metadata.name === name);
  const old = kept.filter(({ metadata }) => metadata.name !== name && !inUse.has(metadata.name));
  const surplus = old.slice(0, Math.max(0, old.length - (owner.spec.revisionHistoryLimit ?? LIMIT)));
  const writes = surplus.map((revision): Write => ({ op: 'delete', target: targetOf(revision) }));
  if (current === undefined) writes.push({ op: 'create', object: revisionObject(owner, name, newest + 1) });
  else if (current.revision < newest) writes.push({ op: 'update', object: { ...current, revision: newest + 1 } });
  return writes;
}

const revisionObject = (owner: Owner, name: string, revision: number): ControllerRevision => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: {
    name,
    ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
    labels: { ...owner.spec.template.metadata?.labels, [REVISION_LABEL]: revisionHash(owner) },
    ownerReferences: [controllerReference(owner)],
  },
  data: { spec: { template: { ...owner.spec.template, $patch: 'replace' } } },
  revision,
});
