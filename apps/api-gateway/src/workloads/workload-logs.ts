/**
 * Logs of all pods of a workload over all its clusters as one text. Without `follow` one after the other, by cluster, pod and
 * container; with it all at once, pods that come later too, over lost agents and restarts, until the workload has ended or the
 * reader goes.
 * What cannot be read is said in a line of its own; if nothing can be read, with a Status instead.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { type AgentStream, AgentLinkError, WINDOW_BYTES, openStream } from '@skyflow/agent-link';
import { StatusError } from '@skyflow/apimachinery';
import { agentRequestSubject, type LogsRequest } from '@skyflow/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ReadModel } from '../store/read-model.js';
import { type ClusterPods, type NativePod, podsByCluster } from './agent-pods.js';
import { FollowedLog, lossOf } from './followed-log.js';
import { LineWriter } from './line-writer.js';
import { linkStatusError } from './link-status-error.js';
import { type FoundWorkload, type Sees, clustersOf, findWorkload, workloadNow } from './workload-finder.js';
import type { LogQuery, WorkloadPath } from './workload-params.js';

/** How often a follower looks for new pods. */
const LOOK_AGAIN_MS = 1_000;
/** What may wait in memory for one slow reader, of all the containers that are followed for it. */
const WAITING_BYTES = 8 << 20;
const LEAST_WINDOW_BYTES = 16 << 10;

/** A container whose log is read. */
export interface Source {
  cluster: string;
  pod: string;
  container: string;
  /** How often the container was started again. */
  restarts: number;
}

export interface LogCall {
  path: WorkloadPath;
  query: LogQuery;
  /** Of the clusters, those that the reader may see. */
  sees: Sees;
  response: ServerResponse;
  /** Aborts when the reader is gone or the gateway stops. */
  signal: AbortSignal;
}

export class WorkloadLogs {
  constructor(
    private readonly nats: NatsConnection,
    private readonly model: ReadModel,
  ) {}

  /** Resolves when everything is written and the response ended. @throws StatusError before anything is written. */
  async send(call: LogCall): Promise<void> {
    const found = await findWorkload(this.model, call.path, call.sees);
    const answers = await this.pods(found, call);
    const sources = sourcesOf(answers, call.query.container);
    if (sources.length === 0 && call.query.follow !== true) throw nothingToRead(found, answers, call.query);
    const first = sources[0] && (await this.openFirst(sources, call));
    call.response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    call.response.flushHeaders();
    const writer = new LineWriter(call.response, call.signal);
    try {
      for (const answer of answers)
        if ('error' in answer) await writer.note(`${answer.cluster}: ${answer.error.message}`);
      if (call.query.follow === true) await this.follow(call, sources, first, writer);
      else await this.readAll(call, sources, first, writer);
      call.response.end();
    } catch (error) {
      if (!call.signal.aborted) throw error;
      // Cut, not ended: a reader that is still there must see that there is more, and may come again.
      call.response.destroy();
    }
  }

  /** A refusal that concerns the only source is the answer; of several, it becomes a line. */
  private async openFirst(sources: readonly Source[], call: LogCall): Promise<AgentStream> {
    const stream = this.open(sources[0] as Source, call, call.query.follow === true ? sources.length : 1);
    try {
      await stream.opened;
    } catch (error) {
      if (sources.length === 1 && call.query.follow !== true) throw linkStatusError(error);
    }
    return stream;
  }

  private async readAll(
    call: LogCall,
    sources: readonly Source[],
    first: AgentStream | undefined,
    writer: LineWriter,
  ): Promise<void> {
    for (const [index, source] of sources.entries()) {
      await this.copy(source, index === 0 && first ? first : this.open(source, call), call, writer);
    }
  }

  /** Containers that come later too, and containers that were started again. */
  private async follow(
    call: LogCall,
    sources: readonly Source[],
    first: AgentStream | undefined,
    writer: LineWriter,
  ): Promise<void> {
    const running = new Set<Source>();
    const known = new Map<string, { log: FollowedLog; restarts: number }>();
    const begin = (source: Source, log: FollowedLog): void => {
      known.set(nameOf(source), { log, restarts: source.restarts });
      running.add(source);
      void this.copy(source, log, call, writer)
        .catch(() => undefined)
        .finally(() => running.delete(source));
    };
    const count = sources.length;
    for (const [index, source] of sources.entries())
      begin(source, this.followed(source, call, writer, count, index === 0 ? first : undefined));
    for (;;) {
      await pause(LOOK_AGAIN_MS, undefined, { signal: call.signal });
      const found = workloadNow(this.model, call.path, call.sees);
      const ended = found === undefined || found.status.phase === 'COMPLETED' || found.status.phase === 'FAILED';
      if (ended && running.size === 0) return;
      if (found === undefined) continue;
      const now = sourcesOf(await this.pods(found, call), call.query.container);
      for (const source of now) {
        const before = known.get(nameOf(source));
        if (before === undefined) begin(source, this.followed(source, call, writer, now.length));
        else if (source.restarts > before.restarts && !isAmong(running, source)) begin(source, before.log);
      }
    }
  }

