/**
 * How long a workload takes from one stage to the next, by the times in the log: submitted, decided, issued to its cluster, seen there,
 * running there. Pure; kept only for what is under way.
 */
import { observationSubject, workSubject, type Entry } from '@skyflow/contracts';
import { BoundedCache } from '@skyflow/domain';

/**
 * decide: submitted → placed, waiting for room included. issue: placed → the work of the cluster. report: issued → its agent has told of
 * it. run: issued → it runs there, or has run.
 */
export type Stage = 'decide' | 'issue' | 'report' | 'run';

export interface StageTime {
  stage: Stage;
  ms: number;
  /** Traceparent of what ended the stage. */
  trace: string | undefined;
}

interface UnderWay {
  submittedAt: number;
  decidedAt: number | undefined;
  /** Where it was issued and does not run yet, of few clusters. */
  issued: Issued[];
}

interface Issued {
  cluster: string;
  at: number;
  isReported: boolean;
}

const KINDS = new Set(['Job', 'Deployment']);
/** Beyond these or so the oldest are forgotten: those that never come to run. */
const MOST = 100_000;
const RUNNING = new Set(['RUNNING', 'SUCCEEDED']);

export class StageTimes {
  private readonly underWay = new BoundedCache<UnderWay>(MOST);

  /** What the entry ended; nothing of workloads that were submitted before this began to look. */
  take(entry: Entry, subject: string): StageTime[] {
    const { at, trace } = entry;
    switch (entry.type) {
      case 'ObjectCreated': {
        const { kind, metadata } = entry.data.object;
        if (KINDS.has(kind)) this.underWay.set(metadata.uid, { submittedAt: at, decidedAt: undefined, issued: [] });
        return [];
      }
      case 'PlacementDecided': {
        const workload = this.underWay.get(entry.data.ref.uid);
        if (workload === undefined || workload.decidedAt !== undefined || entry.data.placements.length === 0) return [];
        workload.decidedAt = at;
        return [{ stage: 'decide', ms: since(workload.submittedAt, at), trace }];
      }
      case 'WorkAssigned': {
        const workload = this.underWay.get(entry.data.object.metadata.uid);
        const cluster = subject.slice(workSubject('').length);
        if (workload?.decidedAt === undefined || issuedTo(workload, cluster) !== undefined) return [];
        workload.issued.push({ cluster, at, isReported: false });
        return [{ stage: 'issue', ms: since(workload.decidedAt, at), trace }];
      }
      case 'WorkObserved':
        return this.observed(entry.data, subject.slice(observationSubject('').length), at, trace);
      case 'ObjectDeleted':
        this.underWay.delete(entry.data.ref.uid);
        return [];
      default:
        return [];
    }
  }

  private observed(
    { ref, phase }: { ref: { uid: string }; phase: string },
    cluster: string,
    at: number,
    trace: string | undefined,
  ): StageTime[] {
    const workload = this.underWay.get(ref.uid);
    const share = workload === undefined ? undefined : issuedTo(workload, cluster);
    if (workload === undefined || share === undefined) return [];
    const ended: StageTime[] = [];
    if (!share.isReported) ended.push({ stage: 'report', ms: since(share.at, at), trace });
    share.isReported = true;
    if (!RUNNING.has(phase)) return ended;
    workload.issued = workload.issued.filter((each) => each !== share);
    if (workload.issued.length === 0) this.underWay.delete(ref.uid);
    return [...ended, { stage: 'run', ms: since(share.at, at), trace }];
  }
}

const issuedTo = ({ issued }: UnderWay, cluster: string): Issued | undefined =>
  issued.find((each) => each.cluster === cluster);

/** Clocks of two machines may disagree a little. */
const since = (from: number, to: number): number => Math.max(0, to - from);
