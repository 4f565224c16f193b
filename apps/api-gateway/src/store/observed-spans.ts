/** The way back, in traces: a span for each report of an agent that this gateway has folded, from when it was stored to when it is served. */
import type { RecordedCommit } from '@skyflow/event-log';
import { followSpan, isTracing } from '@skyflow/telemetry';

/** To be called when the commits are in the read model. */
export function observedSpans(commits: readonly RecordedCommit[]): void {
  if (!isTracing()) return;
  for (const { subject, storedAt, commit, undecoded } of commits) {
    if (undecoded === true) continue; // reports are folded
    for (const { type, trace, data } of commit.entries) {
      if (trace === undefined || (type !== 'WorkObserved' && type !== 'WorkRemoved')) continue;
      const { kind, namespace, name } = data.ref;
      const span = followSpan(`serve ${type}`, trace, {
        kind: 'consumer',
        startedAt: storedAt,
        attributes: {
          'messaging.system': 'nats',
          'messaging.destination.name': subject,
          'skyflow.object.kind': kind,
          'skyflow.object.namespace': namespace,
          'skyflow.object.name': name,
          ...(type === 'WorkObserved' ? { 'skyflow.phase': data.phase } : {}),
        },
      });
      span.end();
    }
  }
}
