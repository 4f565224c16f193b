/** Answers `mesh`: the gateway beside this agent, and where asked for, connections tried now. */
import { meshRequestSchema, type MeshReply } from '@skyflow/contracts';
import { AgentLinkError, type StreamHandler } from '@skyflow/agent-link';

export interface ServeMeshOptions {
  cluster: string;
  /** Undefined: the agent has not begun with the cluster yet. */
  mesh: () => { report: (tries: boolean) => Promise<Omit<MeshReply, 'cluster'>> } | undefined;
}

export function meshHandler({ cluster, mesh }: ServeMeshOptions): StreamHandler {
  return async (request) => {
    const parsed = meshRequestSchema.safeParse(request);
    if (!parsed.success) {
      throw new AgentLinkError(
        '400',
        `not a request about the mesh: ${parsed.error.issues[0]?.message ?? 'unknown shape'}`,
      );
    }
    const side = mesh();
    if (side === undefined) {
      throw new AgentLinkError('503', `the agent of cluster ${cluster} has not read the cluster yet; try again`);
    }
    const reply: MeshReply = { cluster, ...(await side.report(parsed.data.tries === true)) };
    return oneChunk(Buffer.from(JSON.stringify(reply)));
  };
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}
