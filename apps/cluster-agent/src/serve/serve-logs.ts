/** Answers `logs`: the bytes of a container's log, as they come from the cluster's API. Only of pods that SkyFlow made. */
import { logsRequestSchema, type LogsRequest } from '@skyflow/contracts';
import { AgentLinkError, type StreamHandler } from '@skyflow/agent-link';
import { isManaged } from '@skyflow/domain';
import { KubeUnreachableError, resources, type KubeObject, type LogOptions } from '@skyflow/kube-client';
import type { ClusterSession } from '../cluster/cluster-session.js';

export interface ServeLogsOptions {
  cluster: string;
  session: () => ClusterSession | undefined;
}

export function logsHandler({ cluster, session }: ServeLogsOptions): StreamHandler {
  return async (request, signal) => {
    const parsed = logsRequestSchema.safeParse(request);
    if (!parsed.success) {
      throw new AgentLinkError('400', `not a request for logs: ${parsed.error.issues[0]?.message ?? 'unknown shape'}`);
    }
    const current = session();
    if (current === undefined) throw new AgentLinkError('503', `cluster ${cluster} cannot be reached; see its status`);
    try {
      await refuseForeign(current, parsed.data, signal);
      return await current.client.logStream(
        { namespace: parsed.data.namespace, name: parsed.data.pod },
        { ...optionsOf(parsed.data), signal },
      );
    } catch (error) {
      if (!(error instanceof KubeUnreachableError)) throw error;
      throw new AgentLinkError('503', `cluster ${cluster} cannot be reached: ${error.message}`, { cause: error });
    }
  };
}

/** A pod that is not ours is none. A pod that the cache does not have may be new. */
async function refuseForeign(session: ClusterSession, request: LogsRequest, signal: AbortSignal): Promise<void> {
  const { namespace, pod: name } = request;
  const cached = session.pods.store.get(`${namespace}/${name}`);
  const pod = cached ?? (await session.client.get<KubeObject>(resources.pods, { namespace, name }, { signal }));
  if (!isManaged(pod)) throw new AgentLinkError('404', `pods "${name}" not found among those that SkyFlow made`);
}

function optionsOf(request: LogsRequest): LogOptions {
  const { container, follow, tailLines, sinceSeconds, timestamps, previous } = request;
  return {
    ...(container === undefined ? {} : { container }),
    ...(follow === undefined ? {} : { follow }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(timestamps === undefined ? {} : { timestamps }),
    ...(previous === undefined ? {} : { previous }),
  };
}
