/** Answers `logs`: the bytes of a container's log, as they come from the cluster's API. Only of pods that SkyFlow made. */
import type { Readable } from 'node:stream';
import { logsRequestSchema, type LogsRequest } from '@skyflow/contracts';
import { AgentLinkError, type StreamHandler } from '@skyflow/agent-link';
import type { LogOptions } from '@skyflow/kube-client';
import { asLinkError, assertOurs, sessionOf, type ServedCluster } from './pod-of-ours.js';

export function logsHandler(served: ServedCluster): StreamHandler {
  const { cluster } = served;
  return async (request, signal) => {
    const parsed = logsRequestSchema.safeParse(request);
    if (!parsed.success) {
      throw new AgentLinkError('400', `not a request for logs: ${parsed.error.issues[0]?.message ?? 'unknown shape'}`);
    }
    const current = sessionOf(served);
    const { namespace, pod: name } = parsed.data;
    try {
      await assertOurs(current, parsed.data, signal);
      const log = await current.client.logStream({ namespace, name }, { ...optionsOf(parsed.data), signal });
      return passedOn(log, cluster, signal);
    } catch (error) {
      throw asLinkError(cluster, error);
    }
  };
}

/** That the API broke off is not the end of the log: the gateway asks again. */
async function* passedOn(
  log: Readable,
  cluster: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const bytes of log) yield bytes as Buffer;
  } catch (error) {
    signal.throwIfAborted();
    throw new AgentLinkError('503', `cluster ${cluster} broke off the log: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Every parameter of the request but where it goes; what is not given is left out. */
function optionsOf({ namespace: _namespace, pod: _pod, ...options }: LogsRequest): LogOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
