/** Events as objects of core/v1 and of events.k8s.io/v1: those of the clusters, and SkyFlow's own. Pure. */
import { type KubeObject, LABEL_WORKLOAD_UID, WORKLOAD_KINDS } from '@skyflow/contracts';
import { type LogEvent, timestamp } from '@skyflow/domain';
import { LABEL_CLUSTER, nodeName, podName } from '../mirrors/mirrored-names.js';

/** core/v1 Event. */
export interface EventObject extends KubeObject {
  involvedObject: {
    apiVersion?: string;
    kind?: string;
    namespace?: string;
    name?: string;
    uid?: string;
    fieldPath?: string;
  };
  reason?: string;
  message?: string;
  type?: string;
  count?: number | null;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string };
  source?: { component?: string; host?: string };
  reportingComponent?: string;
  reportingInstance?: string;
  action?: string;
}

/** An event as an agent tells it. */
export interface NativeEvent extends EventObject {
  workload?: string;
}

/**
 * Under the names that its cluster's objects have here. What is about a workload's own native object is about the workload:
 * it has its uid, so that `kubectl describe` finds it.
 */
export function mirroredEvent({ workload, ...event }: NativeEvent, cluster: string): EventObject {
  const { resourceVersion: _version, ownerReferences: _owners, ...metadata } = event.metadata;
  const { involvedObject: about } = event;
  const isWorkload = (WORKLOAD_KINDS as readonly string[]).includes(about.kind ?? '') && workload !== undefined;
  const name =
    about.kind === 'Pod'
      ? podName(about.name ?? '', cluster)
      : about.kind === 'Node'
        ? nodeName(about.name ?? '', cluster)
        : about.name;
  const host = event.source?.host;
  return {
    ...event,
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      ...metadata,
      name: `${event.metadata.name}.${cluster}`,
      labels: labelsOf(cluster, workload),
    },
    involvedObject: { ...about, ...(name === undefined ? {} : { name }), ...(isWorkload ? { uid: workload } : {}) },
    source: { ...event.source, host: host === undefined || host === '' ? cluster : nodeName(host, cluster) },
  };
}

export function ownEvent(event: LogEvent): EventObject {
  const { ref, at, position, index, type, reason, message, actor, cluster } = event;
  const time = timestamp(at);
  const isWorkload = (WORKLOAD_KINDS as readonly string[]).includes(ref.kind);
  const id = index === 0 ? position.toString(16) : `${position.toString(16)}-${index}`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${ref.name}.${id}`,
      // Kubernetes keeps events about what has no namespace in this one.
      namespace: ref.namespace ?? 'default',
      uid: `event-${id}`,
      creationTimestamp: time,
      labels: labelsOf(cluster, isWorkload ? ref.uid : undefined),
    },
    involvedObject: {
      apiVersion: 'skyflow.io/v1',
      kind: ref.kind,
      name: ref.name,
      uid: ref.uid,
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
    },
    reason,
    message,
    type,
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component: actor },
    reportingComponent: actor,
    reportingInstance: '',
  };
}

const labelsOf = (cluster: string | undefined, workload: string | undefined): Record<string, string> => ({
  ...(cluster === undefined ? {} : { [LABEL_CLUSTER]: cluster }),
  ...(workload === undefined ? {} : { [LABEL_WORKLOAD_UID]: workload }),
});

/** When it was seen last. */
export const lastSeenOf = ({ lastTimestamp, series, eventTime, metadata }: EventObject): string =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';

/** The same event with the field names of events.k8s.io/v1. */
export function newerEvent(event: KubeObject): KubeObject {
  const old = event as EventObject;
  const { involvedObject, message, count, firstTimestamp, lastTimestamp, source, reportingComponent, ...rest } = old;
  const controller = reportingComponent ?? '';
  return {
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    regarding: involvedObject,
    ...(message === undefined ? {} : { note: message }),
    eventTime: old.eventTime ?? null,
    reportingController: controller === '' ? (source?.component ?? '') : controller,
    ...(count === undefined || count === null ? {} : { deprecatedCount: count }),
    ...(firstTimestamp === undefined ? {} : { deprecatedFirstTimestamp: firstTimestamp }),
    ...(lastTimestamp === undefined ? {} : { deprecatedLastTimestamp: lastTimestamp }),
    ...(source === undefined ? {} : { deprecatedSource: source }),
  };
}
