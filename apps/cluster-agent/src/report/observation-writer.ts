/** Appends what the agent saw to its cluster's subject, each entry carrying on the correlation of the work it is about. */
import { entryVersion, observationSubject, type EntryData, type FeatureName, type RawEntry } from '@skyflow/contracts';
import { traceOf, type AgentState } from '@skyflow/domain';
import { SubjectWriter, assertOn, type EventLog, type Projection } from '@skyflow/event-log';
import { followSpan, type Span } from '@skyflow/telemetry';

type ObservationType =
  | 'WorkObserved'
  | 'WorkRemoved'
  | 'ClusterObserved'
  | 'NodesObserved'
  | 'EndpointsObserved'
  | 'ServiceObserved'
  | 'PathObserved'
  | 'GatewayObserved'
  | 'ReachObserved'
  | 'ExportObserved'
  | 'ServiceRemoved';
export type Observation = { [T in ObservationType]: { type: T; data: EntryData<T> } }[ObservationType];

export interface ObservationWriterOptions {
  cluster: string;
  /** uid of the Cluster object. */
  clusterUid: string;
  log: EventLog;
  projection: Projection<AgentState>;
  /** `<service>/<instance>`. */
  writer: string;
  nowMs: () => number;
}

const ACTOR = 'system:cluster-agent';

export class ObservationWriter {
  private readonly writer: SubjectWriter;

  constructor(private readonly options: ObservationWriterOptions) {
    const { cluster, log, projection, writer } = options;
    this.writer = new SubjectWriter({ log, subject: observationSubject(cluster), writer, state: projection });
  }

  /**
   * `decide` is called with everything folded that is on the subject, perhaps more than once; what it gives is appended.
   * @param feature that what is told is part of
   * @throws LogUnavailableError the log is away, or the feature is off; tell again later.
   */
  async write(decide: (state: AgentState) => readonly Observation[], feature?: FeatureName): Promise<void> {
    // Before it is in one commit with what others tell.
    if (feature !== undefined) await assertOn(this.options.log, feature);
    // Of the last decision, which is the one that is appended.
    let spans: Span[] = [];
    try {
      await this.writer.submit(() => {
        const { state } = this.options.projection;
        spans = [];
        const entries = decide(state).map((observation) => {
          const span = this.spanOf(state, observation);
          spans.push(span);
          return this.entryOf(state, observation, span.traceparent);
        });
        return { entries, result: undefined };
      });
    } catch (error) {
      for (const span of spans) span.fail(error);
      throw error;
    } finally {
      for (const span of spans) span.end();
    }
  }

  close(withinMs: number): Promise<void> {
    return this.writer.close(withinMs);
  }

  private spanOf(state: AgentState, { type, data }: Observation): Span {
    const trace = 'ref' in data ? traceOf(state, data.ref.uid, this.options.nowMs()) : undefined;
    const destination = observationSubject(this.options.cluster);
    return followSpan(`report ${type}`, trace, {
      kind: 'producer',
      attributes: {
        'messaging.system': 'nats',
        'messaging.destination.name': destination,
        ...(type === 'WorkObserved' ? { 'skyflow.phase': data.phase } : {}),
      },
    });
  }

  private entryOf(state: AgentState, { type, data }: Observation, trace: string | undefined): RawEntry {
    const origin = 'ref' in data ? state.origins.get(data.ref.uid) : undefined;
    return {
      type,
      v: entryVersion(type),
      at: this.options.nowMs(),
      actor: ACTOR,
      // Of a report about the cluster itself the fold reads here which Cluster object it was for.
      corr: origin?.corr ?? this.options.clusterUid,
      ...(origin === undefined ? {} : { cause: origin.cause }),
      ...(trace === undefined ? {} : { trace }),
      data,
    };
  }
}
