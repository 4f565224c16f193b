/**
 * The scheduler's part in traces: a span per round, of a trace of its own, linked with those of the workloads that it decided on; and
 * in each of these a span for the decision, which what follows from it names as its parent.
 */
import type { Draft } from '@skyflow/domain';
import { followSpan, isTracing, startSpan, type Attributes, type Span } from '@skyflow/telemetry';

/** OpenTelemetry's limit; a round may decide thousands. */
const MOST_LINKS = 128;

const NAMES: Partial<Record<Draft['type'], string>> = {
  PlacementDecided: 'place',
  EvictionDecided: 'evict',
  EvictionProgressed: 'evict',
  RolloutAdvanced: 'roll out',
  ObjectReleased: 'release',
  WorkAssigned: 'assign work',
  WorkWithdrawn: 'withdraw work',
};

/** Spans of one round; every method may be called where nothing is traced. */
export class RoundSpans {
  private readonly round: Span | undefined;
  private readonly spans = new Map<Draft, Span>();

  /** @param startedAt when the round began to be decided, ms since the epoch */
  constructor(drafts: readonly Draft[], startedAt: number) {
    if (!isTracing()) return;
    const traces = new Set(drafts.flatMap(({ origin }) => (origin?.trace === undefined ? [] : [origin.trace])));
    this.round = startSpan('scheduling round', {
      startedAt,
      links: [...traces].slice(0, MOST_LINKS),
      attributes: { 'skyflow.round.decisions': drafts.length, 'skyflow.round.traces': traces.size },
    });
    const links = this.round.traceparent === undefined ? [] : [this.round.traceparent];
    for (const draft of drafts) {
      const { origin } = draft;
      if (origin?.trace !== undefined) this.spans.set(draft, spanOf(draft, { startedAt, links }));
    }
  }

  /** What the entry of the draft carries: whoever goes on from it goes on from its span. */
  traceOf(draft: Draft): string | undefined {
    return this.spans.get(draft)?.traceparent ?? draft.origin?.trace;
  }

  /** @param failed by draft: why it is not in the log */
  end(failed: (draft: Draft) => unknown): void {
    for (const [draft, span] of this.spans) {
      const error = failed(draft);
      if (error !== undefined) span.fail(error);
      span.end();
    }
    this.round?.end();
  }
}

/** A span for a decision in the trace that it follows from. */
export const spanOf = (
  draft: Draft,
  options: { startedAt?: number; links?: readonly string[]; kind?: 'producer'; attributes?: Attributes } = {},
): Span => {
  const { attributes, ...rest } = options;
  return followSpan(NAMES[draft.type] ?? draft.type, draft.origin?.trace, {
    ...rest,
    attributes: { ...attributesOf(draft), ...attributes },
  });
};

function attributesOf(draft: Draft): Attributes {
  if (!isTracing()) return {};
  const { data } = draft;
  const ref =
    'ref' in data ? data.ref : 'object' in data ? { ...data.object.metadata, kind: data.object.kind } : undefined;
  return {
    ...(ref === undefined
      ? {}
      : {
          'skyflow.object.kind': ref.kind,
          'skyflow.object.namespace': ref.namespace,
          'skyflow.object.name': ref.name,
        }),
    ...(draft.type === 'PlacementDecided'
      ? {
          'skyflow.placements': draft.data.placements.map(({ cluster, replicas }) => `${cluster}=${replicas}`),
          'skyflow.unplaced': draft.data.unplaced,
          'skyflow.reason': draft.data.reason,
        }
      : {}),
  };
}
