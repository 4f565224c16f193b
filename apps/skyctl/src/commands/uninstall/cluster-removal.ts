/**
 * Does what a plan says on one cluster: stage by stage, each object by its uid, so that a namesake made since is never touched; then looks
 * again until nothing is left, since an agent that was still running may have put something back.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  isNothing,
  STAGES,
  wordsOf,
  type FoundObject,
  type Release,
  type Removal,
  type RemovalPlan,
} from '@skyflow/domain';
import { KubeApiError, type KubeClient, type KubeObject } from '@skyflow/kube-client';
import { takeInventory } from './cluster-inventory.js';

const LOOK_EVERY_MS = 300;
/** Fields that JSON Patch names in a path (RFC 6901). */
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

export interface RemovalOutcome {
  /** Removed and let go of. */
  readonly removed: number;
  readonly released: number;
  /** What is still there, with the reason. Empty: verified that nothing is. */
  readonly left: readonly string[];
}

/** @throws KubeUnreachableError; what the API refuses is in the outcome. */
export async function removePlanned(
  client: KubeClient,
  plan: RemovalPlan,
  deadline: AbortSignal,
  report: (words: string) => void,
): Promise<RemovalOutcome> {
  const removed = new Set<string>();
  const released = new Set<string>();
  let refusals = new Map<string, string>();
  let current = plan;
  while (!isNothing(current)) {
    refusals = new Map();
    for (const release of current.releases) {
      const refusal = await attempt(() => letGo(client, release, deadline));
      if (refusal === undefined) released.add(keyOf(release.object));
      else refusals.set(wordsOf(release.object), refusal);
    }
    for (const stage of STAGES) {
      const due = current.removals.filter((removal) => removal.stage === stage);
      for (const { object } of due) {
        const refusal = await attempt(() => remove(client, object, deadline));
        if (refusal !== undefined) refusals.set(wordsOf(object), refusal);
        else if (!removed.has(keyOf(object))) {
          removed.add(keyOf(object));
          report(`${wordsOf(object)} deleted`);
        }
      }
      await untilGone(client, due, refusals, deadline);
    }
    if (deadline.aborted || refusals.size > 0) break;
    current = await takeInventory(client, deadline);
  }
  const left = await whatIsLeft(client, refusals);
  return { removed: removed.size, released: released.size, left };
}

/** Undefined: done. Else what the API said. */
async function attempt(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof KubeApiError) return error.message;
    if (error instanceof DOMException && error.name === 'TimeoutError') return 'it took too long';
    throw error;
  }
}

async function remove(client: KubeClient, object: FoundObject, signal: AbortSignal): Promise<void> {
  const { kind, metadata } = object;
  const { uid } = metadata;
  if (uid === undefined) return;
  const held = metadata.finalizers?.filter((each) => each.startsWith('skyflow.io/')) ?? [];
  if (held.length > 0) await patchMarks(client, { object, labels: [], annotations: [], finalizers: held }, signal);
  try {
    // In the foreground: it is gone when what it made is gone.
    await client.delete(kind, metadata, { preconditions: { uid }, propagationPolicy: 'Foreground', signal });
  } catch (error) {
    // Gone, or another of the name: this one is not there any more.
    if (!(error instanceof KubeApiError && (error.code === 404 || error.code === 409))) throw error;
  }
}

const letGo = (client: KubeClient, release: Release, signal: AbortSignal): Promise<void> =>
  patchMarks(client, release, signal);

async function patchMarks(
  client: KubeClient,
  marks: Pick<Release, 'object' | 'labels' | 'annotations' | 'finalizers'> & Partial<Pick<Release, 'managedFields'>>,
  signal: AbortSignal,
): Promise<void> {
  const { kind, metadata } = marks.object;
  const { finalizers = [], resourceVersion } = metadata;
  const patch: object[] = [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    ...marks.labels.map((key) => ({ op: 'remove', path: `/metadata/labels/${escaped(key)}` })),
    ...marks.annotations.map((key) => ({ op: 'remove', path: `/metadata/annotations/${escaped(key)}` })),
  ];
  if (marks.finalizers.length > 0) {
    const others = finalizers.filter((each) => !marks.finalizers.includes(each));
    patch.push({ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion });
    patch.push({ op: 'replace', path: '/metadata/finalizers', value: others });
  }
  if (marks.managedFields !== undefined) {
    patch.push({ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion });
    // An empty list changes nothing; one empty entry takes all away (server-side apply, "Clearing managedFields").
    const left = marks.managedFields.length === 0 ? [{}] : marks.managedFields;
    patch.push({ op: 'replace', path: '/metadata/managedFields', value: left });
  }
  try {
    await client.patch(kind, metadata, patch, { contentType: 'application/json-patch+json', signal });
  } catch (error) {
    // It went, or changed meanwhile: the next look at the cluster sees what it is now.
    if (!(error instanceof KubeApiError && [404, 409, 422].includes(error.code))) throw error;
  }
}

async function untilGone(
  client: KubeClient,
  due: readonly Removal[],
  refusals: ReadonlyMap<string, string>,
  deadline: AbortSignal,
): Promise<void> {
  for (const { object } of due) {
    if (refusals.has(wordsOf(object))) continue;
    while (!deadline.aborted && (await isThere(client, object))) await pause(LOOK_EVERY_MS);
  }
}

async function isThere(client: KubeClient, { kind, metadata }: FoundObject): Promise<boolean> {
  const live = await client.find<KubeObject>(kind, metadata);
  return live !== undefined && live.metadata.uid === metadata.uid;
}

/** Asked anew, without the deadline that may be over. */
async function whatIsLeft(client: KubeClient, refusals: ReadonlyMap<string, string>): Promise<string[]> {
  const { removals, releases } = await takeInventory(client, new AbortController().signal);
  const because = (object: FoundObject): string => {
    const words = wordsOf(object);
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    if (refusals.has(words)) return `${words}: ${refusals.get(words) ?? ''}`;
    if (deletionTimestamp === undefined) return `${words}: it is there again; something still makes it`;
    return `${words}: still being deleted${finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : ''}`;
  };
  return [...removals, ...releases].map(({ object }) => because(object));
}

const keyOf = ({ metadata }: FoundObject): string => metadata.uid ?? metadata.name;
