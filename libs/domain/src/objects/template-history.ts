/**
 * The pod templates that a Deployment had before its own, as Kubernetes keeps them in ReplicaSets: numbered from 1, a template that
 * comes back takes the newest number and leaves its old one, and so many old ones are kept as `spec.revisionHistoryLimit` says.
 */
import type { StoredObject } from '@skyflow/contracts';
import { canonicalJson } from '../scheduling/fingerprint.js';
import { isRecord } from '../scheduling/pod-spec.js';
import type { Interner } from './bounded-cache.js';
import { type ObjectRecord, readMeta } from './object-record.js';
import type { PastTemplate, TemplateHistory } from './template-record.js';

/** Kubernetes' default of revisionHistoryLimit. */
const DEFAULT_LIMIT = 10;
/** More are not kept, whatever the limit says: all of them are in memory. */
export const MOST_PAST_TEMPLATES = 100;

/** What a Deployment has until its template is changed for the first time. */
export const firstTemplate = ({ creationTimestamp }: Pick<ObjectRecord, 'creationTimestamp'>): TemplateHistory => ({
  revision: 1,
  generation: 1,
  at: Date.parse(creationTimestamp),
  past: [],
});

/** The history after `old` became `object`; undefined as long as there is nothing to tell but {@link firstTemplate}. */
export function nextTemplates(
  old: ObjectRecord,
  object: StoredObject,
  at: number,
  texts: Interner,
): TemplateHistory | undefined {
  const before = old.workload?.templates;
  const spec = isRecord(object.spec) ? object.spec : {};
  const template = templateText(spec);
  const left = templateText((JSON.parse(old.body) as { spec?: unknown }).spec);
  const limit = limitOf(spec);
  if (template === left) return before === undefined ? undefined : trimmed(before, limit);
  const { past, ...known } = before ?? firstTemplate(old);
  const annotations = readMeta(old).annotations;
  const leaving: PastTemplate = {
    ...known,
    template: texts.intern(left),
    annotations: annotations === undefined ? '' : texts.intern(JSON.stringify(annotations)),
  };
  return trimmed(
    {
      revision: known.revision + 1,
      generation: object.metadata.generation ?? old.generation,
      at,
      past: [...past, leaving].filter((each) => each.template !== template),
    },
    limit,
  );
}

function trimmed(history: TemplateHistory, limit: number): TemplateHistory {
  return history.past.length <= limit ? history : { ...history, past: limit === 0 ? [] : history.past.slice(-limit) };
}

const templateText = (spec: unknown): string => canonicalJson(isRecord(spec) ? (spec.template ?? {}) : {});

function limitOf({ revisionHistoryLimit: limit }: Record<string, unknown>): number {
  return typeof limit === 'number' && limit >= 0 ? Math.min(limit, MOST_PAST_TEMPLATES) : DEFAULT_LIMIT;
}
