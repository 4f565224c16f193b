/** Makes a Cluster object in SkyFlow for each kube context that never had one. */
import { API_VERSION } from '@skyflow/contracts';
import { KubeApiError, type KubeClient, type KubeObject } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';
import { contextKey, hashedName, nameContexts, type FoundContext } from './context-names.js';
import { CLUSTERS, specOf } from './clusters.js';
import type { SupervisorMemory } from './supervisor-memory.js';

export interface RegistrarOptions {
  client: KubeClient;
  memory: SupervisorMemory;
  logger: Logger;
}

export class Registrar {
  private readonly said = new Map<string, string>();

  constructor(private readonly options: RegistrarOptions) {}

  /**
   * One pass. `clusters` are the Cluster objects that exist; it is called only when that is known. False: some context could not be
   * registered, try again.
   */
  async register(
    found: readonly FoundContext[],
    clusters: readonly KubeObject[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { memory, logger } = this.options;
    const names = nameContexts(found);
    let isComplete = true;
    for (const one of found) {
      const key = contextKey(one);
      if (memory.isRegistered(key)) continue;
      try {
        const name = names.get(key) ?? hashedName(one);
        if (!clusters.some((cluster) => isFor(cluster, one))) await this.create(name, one, signal);
        await memory.register(key);
        this.said.delete(key);
      } catch (error) {
        if (signal.aborted) return false;
        isComplete = false;
        const { message } = error as Error;
        if (this.said.get(key) !== message)
          logger.warn({ ...one, detail: message }, 'a cluster could not be registered');
        this.said.set(key, message);
      }
    }
    return isComplete;
  }

  private async create(name: string, found: FoundContext, signal: AbortSignal): Promise<void> {
    const { client, logger } = this.options;
    const object = (as: string) => ({
      apiVersion: API_VERSION,
      kind: 'Cluster',
      metadata: { name: as },
      spec: { manager: 'k8', context: found.context, kubeconfig: found.path },
    });
    try {
      await client.create(CLUSTERS, object(name), { signal });
      logger.info({ name, ...found }, 'cluster registered');
    } catch (error) {
      if (!(error instanceof KubeApiError && error.reason === 'AlreadyExists')) throw error;
      // The name is taken: by this context after all (the answer of an earlier try was lost), or by another one.
      const taken = await client.find<KubeObject>(CLUSTERS, { name }, { signal });
      if (taken !== undefined && isFor(taken, found)) return;
      const other = hashedName(found);
      if (other === name) throw error;
      await this.create(other, found, signal);
    }
  }
}

/** Whether the Cluster is about this context; one without a kubeconfig takes the context from wherever it is. */
function isFor(cluster: KubeObject, { path, context }: FoundContext): boolean {
  const spec = specOf(cluster);
  return spec.context === context && (spec.kubeconfig === undefined || spec.kubeconfig === path);
}
