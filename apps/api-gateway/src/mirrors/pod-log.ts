/** `kubectl logs <pod>.<cluster>`: the log subresource of mirrored pods, with Kubernetes' parameters. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AgentStream, AgentLinkError } from '@skyflow/agent-link';
import { type LogsRequest, logsRequestSchema } from '@skyflow/contracts';
import { type ConnectHandler, badRequest } from '@skyflow/apimachinery';
import type { AgentLines } from '../agents/agent-lines.js';
import type { PastPodLog } from './past-pod-log.js';
import { FollowedLog, lossOf } from '../workloads/followed-log.js';

/** @param past reads what was to be read then */
export function podLog(lines: AgentLines, past: PastPodLog, stopping: AbortSignal): ConnectHandler {
  return {
    methods: ['GET'],
    readsPast: true,
    handle: async ({ key, query, response }) => {
      const { pod, cluster } = lines.podNamed(key.name);
      const request = requestOf(pod, key.namespace ?? '', query);
      const at = query.get('at');
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      const signal = AbortSignal.any([gone.signal, stopping]);
      const open = (asked: LogsRequest): AgentStream => lines.open(cluster, 'logs', asked, { signal });
      // With a limit there is nothing to go on with after a loss.
      const isFollowed = request.follow === true && request.limitBytes === undefined;
      const then = at === null ? undefined : await past.asked(key, { cluster, request, at }, signal);
      const first = open(then?.request ?? (isFollowed ? { ...request, timestamps: true } : request));
      await first.opened.catch((error: unknown) => {
        throw lines.statusError(error, cluster);
      });
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
      response.flushHeaders();
      const note = (text: string): Promise<void> => write(response, Buffer.from(`# skyflow: ${text}\n`), signal);
      const log = isFollowed
        ? followed({ request, first, open, signal, note, explain: (e) => lines.explain(e, cluster) })
        : (then?.shown(first) ?? first);
      try {
        for await (const bytes of log) await write(response, bytes, signal);
        response.end();
      } catch (error) {
        if (!signal.aborted && error instanceof AgentLinkError) await note(lines.explain(error, cluster));
        else if (!signal.aborted) throw error;
        // Cut, not ended: there is more to come that was not read.
        response.destroy();
      }
    },
  };
}

interface Followed {
  request: LogsRequest;
  first: AgentStream;
  open: (request: LogsRequest) => AgentStream;
  signal: AbortSignal;
  note: (text: string) => Promise<void>;
  explain: (error: AgentLinkError) => string;
}

function followed({ request, first, open, signal, note, explain }: Followed): FollowedLog {
  let opened: AgentStream | undefined = first;
  return new FollowedLog({
    request,
    signal,
    open: (asked) => {
      const stream = opened ?? open(asked);
      opened = undefined;
      return stream;
    },
    // A pod that is gone is refused by its cluster, and that is the end.
    isWanted: () => true,
    onLost: (error) => note(lossOf(new Error(explain(error)))),
    onFoundAgain: () => note('goes on'),
  });
}

async function write(response: ServerResponse, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  if (!response.write(bytes)) await once(response, 'drain', { signal });
}

/** @throws StatusError 400 naming the parameter. */
function requestOf(pod: string, namespace: string, query: URLSearchParams): LogsRequest {
  const flag = (name: string): object => (query.has(name) ? { [name]: query.get(name) !== 'false' } : {});
  const count = (name: string): object => (query.has(name) ? { [name]: Number(query.get(name)) } : {});
  const container = query.get('container');
  const parsed = logsRequestSchema.safeParse({
    namespace,
    pod,
    ...(container === null ? {} : { container }),
    ...flag('follow'),
    ...flag('timestamps'),
    ...flag('previous'),
    ...count('tailLines'),
    ...count('sinceSeconds'),
    ...count('limitBytes'),
    ...(query.has('sinceTime') ? { sinceTime: query.get('sinceTime') } : {}),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badRequest(`${issue?.path.join('.') ?? 'query'}: ${issue?.message ?? 'is not valid'}`);
}
