/**
 * What `logs` of a workload would have printed at a moment of the past: of its pods of then, as far as they are still there, the lines that
 * they had written by then. Clusters keep the log of a pod as long as the pod, and of what ran in it the last two instances; what they do
 * not have any more is said, never made up.
 */
import { type AgentStream, AgentLinkError, openStream } from '@skyflow/agent-link';
import { StatusError, badRequest } from '@skyflow/apimachinery';
import { agentRequestSubject } from '@skyflow/contracts';
import { type ContainerTimes, type InstanceOfThen, instanceOfThen } from '@skyflow/domain';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Past } from '../past/past-reads.js';
import { type ClusterPods, type NativePod, podsByCluster } from './agent-pods.js';
import { LineWriter } from './line-writer.js';
import { linkStatusError } from './link-status-error.js';
import { logUntil, requestUntil } from './log-until.js';
import { type FoundWorkload, clustersOf, findWorkload } from './workload-finder.js';
import { type LogCall, type Source, nameOf, requestOf, sourcesOf } from './workload-logs.js';

/** Where logs are that clusters do not have. */
export const KEPT =
  'a cluster keeps the log of a pod as long as it has the pod, and of a container the last two instances; for older ones it takes a log collector in the cluster';
/** Pods that are named in an error. */
const MOST_NAMED = 5;

interface Then {
  found: FoundWorkload;
  atMs: number;
}

export class PastLogs {
  constructor(
    private readonly nats: NatsConnection,
    private readonly past: Past,
  ) {}

  /** Resolves when everything is written and the response ended. @throws StatusError before anything is written */
  async send(call: LogCall, at: string): Promise<void> {
    if (call.query.follow === true) throw badRequest('follow: the past does not go on; leave "follow" or "at" out');
    const then: Then = await this.past.at(at, async ({ model, nowMs }) => ({
      found: await findWorkload(model, call.path, call.sees),
      atMs: nowMs,
    }));
    const { namespace, uid } = then.found.record;
    const clusters = clustersOf(then.found, call.query.cluster);
    const answers = (await podsByCluster(this.nats, clusters, { namespace, uid }, call.signal)).map((answer) =>
      'error' in answer ? answer : { ...answer, pods: answer.pods.filter((pod) => wasThere(pod, then.atMs)) },
    );
    const read = instancesOf(answers, then, call);
    const gone = goneSince(then, answers);
    if (read.sources.length === 0) throw nothingToRead(then, answers, { ...read, gone }, call);
    const [first] = read.sources;
    const opened = first && this.open(first, then, call);
    if (read.sources.length === 1) await opened?.opened.catch(refused);
    const { response, signal } = call;
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    response.flushHeaders();
    const writer = new LineWriter(response, signal);
    try {
      for (const answer of answers)
        if ('error' in answer) await writer.note(`${answer.cluster}: ${answer.error.message}`);
      for (const pod of gone) await writer.note(`${pod}: the pod is gone, and its log with it`);
      for (const name of read.lost) await writer.note(`${name}: was started again since; the log of then is not kept`);
      for (const source of read.sources)
        await this.copy(
          source,
          source === first && opened ? opened : this.open(source, then, call),
          then,
          call,
          writer,
        );
      response.end();
    } catch (error) {
      if (!signal.aborted) throw error;
      response.destroy();
    }
  }

  private open(source: OpenedSource, { atMs }: Then, call: LogCall): AgentStream {
    const request = requestUntil(requestOf(source, call), timeOf(atMs));
    const asked = source.instance === 'previous' ? { ...request, previous: true } : request;
    return openStream(this.nats, agentRequestSubject(source.cluster, 'logs'), asked, { signal: call.signal });
  }

  private async copy(
    source: OpenedSource,
    stream: AgentStream,
    { atMs }: Then,
    { query, signal }: LogCall,
    writer: LineWriter,
  ): Promise<void> {
    const lines = logUntil(stream, {
      until: timeOf(atMs),
      tailLines: query.tailLines,
      timestamps: query.timestamps,
    });
    try {
      await writer.copy(lines, query.prefix === true ? `[${nameOf(source)}] ` : '');
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AgentLinkError)) throw error;
      await writer.note(`${nameOf(source)}: ${error.message}`);
    }
  }
}

