/** Work of the agent in the trace of what it was told to do. */
import type { ObjectRef } from '@skyflow/contracts';
import { type AgentState, traceOf } from '@skyflow/domain';
import { followSpan, inSpan } from '@skyflow/telemetry';

/** Does `work` about an object in a span of the trace that its assignment belongs to; untraced where that has none, or its story is told. */
export function inOrigin<T>(name: string, state: AgentState, ref: ObjectRef, work: () => Promise<T>): Promise<T> {
  const span = followSpan(name, traceOf(state, ref.uid, Date.now()), {
    kind: 'consumer',
    attributes: {
      'skyflow.object.kind': ref.kind,
      'skyflow.object.namespace': ref.namespace,
      'skyflow.object.name': ref.name,
    },
  });
  return inSpan(span, work);
}
