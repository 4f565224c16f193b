/**
 * The pod templates that a workload has had, as `kubectl rollout history` counts them: a template that comes back takes the newest number
 * and leaves its old one. Folded from what users wrote, so nothing is kept for it and nothing of it can get lost.
 */
import type { Entry, StoredObject } from '@skyflow/contracts';
import { canonicalJson } from '../scheduling/fingerprint.js';
import { isRecord } from '../scheduling/pod-spec.js';
import type { HistorySubject } from './history-item.js';

export interface Revision {
  /** From 1; the greatest is what the workload has now. */
  readonly revision: number;
  /** Generation that first had this template under this number. */
  readonly generation: number;
  /** Annotation `kubernetes.io/change-cause` of that generation. */
  readonly changeCause?: string;
  readonly images: readonly string[];
  readonly template: Readonly<Record<string, unknown>>;
}

/** What is folded: of one object, the revisions in order. `W` is whatever the caller wants to know of each entry: who, when. */
export interface RevisionState<W> {
  uid: string;
  revisions: (Revision & W)[];
}

/** So many are remembered; the oldest are forgotten. */
export const REVISIONS_KEPT = 100;

export const initialRevisions = <W>(): RevisionState<W> => ({ uid: '', revisions: [] });

/** Folds one entry; those of other objects change nothing. Changes `state`. */
export function evolveRevisions<W extends object>(
  state: RevisionState<W>,
  { kind, namespace, name }: HistorySubject,
  entry: Entry,
  written: W,
): void {
  if (entry.type !== 'ObjectCreated' && entry.type !== 'ObjectUpdated') return;
  const { object } = entry.data;
  const { metadata } = object;
  if (object.kind !== kind || metadata.name !== name || (metadata.namespace ?? '') !== namespace) return;
  const template = templateIn(object);
  if (template === undefined) return;
  if (state.uid !== metadata.uid) Object.assign(state, { uid: metadata.uid, revisions: [] });
  const text = canonicalJson(template);
  const last = state.revisions.at(-1);
  if (last !== undefined && canonicalJson(last.template) === text) return;
  const others = state.revisions.filter((each) => canonicalJson(each.template) !== text);
  const cause = metadata.annotations?.['kubernetes.io/change-cause'];
  const revision: Revision & W = {
    ...written,
    revision: (last?.revision ?? 0) + 1,
    generation: metadata.generation ?? 1,
    ...(cause === undefined ? {} : { changeCause: cause }),
    images: imagesOf(template),
    template,
  };
  state.revisions = [...others, revision].slice(-REVISIONS_KEPT);
}

function templateIn({ spec }: StoredObject): Record<string, unknown> | undefined {
  return isRecord(spec) && isRecord(spec.template) ? spec.template : undefined;
}

function imagesOf({ spec }: Record<string, unknown>): string[] {
  const containers = isRecord(spec) && Array.isArray(spec.containers) ? (spec.containers as unknown[]) : [];
  return containers.flatMap((each) => (isRecord(each) && typeof each.image === 'string' ? [each.image] : []));
}
