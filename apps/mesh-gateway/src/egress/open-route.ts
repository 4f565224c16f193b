/** Asks a peer for a connection to one of its pods and waits for the verdict; nothing of the client's is sent before it is OK. */
import type { GatewayListener, GatewayVerdict } from '@skyflow/contracts';
import type { PeerLink } from '../peers/peer-link.js';
import { type Carriage, NoPathError } from '../route.js';

/** The peer, or the path to it, said no. */
export class RouteRefusedError extends Error {
  override readonly name = 'RouteRefusedError';
  constructor(
    readonly verdict: Exclude<GatewayVerdict, 'OK'> | 'NO_PATH',
    message: string,
  ) {
    super(message);
  }
}

export interface RouteRequest {
  listener: GatewayListener;
  pod: string;
  client?: string | undefined;
  probe?: boolean;
  answerMs: number;
}

/** @throws RouteRefusedError */
export async function openRoute(link: PeerLink | undefined, request: RouteRequest): Promise<Carriage> {
  const { listener, pod, client, probe, answerMs } = request;
  const { peer, service, servicePort: port } = listener;
  if (link === undefined) throw new RouteRefusedError('NO_PATH', `${peer} is no peer of this cluster`);
  try {
    const answer = await link.open({ service, port, pod, client, probe }, answerMs);
    if ('carriage' in answer) return answer.carriage;
    throw new RouteRefusedError(answer.verdict, `${peer}: ${answer.detail}`);
  } catch (error) {
    if (error instanceof NoPathError) throw new RouteRefusedError('NO_PATH', error.message);
    throw error;
  }
}
