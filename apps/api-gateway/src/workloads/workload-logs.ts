/**
 * Logs of all pods of a workload over all its clusters as one text. Without `follow` one after the other, by cluster, pod and
 * container; with it all at once, pods that come later too, until the workload has ended or the reader goes.
 * What cannot be read is said in a line of its own; if nothing can be read, with a Status instead.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { type AgentStream, AgentLinkError, openStream } from '@skyflow/agent-link';
import { StatusError } from '@skyflow/apimachinery';
import { agentRequestSubject, type LogsRequest } from '@skyflow/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ReadModel } from '../store/read-model.js';
import { type ClusterPods, podsByCluster } from './agent-pods.js';
import { LineWriter } from './line-writer.js';
import { linkStatusError } from './link-status-error.js';
import { type FoundWorkload, clustersOf, findWorkload, workloadNow } from './workload-finder.js';
import type { LogQuery, WorkloadPath } from './workload-params.js';

/** How often a follower looks for new pods. */
const LOOK_AGAIN_MS = 1_000;

interface Source {
  cluster: string;
  pod: string;
  container: string;
}

export interface LogCall {
  path: WorkloadPath;
  query: LogQuery;
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
    const found = await findWorkload(this.model, call.path);
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
    } catch (error) {
      if (!call.signal.aborted) throw error;
    } finally {
      call.response.end();
    }
  }

  /** A refusal that concerns the only source is the answer; of several, it becomes a line. */
  private async openFirst(sources: readonly Source[], call: LogCall): Promise<AgentStream> {
    const stream = this.open(sources[0] as Source, call);
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

  private async follow(
    call: LogCall,
    sources: readonly Source[],
    first: AgentStream | undefined,
    writer: LineWriter,
  ): Promise<void> {
    const running = new Set<Promise<void>>();
    const known = new Set<string>();
    const begin = (source: Source, stream: AgentStream): void => {
      known.add(nameOf(source));
      const copying = this.copy(source, stream, call, writer).finally(() => running.delete(copying));
      copying.catch(() => undefined);
      running.add(copying);
    };
    for (const [index, source] of sources.entries())
      begin(source, index === 0 && first ? first : this.open(source, call));
    for (;;) {
      await pause(LOOK_AGAIN_MS, undefined, { signal: call.signal });
      const found = workloadNow(this.model, call.path);
      const ended = found === undefined || found.status.phase === 'COMPLETED' || found.status.phase === 'FAILED';
      if (ended && running.size === 0) return;
      if (found === undefined) continue;
      for (const source of sourcesOf(await this.pods(found, call), call.query.container)) {
        if (!known.has(nameOf(source))) begin(source, this.open(source, call));
      }
    }
  }

  private async copy(source: Source, stream: AgentStream, call: LogCall, writer: LineWriter): Promise<void> {
    try {
      await writer.copy(stream, call.query.prefix === true ? `[${nameOf(source)}] ` : '');
    } catch (error) {
      call.signal.throwIfAborted();
      if (!(error instanceof AgentLinkError)) throw error;
      await writer.note(`${nameOf(source)}: ${error.message}`);
    }
  }

  private open({ cluster, pod, container }: Source, { path, query, signal }: LogCall): AgentStream {
    const request: LogsRequest = {
      namespace: path.namespace,
      pod,
      container,
      ...(query.follow === undefined ? {} : { follow: query.follow }),
      ...(query.tailLines === undefined ? {} : { tailLines: query.tailLines }),
      ...(query.sinceSeconds === undefined ? {} : { sinceSeconds: query.sinceSeconds }),
      ...(query.timestamps === undefined ? {} : { timestamps: query.timestamps }),
      ...(query.previous === undefined ? {} : { previous: query.previous }),
    };
    return openStream(this.nats, agentRequestSubject(cluster, 'logs'), request, { signal });
  }

  private pods(found: FoundWorkload, { query, signal }: LogCall): Promise<ClusterPods[]> {
    const { namespace, uid } = found.record;
    return podsByCluster(this.nats, clustersOf(found, query.cluster), { namespace, uid }, signal);
  }
}

const nameOf = ({ cluster, pod, container }: Source): string => `${cluster}/${pod}/${container}`;

function sourcesOf(answers: readonly ClusterPods[], container: string | undefined): Source[] {
  const sources = answers.flatMap(({ cluster, pods }) =>
    pods.flatMap(({ metadata, spec }) =>
      [...(spec?.containers ?? []), ...(container === undefined ? [] : (spec?.initContainers ?? []))]
        .filter(({ name }) => container === undefined || name === container)
        .map(({ name }) => ({ cluster, pod: metadata.name, container: name })),
    ),
  );
  return sources.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
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