  private followed(source: Source, call: LogCall, writer: LineWriter, count: number, first?: AgentStream): FollowedLog {
    let opened = first;
    return new FollowedLog({
      request: requestOf(source, call),
      open: (request) => {
        const stream = opened ?? this.openRequest(source.cluster, request, call, count);
        opened = undefined;
        return stream;
      },
      signal: call.signal,
      isWanted: () => workloadNow(this.model, call.path) !== undefined,
      onLost: (error) => writer.note(`${nameOf(source)}: ${lossOf(error)}`),
      onFoundAgain: () => writer.note(`${nameOf(source)}: goes on`),
    });
  }

  private async copy(
    source: Source,
    lines: AsyncIterable<Uint8Array>,
    call: LogCall,
    writer: LineWriter,
  ): Promise<void> {
    try {
      await writer.copy(lines, call.query.prefix === true ? `[${nameOf(source)}] ` : '');
    } catch (error) {
      call.signal.throwIfAborted();
      if (!(error instanceof AgentLinkError)) throw error;
      await writer.note(`${nameOf(source)}: ${error.message}`);
    }
  }

  private open(source: Source, call: LogCall, count = 1): AgentStream {
    const request = requestOf(source, call);
    // Of a followed log every line is read with its time, to go on after it.
    return this.openRequest(
      source.cluster,
      call.query.follow === true ? { ...request, timestamps: true } : request,
      call,
      count,
    );
  }

  /** @param count of streams that are open at once: a slow reader makes each of them wait with a window full of bytes. */
  private openRequest(cluster: string, request: LogsRequest, { signal }: LogCall, count: number): AgentStream {
    const windowBytes = Math.min(WINDOW_BYTES, Math.max(LEAST_WINDOW_BYTES, Math.floor(WAITING_BYTES / count)));
    return openStream(this.nats, agentRequestSubject(cluster, 'logs'), request, { signal, windowBytes });
  }

  private pods(found: FoundWorkload, { query, signal }: LogCall): Promise<ClusterPods[]> {
    const { namespace, uid } = found.record;
    return podsByCluster(this.nats, clustersOf(found, query.cluster), { namespace, uid }, signal);
  }
}

const isAmong = (sources: ReadonlySet<Source>, wanted: Source): boolean =>
  [...sources].some((source) => nameOf(source) === nameOf(wanted));

export function requestOf(
  { pod, container }: Pick<Source, 'pod' | 'container'>,
  { path, query }: LogCall,
): LogsRequest {
  const { follow, tailLines, sinceSeconds, sinceTime, timestamps, previous } = query;
  return {
    namespace: path.namespace,
    pod,
    container,
    ...(follow === undefined ? {} : { follow }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(sinceTime === undefined ? {} : { sinceTime }),
    ...(timestamps === undefined ? {} : { timestamps }),
    ...(previous === undefined ? {} : { previous }),
  };
}

export const nameOf = ({ cluster, pod, container }: Omit<Source, 'restarts'>): string =>
  `${cluster}/${pod}/${container}`;

export function sourcesOf(answers: readonly ClusterPods[], container: string | undefined): Source[] {
  const sources = answers.flatMap(({ cluster, pods }) =>
    pods.flatMap(({ metadata, spec, status }) =>
      [...(spec?.containers ?? []), ...(container === undefined ? [] : (spec?.initContainers ?? []))]
        .filter(({ name }) => container === undefined || name === container)
        .map(({ name }) => ({ cluster, pod: metadata.name, container: name, restarts: restartsOf(status, name) })),
    ),
  );
  return sources.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function restartsOf(status: NativePod['status'], container: string): number {
  const { containerStatuses = [] } = (status ?? {}) as {
    containerStatuses?: { name: string; restartCount?: number }[];
  };
  return containerStatuses.find(({ name }) => name === container)?.restartCount ?? 0;
}

/** Why there is nothing: no such container, no agent that answers, or no pods yet. */
function nothingToRead(found: FoundWorkload, answers: readonly ClusterPods[], { container }: LogQuery): StatusError {
  const what = `${found.record.kind.toLowerCase()} "${found.record.name}"`;
  const names = new Set(
    answers.flatMap(({ pods }) => pods.flatMap(({ spec }) => (spec?.containers ?? []).map((c) => c.name))),
  );
  if (container !== undefined && names.size > 0) {
    const message = `container ${container} is not in the pods of ${what}; choose one of: ${[...names].join(', ')}`;
    return new StatusError(400, 'BadRequest', message);
  }
  const errors = answers.flatMap((answer) => ('error' in answer ? [answer.error.message] : []));
  if (errors.length > 0) {
    return new StatusError(503, 'ServiceUnavailable', `no logs of ${what} can be read: ${errors.join('; ')}`, {
      retryAfterSeconds: 2,
    });
  }
  const { phase, message } = found.status;
  const why = message === undefined ? phase : `${phase}: ${message}`;
  return new StatusError(400, 'BadRequest', `${what} has no pods to read logs of (${why})`);
}
