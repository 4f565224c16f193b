/**
 * apps/v1 ReplicaSets of a Deployment, one for each pod template that it has had: what `kubectl rollout history` and `undo`, and
 * `helm --wait`, look for. Derived whenever someone looks; the clusters have ReplicaSets of their own.
 *
 * Replicas are counted where their cluster says which generation it has. Of a cluster in the midst of its own rolling update nobody
 * here knows which pods are new, so its ready ones count as old until it is through.
 */
import { isRolling } from '@skyflow/contracts';
import { fingerprint } from '../../native/fingerprint.js';
import { type StatusBasis, apiObject } from '../api-object.js';
import type { ObjectRecord, ShareRecord } from '../object-record.js';
import { timestamp } from '../sightings.js';
import { firstTemplate } from '../template-history.js';
import type { PastTemplate, TemplateHistory } from '../template-record.js';
import { deploymentToNative } from './native-deployment.js';
import { ANNOTATION_PLACEMENT, ANNOTATION_SCHEDULING, type AnyObject, specOf } from './native-fields.js';
import { ANNOTATION_REVISION } from './revision-annotation.js';

/** Label by which Kubernetes tells the pods of one ReplicaSet from those of another. */
const LABEL_TEMPLATE_HASH = 'pod-template-hash';
const ANNOTATION_DESIRED = 'deployment.kubernetes.io/desired-replicas';

/** Annotations that a ReplicaSet does not take over from its Deployment (pkg/controller/deployment/util). */
const NOT_TAKEN_OVER = ['kubectl.kubernetes.io/last-applied-configuration', ANNOTATION_REVISION, ANNOTATION_DESIRED];

interface Template {
  metadata?: { labels?: Record<string, string> };
}

interface Counted {
  replicas: number;
  ready: number;
}

/** That of the template that the Deployment has now first, then from the latest to the oldest. Empty for other kinds. */
export function replicaSetsOf(record: ObjectRecord, basis: StatusBasis): AnyObject[] {
  if (record.kind !== 'Deployment') return [];
  const deployment = deploymentToNative(apiObject(record, basis));
  const history = record.workload?.templates ?? firstTemplate(record);
  const counts = countsOf(record, history);
  const make = (revision: Pick<PastTemplate, 'revision' | 'at'>, template: Template, then: AnyObject): AnyObject =>
    replicaSet(deployment, then, { ...revision, template, counted: counts.get(revision.revision) ?? NONE });
  return [
    make(history, specOf(deployment).template ?? {}, deployment),
    ...history.past
      .map((past) => make(past, JSON.parse(past.template) as Template, asItWas(deployment, past)))
      .reverse(),
  ];
}

/** Name of the Deployment that a ReplicaSet of this name is of, or would be. */
export function deploymentOfReplicaSet(name: string): string | undefined {
  const dash = name.lastIndexOf('-');
  return dash <= 0 ? undefined : name.slice(0, dash);
}

const NONE: Counted = { replicas: 0, ready: 0 };

interface Made {
  revision: number;
  at: number;
  template: Template;
  counted: Counted;
}

function replicaSet(
  deployment: AnyObject,
  { metadata: { annotations } }: AnyObject,
  { revision, at, template, counted }: Made,
): AnyObject {
  const { name, namespace, uid, resourceVersion } = deployment.metadata;
  const { selector, minReadySeconds, replicas: desired = 1 } = specOf(deployment) as DeploymentFields;
  const hash = templateHash(template);
  const labels = { ...template.metadata?.labels, [LABEL_TEMPLATE_HASH]: hash };
  const kept = Object.entries(annotations ?? {}).filter(([each]) => !NOT_TAKEN_OVER.includes(each));
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      uid: `${uid}-${hash}`,
      resourceVersion,
      generation: 1,
      creationTimestamp: timestamp(at),
      labels,
      annotations: {
        ...Object.fromEntries(kept),
        [ANNOTATION_DESIRED]: String(desired),
        [ANNOTATION_REVISION]: String(revision),
      },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: {
      replicas: counted.replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [LABEL_TEMPLATE_HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: {
      replicas: counted.replicas,
      observedGeneration: 1,
      ...(counted.replicas > 0 ? { fullyLabeledReplicas: counted.replicas } : {}),
      ...(counted.ready > 0 ? { readyReplicas: counted.ready, availableReplicas: counted.ready } : {}),
    },
  };
}

interface DeploymentFields {
  selector?: { matchLabels?: Record<string, string> };
  minReadySeconds?: number;
  replicas?: number;
}

/** With the annotations of then. Where it runs is no part of a revision: an undo leaves it as it is. */
function asItWas(deployment: AnyObject, { annotations }: PastTemplate): AnyObject {
  const now = deployment.metadata.annotations ?? {};
  const placed = [ANNOTATION_PLACEMENT, ANNOTATION_SCHEDULING].flatMap((each) =>
    now[each] === undefined ? [] : [[each, now[each]] as const],
  );
  const then = annotations === '' ? {} : (JSON.parse(annotations) as Record<string, string>);
  return {
    ...deployment,
    metadata: { ...deployment.metadata, annotations: { ...then, ...Object.fromEntries(placed) } },
  };
}

/** Replicas by revision. */
function countsOf({ workload }: ObjectRecord, history: TemplateHistory): ReadonlyMap<number, Counted> {
  const counts = new Map<number, Counted>();
  const previous = history.past.at(-1)?.revision;
  const add = (revision: number, { replicas, ready }: Counted): void => {
    const before = counts.get(revision) ?? NONE;
    counts.set(revision, { replicas: before.replicas + replicas, ready: before.ready + ready });
  };
  for (const share of workload?.shares ?? []) {
    const replicas = share.replicas + share.leaving;
    const ready = share.observed?.ready ?? 0;
    const revision = revisionAt(history, share.observed?.generation ?? history.generation);
    if (revision !== history.revision || previous === undefined || isThrough(share)) add(revision, { replicas, ready });
    else {
      add(revision, { replicas, ready: 0 });
      add(previous, { replicas: 0, ready });
    }
  }
  return counts;
}

const isThrough = ({ observed }: ShareRecord): boolean => observed === undefined || !isRolling(observed);

/** The template that was the object's at a generation; of those forgotten, the oldest that is known. */
function revisionAt(history: TemplateHistory, generation: number): number {
  if (generation >= history.generation) return history.revision;
  const before = history.past.findLast((each) => each.generation <= generation);
  return (before ?? history.past[0] ?? history).revision;
}

/** As Kubernetes writes such hashes: without vowels, so that no words come of it. */
const templateHash = (template: unknown): string =>
  Array.from(fingerprint(template).slice(0, 10), (digit) => HASH_LETTERS[parseInt(digit, 16)]).join('');

const HASH_LETTERS = 'bcdfghjklmnpqrst';
