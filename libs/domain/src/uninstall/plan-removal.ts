/**
 * What an uninstall does on a member cluster, from what is there: which objects are removed in which order, which are let go of, and
 * which stay though one might expect otherwise, and why. Foreign objects are in no list but as a reason. Pure.
 */
import { FIELD_MANAGER } from '@skyflow/contracts';
import { FINALIZER_REPORT } from '../native/native-names.js';
import { type FoundKind, type FoundObject, type ManagedFields, wordsOf } from './found-object.js';
import { whose } from './whose.js';

/**
 * One stage is gone before the next begins. The agent first, because it would put everything back; namespaces when they are empty; what
 * the agent may do last, because nothing else needs it.
 */
export const STAGES = ['agent', 'workloads', 'other objects', 'namespaces', "the agent's rights"] as const;
export type Stage = (typeof STAGES)[number];

export interface Removal {
  readonly stage: Stage;
  readonly object: FoundObject;
}

/** An object that stays, without what SkyFlow put on it. */
export interface Release {
  readonly object: FoundObject;
  /** Keys of metadata.labels, metadata.annotations, and finalizers that go. */
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  readonly finalizers: readonly string[];
  /** What is left of metadata.managedFields. */
  readonly managedFields: readonly ManagedFields[];
  readonly reason: string;
}

export interface RemovalPlan {
  /** By stage, then by kind and name. */
  readonly removals: readonly Removal[];
  readonly releases: readonly Release[];
  /** Namespaces of SkyFlow or its agent that stay, and why. */
  readonly kept: readonly { readonly object: FoundObject; readonly reason: string }[];
}

/** Whether there is anything to do. */
export const isNothing = ({ removals, releases }: RemovalPlan): boolean =>
  removals.length === 0 && releases.length === 0;

/** Names of namespaces that may go: everything in them must be in what {@link planRemoval} is given. */
export const namespacesInQuestion = (namespaces: readonly FoundObject[]): ReadonlySet<string> =>
  new Set(namespaces.filter((each) => whoseNamespace(each) !== 'foreign').map(({ metadata }) => metadata.name));

/** Whether the plan depends on the object: of a large cluster most need not be kept. */
export function matters(found: FoundObject, inQuestion: ReadonlySet<string>): boolean {
  const of = whose(found);
  if (of !== 'foreign') return of !== 'dependent';
  const { namespace } = found.metadata;
  return isHelmRelease(found) || (namespace !== undefined && inQuestion.has(namespace));
}

/**
 * @param objects namespaces, and of all other kinds at least those that {@link matters}
 * @param unseen kinds that could not be listed
 */
export function planRemoval(objects: readonly FoundObject[], unseen: readonly FoundKind[] = []): RemovalPlan {
  const removals: Removal[] = [];
  const releases: Release[] = [];
  const kept: RemovalPlan['kept'][number][] = [];
  const releaseNames = helmReleases(objects);
  const residents = new Map<string, FoundObject>();
  const namespaces: FoundObject[] = [];
  for (const object of objects) {
    if (object.kind.kind === 'Namespace' && object.kind.group === '') {
      namespaces.push(object);
      continue;
    }
    const of = whose(object);
    if (of === 'skyflow') removals.push({ stage: stageOf(object), object });
    else if (of === 'agent' || isReleaseOf(object, releaseNames)) removals.push({ stage: agentStage(object), object });
    else if (of === 'marked') {
      releases.push(releaseOf(object, 'somebody took it over: it has no label of SkyFlow any more'));
    }
    const stays = of === 'marked' || (of === 'foreign' && !isReleaseOf(object, releaseNames));
    const { namespace } = object.metadata;
    if (stays && namespace !== undefined) residents.set(namespace, residents.get(namespace) ?? object);
  }
  for (const object of namespaces) {
    const of = whoseNamespace(object);
    const reason = reasonToKeep(residents.get(object.metadata.name), unseen);
    if (of === 'foreign') {
      if (whose(object) === 'marked') releases.push(releaseOf(object, 'SkyFlow did not make it'));
    } else if (reason === undefined) {
      removals.push({ stage: of === 'agent' ? "the agent's rights" : 'namespaces', object });
    } else {
      kept.push({ object, reason });
      releases.push(releaseOf(object, reason));
    }
  }
  return { removals: removals.toSorted(byStage), releases: releases.filter(changesAnything), kept };
}

