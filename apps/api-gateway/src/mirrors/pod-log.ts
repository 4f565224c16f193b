/** `kubectl logs <pod>.<cluster>`: the log subresource of mirrored pods, with Kubernetes' parameters. */
import { once } from 'node:events';
import { AgentLinkError } from '@skyflow/agent-link';
import { logsRequestSchema } from '@skyflow/contracts';
import { type ConnectHandler, badRequest } from '@skyflow/apimachinery';
import type { AgentLines } from '../agents/agent-lines.js';

export function podLog(lines: AgentLines, stopping: AbortSignal): ConnectHandler {
  return {
    methods: ['GET'],
    handle: async ({ key, query, response }) => {
      const { pod, cluster } = lines.podNamed(key.name);
      const request = requestOf(pod, key.namespace ?? '', query);
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      const signal = AbortSignal.any([gone.signal, stopping]);
      const stream = lines.open(cluster, 'logs', request, { signal });
      await stream.opened.catch((error: unknown) => {
        throw lines.statusError(error, cluster);
      });
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
      response.flushHeaders();
      try {
        for await (const bytes of stream) if (!response.write(bytes)) await once(response, 'drain', { signal });
      } catch (error) {
        if (!signal.aborted && error instanceof AgentLinkError)
          response.write(`# skyflow: ${lines.explain(error, cluster)}\n`);
        else if (!signal.aborted) throw error;
      } finally {
        response.end();
      }
    },
  };
}

/** @throws StatusError 400 naming the parameter. */
function requestOf(pod: string, namespace: string, query: URLSearchParams): object {
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
