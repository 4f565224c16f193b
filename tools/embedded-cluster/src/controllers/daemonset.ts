/**
 * DaemonSet controller: one pod on each node that takes it, also on nodes that take nothing else; updates replace as many at a time as
 * may be unavailable. The scheduler binds them; affinity names the node. After pkg/controller/daemon.
 */
import { isDeleting, sameJson, uidOf } from '../model/object-facts.js';
import { isAvailable, isFinished, isReady } from '../model/pod-facts.js';
import type { Node, Pod, Toleration } from '../model/pod.js';
import type { DaemonSet } from '../model/steady-workloads.js';
import { refusals } from '../scheduler/node-fit.js';
import { keepRevisions, REVISION_LABEL, revisionHash } from './controller-revision.js';
import { podFromTemplate } from './pod-from-template.js';
import { type ClusterView, type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';

const SOURCE = 'daemonset-controller';
/** Where nothing else may run, a daemon does (pkg/controller/daemon/util AddOrUpdateDaemonPodTolerations). */
const TOLERATED: readonly Toleration[] = [
  ...['not-ready', 'unreachable'].map((taint): Toleration => tolerated(taint, 'NoExecute')),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((taint): Toleration =>
    tolerated(taint, 'NoSchedule'),
  ),
];

export function reconcileDaemonSet(
  view: ClusterView,
  namespace: string | undefined,
  name: string,
  nowMs: number,
): Outcome {
  const set = view.get('DaemonSet', namespace, name);
  if (set === undefined) return NOTHING;
  const pods = view.controlledBy('Pod', uidOf(set));
  const wanted = view.list('Node').filter((node) => takes(set, node));
  const status = statusOf(set, pods, wanted, nowMs);
  const writes: Write[] = sameJson(status, set.status) ? [] : [{ op: 'updateStatus', object: { ...set, status } }];
  if (isDeleting(set)) return { writes };
  const steps = place(set, pods, wanted);
  writes.push(...keepRevisions(view, set, new Set()), ...steps);
  if (steps.length === 0) writes.push(...renew(set, pods, wanted, nowMs));
  return { writes };
}

function tolerated(taint: string, effect: string): Toleration {
  return { key: `node.kubernetes.io/${taint}`, operator: 'Exists', effect };
}

function daemonPod(set: DaemonSet, node: string): Pod {
  const pod = podFromTemplate(set, set.spec.template, {
    labels: { [REVISION_LABEL]: revisionHash(set), 'pod-template-generation': String(set.metadata.generation ?? 1) },
  });
  const onNode = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  return {
    ...pod,
    spec: {
      ...pod.spec,
      affinity: {
        ...pod.spec.affinity,
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [onNode] } },
      },
      tolerations: [...(pod.spec.tolerations ?? []), ...TOLERATED],
    },
  };
}

/** By the template's own rules; that a node is full is for the scheduler to say. */
function takes(set: DaemonSet, node: Node): boolean {
  const pod = podFromTemplate(set, set.spec.template);
  pod.spec.tolerations = [...(pod.spec.tolerations ?? []), ...TOLERATED];
  return refusals(pod, { node, allocatable: {}, requested: {} }).every((reason) =>
    /^(Insufficient|Too many)/.test(reason),
  );
}

/** The node that a pod runs on, or is for. */
function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms[0]?.matchFields?.[0]?.values?.[0];
}

function place(set: DaemonSet, pods: readonly Pod[], wanted: readonly Node[]): Write[] {
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const taken = new Set(pods.map(nodeOf));
  const surplus = pods.filter((pod) => !isDeleting(pod) && (isFinished(pod) || !names.has(nodeOf(pod) ?? '')));
  return [
    ...surplus.flatMap((pod) => deletion(set, pod)),
    ...[...names]
      .filter((node) => !taken.has(node))
      .map((node): Write => ({ op: 'create', object: daemonPod(set, node), announce: { about: set, source: SOURCE } })),
  ];
}

/** Pods of older templates, as many as may be missing at a time; those that serve nobody first. */
function renew(set: DaemonSet, pods: readonly Pod[], wanted: readonly Node[], nowMs: number): Write[] {
  if (set.spec.updateStrategy?.type === 'OnDelete') return [];
  const old = pods.filter((pod) => !isDeleting(pod) && pod.metadata.labels?.[REVISION_LABEL] !== revisionHash(set));
  const serves = (pod: Pod): boolean => !isDeleting(pod) && isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
  const missing = wanted.length - pods.filter(serves).length;
  const allowed = Math.max(0, maxUnavailable(set, wanted.length) - missing);
  const idle = old.filter((pod) => !serves(pod));
  return [...idle, ...old.filter(serves).slice(0, allowed)].flatMap((pod) => deletion(set, pod));
}

function maxUnavailable(set: DaemonSet, nodes: number): number {
  const bound = set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
  return typeof bound === 'number' ? bound : Math.max(1, Math.ceil((Number.parseInt(bound, 10) * nodes) / 100));
}

const deletion = (set: DaemonSet, pod: Pod): Write[] => [
  { op: 'delete', target: targetOf(pod) },
  {
    op: 'event',
    about: set,
    event: { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}`, source: SOURCE },
  },
];

function statusOf(
  set: DaemonSet,
  pods: readonly Pod[],
  wanted: readonly Node[],
  nowMs: number,
): NonNullable<DaemonSet['status']> {
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const live = pods.filter((pod) => !isDeleting(pod) && names.has(nodeOf(pod) ?? ''));
  const updated = live.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revisionHash(set)).length;
  const available = live.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)).length;
  const missing = names.size - available;
  return {
    currentNumberScheduled: live.length,
    numberMisscheduled: pods.filter((pod) => !isDeleting(pod) && !names.has(nodeOf(pod) ?? '')).length,
    desiredNumberScheduled: names.size,
    numberReady: live.filter(isReady).length,
    observedGeneration: set.metadata.generation ?? 1,
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(missing > 0 ? { numberUnavailable: missing } : {}),
  };
}