function reasonToKeep(resident: FoundObject | undefined, unseen: readonly FoundKind[]): string | undefined {
  if (resident !== undefined) return `it holds ${wordsOf(resident)}, which SkyFlow did not make`;
  const hidden = unseen.find(({ namespaced }) => namespaced);
  if (hidden === undefined) return undefined;
  const { group, plural } = hidden;
  return `nobody can say whether it is empty: ${plural}${group === '' ? '' : `.${group}`} could not be listed`;
}

/** The agent's manifest made its namespace where nobody but `kubectl apply` had a hand in it, and that with nothing but its name. */
function whoseNamespace(object: FoundObject): 'skyflow' | 'agent' | 'foreign' {
  if (whose(object) === 'skyflow') return 'skyflow';
  const { name, annotations, managedFields = [] } = object.metadata;
  const isAsInManifest =
    name === MANIFEST_NAMESPACE && annotations?.[ANNOTATION_LAST_APPLIED]?.trim() === MANIFEST_APPLIED;
  const isMadeByIt = managedFields.every(
    ({ manager, subresource }) => manager === KUBECTL_APPLY || subresource === 'status',
  );
  return isAsInManifest && isMadeByIt ? 'agent' : 'foreign';
}

const MANIFEST_NAMESPACE = 'skyflow';
const ANNOTATION_LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MANIFEST_APPLIED = '{"apiVersion":"v1","kind":"Namespace","metadata":{"annotations":{},"name":"skyflow"}}';
const KUBECTL_APPLY = 'kubectl-client-side-apply';

/** Pods are taken away by what made them: these first, so that nobody makes a new one of what they refer to. */
const WORKLOADS = new Set(['Deployment', 'Job']);

const stageOf = ({ kind }: FoundObject): Stage => (WORKLOADS.has(kind.kind) ? 'workloads' : 'other objects');
const agentStage = ({ kind }: FoundObject): Stage => (kind.kind === 'Deployment' ? 'agent' : "the agent's rights");

const isHelmRelease = ({ kind, metadata: { labels, name } }: FoundObject): boolean =>
  kind.kind === 'Secret' && labels?.['owner'] === 'helm' && name.startsWith('sh.helm.release.v1.');

/** `namespace/name` of the releases that the agent's objects are of. */
function helmReleases(objects: readonly FoundObject[]): ReadonlySet<string> {
  const names = objects
    .filter((object) => whose(object) === 'agent')
    .map(({ metadata: { annotations } }) => [
      annotations?.['meta.helm.sh/release-namespace'],
      annotations?.['meta.helm.sh/release-name'],
    ])
    .filter((parts): parts is [string, string] => parts.every((part) => part !== undefined));
  return new Set(names.map((parts) => parts.join('/')));
}

const isReleaseOf = (object: FoundObject, releases: ReadonlySet<string>): boolean =>
  isHelmRelease(object) && releases.has(`${object.metadata.namespace ?? ''}/${object.metadata.labels?.['name'] ?? ''}`);

/** Marks of SkyFlow's own on an object that stays: what its field manager owns of the metadata, its finalizer, and its name. */
function releaseOf(object: FoundObject, reason: string): Release {
  const { labels = {}, annotations = {}, finalizers = [], managedFields = [] } = object.metadata;
  const isMark = (key: string): boolean => key.startsWith('skyflow.io/');
  return {
    object,
    labels: Object.keys(labels).filter(isMark),
    annotations: Object.keys(annotations).filter(isMark),
    finalizers: finalizers.filter((each) => each === FINALIZER_REPORT),
    managedFields: managedFields.filter(({ manager }) => manager !== FIELD_MANAGER),
    reason,
  };
}

const changesAnything = ({ object, labels, annotations, finalizers, managedFields }: Release): boolean =>
  labels.length + annotations.length + finalizers.length > 0 ||
  managedFields.length !== (object.metadata.managedFields ?? []).length;

function byStage(a: Removal, b: Removal): number {
  const stages = STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage);
  if (stages !== 0) return stages;
  // The namespace of the agent goes after what is in it.
  const isNamespace = Number(a.object.kind.kind === 'Namespace') - Number(b.object.kind.kind === 'Namespace');
  if (isNamespace !== 0) return isNamespace;
  return wordsOf(a.object) < wordsOf(b.object) ? -1 : 1;
}
