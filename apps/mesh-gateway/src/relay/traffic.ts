/** What was carried, by direction, peer and service. */
import type { Socket } from 'node:net';
import type { GatewayTraffic } from '@skyflow/contracts';

type Direction = GatewayTraffic['direction'];

export class Traffic {
  private readonly pairs = new Map<string, Pair>();

  pair(direction: Direction, peer: string, service: string): Pair {
    const key = JSON.stringify([direction, peer, service]);
    let pair = this.pairs.get(key);
    if (pair === undefined) this.pairs.set(key, (pair = new Pair(direction, peer, service)));
    return pair;
  }

  /** Connections that are open with a peer, over all services. */
  openWith(direction: Direction, peer: string): number {
    let open = 0;
    for (const pair of this.pairs.values()) if (pair.direction === direction && pair.peer === peer) open += pair.open;
    return open;
  }

  list(): GatewayTraffic[] {
    return [...this.pairs.values()].map((pair) => pair.counts());
  }
}

/** One direction of one peer and service. */
export class Pair {
  refused = 0;
  private connections = 0;
  private readonly sockets = new Set<Socket>();
  private readonly ended = { read: 0, written: 0 };

  constructor(
    readonly direction: Direction,
    readonly peer: string,
    readonly service: string,
  ) {}

  get open(): number {
    return this.sockets.size;
  }

  /** @param socket of the client where it goes out, of the pod where it comes in. */
  carry(socket: Socket): void {
    this.connections += 1;
    this.sockets.add(socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.ended.read += socket.bytesRead;
      this.ended.written += socket.bytesWritten;
    });
  }

  counts(): GatewayTraffic {
    let { read, written } = this.ended;
    for (const socket of this.sockets) {
      read += socket.bytesRead;
      written += socket.bytesWritten;
    }
    const [sentBytes, receivedBytes] = this.direction === 'out' ? [read, written] : [written, read];
    const { direction, peer, service, connections, open, refused } = this.snapshot();
    return { direction, peer, service, connections, open, refused, sentBytes, receivedBytes };
  }

  private snapshot(): Pick<GatewayTraffic, 'direction' | 'peer' | 'service' | 'connections' | 'open' | 'refused'> {
    const { direction, peer, service, connections, open, refused } = this;
    return { direction, peer, service, connections, open, refused };
  }
}
