/** `kubectl logs <pod>.<cluster>` of the past (`?at=`): the lines that the pod had written by then, if it is still there. */
import type { LogsRequest, ObjectKey } from '@skyflow/contracts';
import { instanceOfThen } from '@skyflow/domain';
import { StatusError, badRequest } from '@skyflow/apimachinery';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Past } from '../past/past-reads.js';
import { type NativePod, podsByCluster } from '../workloads/agent-pods.js';
import { logUntil, requestUntil } from '../workloads/log-until.js';
import { KEPT, timeOf, timesOf, wasThere } from '../workloads/past-logs.js';
import { isNamedIn } from './past-pods.js';

interface Asked {
  cluster: string;
  request: LogsRequest;
  at: string;
}

/** How the log of then is read. */
export interface LogOfThen {
  /** What the agent is to be asked for. */
  request: LogsRequest;
  /** Of what it sends. */
  shown: (stream: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

export class PastPodLog {
  constructor(
    private readonly nats: NatsConnection,
    private readonly past: Past,
  ) {}

  /** @throws StatusError 400, 404, 410, 503 */
  async asked(key: ObjectKey, { cluster, request, at }: Asked, signal: AbortSignal): Promise<LogOfThen> {
    if (request.follow === true) throw badRequest('follow: the past does not go on; leave "follow" or "at" out');
    const atMs = await this.past.timeAt(at);
    const pod = await this.podNow(cluster, request, signal);
    if (pod === undefined || !wasThere(pod, atMs)) throw await this.notThere(key, { cluster, request, at }, atMs);
    const { container = pod.spec?.containers?.[0]?.name ?? '', tailLines, timestamps, limitBytes } = request;
    const instance = instanceOfThen(timesOf(pod, container), atMs, request.previous === true);
    const until = timeOf(atMs);
    if (instance === 'lost') {
      const text = `what ran in container ${container} of pod "${key.name}" at ${until} was started again since, and its log is not kept: ${KEPT}`;
      throw new StatusError(410, 'Gone', text);
    }
    if (instance === 'none') {
      const before = request.previous === true ? 'had not been started again' : 'had not started';
      throw badRequest(`container ${container} of pod "${key.name}" ${before} at ${until}; ask for a later time`);
    }
    const sent = requestUntil(request, until);
    return {
      request: instance === 'previous' ? { ...sent, previous: true } : sent,
      shown: (stream) => atMost(logUntil(stream, { until, tailLines, timestamps }), limitBytes),
    };
  }

  /** @throws StatusError 503 */
  private async podNow(
    cluster: string,
    { namespace, pod }: LogsRequest,
    signal: AbortSignal,
  ): Promise<NativePod | undefined> {
    const [answer] = await podsByCluster(this.nats, [cluster], { namespace }, signal);
    if (answer === undefined || 'error' in answer) {
      const text = answer === undefined ? `cluster ${cluster} does not answer` : answer.error.message;
      throw new StatusError(503, 'ServiceUnavailable', text, { retryAfterSeconds: 2 });
    }
    return answer.pods.find(({ metadata }) => metadata.name === pod);
  }

  private async notThere(key: ObjectKey, { cluster, request, at }: Asked, atMs: number): Promise<StatusError> {
    const { pod, namespace } = request;
    const wasNamed = await this.past.at(at, ({ model }) =>
      Promise.resolve(isNamedIn(model, { cluster, namespace, pod })),
    );
    const when = timeOf(atMs);
    if (wasNamed)
      return new StatusError(410, 'Gone', `pod "${key.name}" of ${when} is gone, and its log with it: ${KEPT}`);
    const text = `pods "${key.name}" not found: nothing tells that it was there at ${when}; "skyctl get pods --at" has those that were`;
    return new StatusError(404, 'NotFound', text, { name: key.name, kind: 'pods' });
  }
}

async function* atMost(source: AsyncIterable<Buffer>, most: number | undefined): AsyncGenerator<Buffer> {
  let left = most ?? Infinity;
  for await (const bytes of source) {
    yield bytes.subarray(0, Math.min(left, bytes.length));
    left -= bytes.length;
    if (left <= 0) return;
  }
}
