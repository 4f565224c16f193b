/**
 * A connection that one gateway asks another for, and the answer, however they travel: as a stream of an HTTP/2 session
 * (sessions/), or on a lane of its own (lanes/).
 */
import type { Socket } from 'node:net';
import type { GatewayVerdict } from '@skyflow/contracts';

/** Instead of the uid of a pod: any pod of the service that is exported to the peer. An older gateway has no such pod, and refuses. */
export const ANY_POD = '';

export interface Route {
  /** uid of the service; name of its port; uid of the pod, or {@link ANY_POD}. */
  service: string;
  port: string;
  pod: string;
  /** Address of the client, for logs. */
  client?: string | undefined;
  /** Only whether the pod is reached is asked. */
  probe?: boolean | undefined;
}

export interface Refusal {
  verdict: Exclude<GatewayVerdict, 'OK'>;
  detail: string;
}

/** The way of one connection, once the peer has said OK. Either is called once; after a probe neither is needed. */
export interface Carriage {
  /** Carries what comes both ways, and resolves when the socket is closed. */
  carry(socket: Socket): Promise<void>;
  /** The client has gone: the other end is reset. */
  drop(): void;
}

export type Answer = { carriage: Carriage } | Refusal;

/** What a peer asks for. One of the two answers is given, once. */
export interface Asked {
  readonly route: Route;
  /** Whoever asked does not wait any more. */
  readonly isGone: boolean;
  refuse(refusal: Refusal): void;
  accept(): Carriage;
}

/** There is no way to the peer now. */
export class NoPathError extends Error {
  override readonly name = 'NoPathError';
}
