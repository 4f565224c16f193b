/**
 * One listening port of this cluster behind which one pod of another cluster is. kube-proxy takes it for an endpoint like any other,
 * so that the pod weighs as a local one. A connection that cannot be carried is reset, as a pod would that is gone (find-route.ts).
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { GatewayListener } from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';
import type { PeerLink } from '../peers/peer-link.js';
import type { Traffic } from '../relay/traffic.js';
import { findRoute } from './find-route.js';
import { RouteRefusedError } from './open-route.js';

export interface VirtualEndpointOptions {
  link: (cluster: string) => PeerLink | undefined;
  traffic: Traffic;
  answerMs: number;
  pathWaitMs: number;
  logger: Logger;
}

export class VirtualEndpoint {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(
    public listener: GatewayListener,
    private readonly options: VirtualEndpointOptions,
  ) {
    this.server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      void this.carry(socket);
    });
  }

  /** Resolves once it listens. @throws the error of listen(2), e.g. EADDRINUSE. */
  static async listen(listener: GatewayListener, options: VirtualEndpointOptions): Promise<VirtualEndpoint> {
    const endpoint = new VirtualEndpoint(listener, options);
    const { server } = endpoint;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: listener.address, port: listener.port }, () => {
        server.off('error', reject);
        server.on('error', (error) => options.logger.error({ err: error }, 'a virtual endpoint stopped accepting'));
        resolve();
      });
    });
    return endpoint;
  }

  get open(): number {
    return this.sockets.size;
  }

  /** Takes no new connections; those that are there go on until their ends close them, as conntrack keeps them. */
  retire(): void {
    this.server.close();
  }

  /** Stops and resets what is there. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  private async carry(socket: Socket): Promise<void> {
    const { listener } = this;
    const { link, traffic, answerMs, pathWaitMs, logger } = this.options;
    const { peer, service, pods } = listener;
    const pair = traffic.pair('out', peer, service);
    // A client that goes away while it waits is found below to be destroyed.
    socket.on('error', () => undefined);
    try {
      const carriage = await findRoute({
        listener,
        client: socket.remoteAddress,
        answerMs,
        pathWaitMs,
        link: () => link(peer),
        isGone: () => socket.destroyed,
      });
      if (socket.destroyed) {
        carriage.drop();
        return;
      }
      pair.carry(socket);
      await carriage.carry(socket);
    } catch (error) {
      if (!(error instanceof RouteRefusedError)) throw error;
      pair.refused += 1;
      logger.warn(
        { peer, service, pods, verdict: error.verdict, detail: error.message },
        'a connection cannot be carried',
      );
      socket.resetAndDestroy();
    }
  }
}
