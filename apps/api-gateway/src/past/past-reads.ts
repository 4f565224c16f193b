/** Get and list of what was: the same stores and faces as now, over a state of the past. */
import {
  type ListOptions,
  type ListResult,
  type PastReads,
  type RequestContext,
  type ResourceDefinition,
  type ResourceStore,
  StatusError,
  type WatchEvent,
  badRequest,
} from '@skyflow/apimachinery';
import type { KubeObject, ObjectKey } from '@skyflow/contracts';
import type { EventLog } from '@skyflow/event-log';
import type { StateOfThen } from '../api/served-resources.js';
import { ReadModel } from '../store/read-model.js';
import type { PastState, PastStates } from './past-states.js';
import { pastTimeOf } from './past-time.js';

export interface PastReadsOptions {
  log: EventLog;
  states: PastStates;
  /** Undefined: this resource is not in the log. */
  storeOf: (definition: ResourceDefinition, then: StateOfThen) => ResourceStore | undefined;
  /** What has to be in every answer: everything that this gateway has acknowledged. */
  upToDate: () => Promise<unknown>;
}

/** `at` of a request, resolved. */
interface Moment {
  seq: number;
  /** Undefined: when commit `seq` was stored. */
  timeMs: number | undefined;
}

/** A state of the past, for several questions. */
export interface PastView extends StateOfThen {
  nowMs: number;
}

export class Past {
  constructor(private readonly options: PastReadsOptions) {}

  /** For the API machinery. @throws StatusError 400 */
  reads = async (definition: ResourceDefinition, at: string): Promise<PastReads> => {
    const moment = await this.momentOf(at);
    const ref: { nowMs: number } = { nowMs: moment.timeMs ?? 0 };
    const read = <T>(use: (store: ResourceStore) => Promise<T>): Promise<T> =>
      this.options.states.at(moment.seq, (past) => {
        ref.nowMs = moment.timeMs ?? past.atMs;
        const store = this.options.storeOf(definition, { model: modelOf(past, ref.nowMs), seq: moment.seq });
        if (store === undefined) throw notInTheLog(definition);
        return use(store);
      });
    const store = new PastStore(read);
    // Asked for when the answer is written, after the state was made.
    return Object.defineProperty({ store, nowMs: 0 }, 'nowMs', { get: () => ref.nowMs });
  };

  /** Calls back with what was, which is not to be kept. @throws StatusError 400, 410, 429 */
  async at<T>(at: string, use: (view: PastView) => Promise<T>): Promise<T> {
    const { seq, timeMs } = await this.momentOf(at);
    return this.options.states.at(seq, (past) => {
      const nowMs = timeMs ?? past.atMs;
      return use({ model: modelOf(past, nowMs), seq, nowMs });
    });
  }

  /** When then was, ms since the epoch; of a sequence: when its commit was stored. @throws StatusError 400 */
  async timeAt(at: string): Promise<number> {
    const { seq, timeMs } = await this.momentOf(at);
    return timeMs ?? (await this.options.states.timeOf(seq));
  }

  /** Last commit of then. @throws StatusError 400 */
  sequenceAt = async (at: string): Promise<number> => (await this.momentOf(at)).seq;

  /** @throws StatusError 400 */
  private async momentOf(at: string): Promise<Moment> {
    const { log, upToDate } = this.options;
    const time = pastTimeOf(at);
    await upToDate();
    if ('timeMs' in time) {
      const nowMs = Date.now();
      if (time.timeMs > nowMs) {
        const text = `at: ${at} is in the future (it is ${new Date(nowMs).toISOString()}); give a time that has been`;
        throw badRequest(text);
      }
      return { seq: await log.sequenceAt(time.timeMs), timeMs: time.timeMs };
    }
    const head = await log.head();
    if (time.seq > head) {
      throw badRequest(
        `at: sequence ${time.seq} is beyond the end of the log (${head}); a resourceVersion is its sequence × 10,000`,
      );
    }
    return { seq: time.seq, timeMs: undefined };
  }
}

const notInTheLog = ({ plural }: ResourceDefinition): StatusError =>
  badRequest(
    `at: ${plural} are not in the log, so what they were is not known; leave "at" out, or read kinds that are`,
  );

/** Nobody listens to heartbeats of the past: clusters are as the log says that they were. */
function modelOf({ state, atMs }: PastState, nowMs: number): ReadModel {
  const thenMs = Math.max(nowMs, atMs);
  const model = new ReadModel({
    liveness: () => ({
      nowMs: thenMs,
      lastHeartbeatMs: () => undefined,
      listeningSinceMs: thenMs,
      staleAfterMs: Infinity,
    }),
  });
  model.begin(state);
  return model;
}

class PastStore implements ResourceStore {
  constructor(private readonly read: <T>(use: (store: ResourceStore) => Promise<T>) => Promise<T>) {}

  get(key: ObjectKey, context: RequestContext): Promise<KubeObject | undefined> {
    return this.read((store) => store.get(key, context));
  }

  list(options: ListOptions, context: RequestContext): Promise<ListResult> {
    const { atLeast: _atLeast, exactly: _exactly, ...rest } = options;
    return this.read((store) => store.list(rest, context));
  }

  create = (): Promise<KubeObject> => Promise.reject(unchangeable());
  update = (): Promise<KubeObject> => Promise.reject(unchangeable());
  delete = (): Promise<{ object: KubeObject; gone: boolean }> => Promise.reject(unchangeable());

  watch(): AsyncIterable<WatchEvent> {
    throw unchangeable();
  }
}

const unchangeable = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the past does not change: it can be read only');