interface OpenedSource extends Source {
  instance: InstanceOfThen;
}

interface Instances {
  sources: OpenedSource[];
  /** Containers whose log of then is not kept. */
  lost: string[];
}

/** With its milliseconds. */
export const timeOf = (atMs: number): string => new Date(atMs).toISOString();

/** Whether a pod that is there now was there then. */
export const wasThere = ({ metadata }: Pick<NativePod, 'metadata'>, atMs: number): boolean =>
  typeof metadata.creationTimestamp !== 'string' || Date.parse(metadata.creationTimestamp) <= atMs;

/** What a container of a pod has told of its instances. */
export function timesOf({ status }: Pick<NativePod, 'status'>, container: string): ContainerTimes | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = (status ?? {}) as Partial<
    Record<'containerStatuses' | 'initContainerStatuses', (ContainerTimes & { name: string })[]>
  >;
  return [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container);
}

function instancesOf(answers: readonly ClusterPods[], { atMs }: Then, { query }: LogCall): Instances {
  const found = answers.flatMap((answer) =>
    answer.pods.flatMap((pod) =>
      sourcesOf([{ ...answer, pods: [pod] }], query.container).map((source) => ({
        ...source,
        instance: instanceOfThen(timesOf(pod, source.container), atMs, query.previous === true),
      })),
    ),
  );
  const named = (wanted: InstanceOfThen): OpenedSource[] => found.filter(({ instance }) => instance === wanted);
  return {
    sources: found.filter(({ instance }) => instance === 'current' || instance === 'previous'),
    lost: named('lost').map(nameOf),
  };
}

/** Pods that the log names as of then and that clusters which answer do not have any more. */
function goneSince({ found }: Then, answers: readonly ClusterPods[]): string[] {
  const there = new Set(
    answers.flatMap(({ cluster, pods }) => pods.map(({ metadata }) => `${cluster}/${metadata.name}`)),
  );
  const heard = new Set(answers.filter((answer) => !('error' in answer)).map(({ cluster }) => cluster));
  return found.workload.shares
    .filter(({ cluster }) => heard.has(cluster))
    .flatMap(({ cluster, observed }) => (observed?.pods ?? []).map(({ name }) => `${cluster}/${name}`))
    .filter((name) => !there.has(name));
}

function refused(error: unknown): never {
  throw linkStatusError(error);
}

function nothingToRead(
  { found, atMs }: Then,
  answers: readonly ClusterPods[],
  { lost, gone }: Instances & { gone: readonly string[] },
  { query: { container } }: LogCall,
): StatusError {
  const what = `${found.record.kind.toLowerCase()} "${found.record.name}"`;
  const when = timeOf(atMs);
  const pods = answers.flatMap((answer) => answer.pods);
  const containers = new Set(pods.flatMap(({ spec }) => (spec?.containers ?? []).map(({ name }) => name)));
  if (container !== undefined && containers.size > 0 && !containers.has(container)) {
    const text = `container ${container} is not in the pods of ${what}; choose one of: ${[...containers].join(', ')}`;
    return badRequest(text);
  }
  const errors = answers.flatMap((answer) => ('error' in answer ? [answer.error.message] : []));
  if (errors.length > 0) {
    const text = `no logs of ${what} at ${when} can be read: ${errors.join('; ')}`;
    return new StatusError(503, 'ServiceUnavailable', text, { retryAfterSeconds: 2 });
  }
  if (gone.length > 0) {
    const text = `the pods that ${what} had at ${when} are gone, and their logs with them (${namesOf(gone)}): ${KEPT}`;
    return new StatusError(410, 'Gone', text);
  }
  if (lost.length > 0) {
    const text = `what ran in ${namesOf(lost)} at ${when} was started again since, and its log is not kept: ${KEPT}`;
    return new StatusError(410, 'Gone', text);
  }
  const { phase, message } = found.status;
  const why = message === undefined ? phase : `${phase}: ${message}`;
  return badRequest(
    `${what} had written nothing at ${when} that is still there: no pod that it has now had started by then (it was ${why}); ${KEPT}`,
  );
}

function namesOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${String(names.length - MOST_NAMED)} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}
