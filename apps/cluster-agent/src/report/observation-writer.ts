/** Appends what the agent saw to its cluster's subject, each entry carrying on the correlation of the work it is about. */
import { entryVersion, observationSubject, type EntryData, type RawEntry } from '@skyflow/contracts';
import { SubjectWriter, type EventLog, type Projection } from '@skyflow/event-log';
import type { AgentState } from '../desired/agent-state.js';

type ObservationType =
  | 'WorkObserved'
  | 'WorkRemoved'
  | 'ClusterObserved'
  | 'NodesObserved'
  | 'EndpointsObserved'
  | 'ServiceObserved'
  | 'PathObserved'
  | 'GatewayObserved'
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
   * @throws LogUnavailableError the log is away; tell again later.
   */
  async write(decide: (state: AgentState) => readonly Observation[]): Promise<void> {
    await this.writer.submit(() => {
      const { state } = this.options.projection;
      return { entries: decide(state).map((observation) => this.entryOf(state, observation)), result: undefined };
    });
  }

  close(withinMs: number): Promise<void> {
    return this.writer.close(withinMs);
  }

  private entryOf(state: AgentState, { type, data }: Observation): RawEntry {
    const origin = 'ref' in data ? state.origins.get(data.ref.uid) : undefined;
    return {
      type,
      v: entryVersion(type),
      at: this.options.nowMs(),
      actor: ACTOR,
      // Of a report about the cluster itself the fold reads here which Cluster object it was for.
      corr: origin?.corr ?? this.options.clusterUid,
      ...(origin === undefined ? {} : { cause: origin.cause }),
      ...(origin?.trace === undefined ? {} : { trace: origin.trace }),
      data,
    };
  }
}
