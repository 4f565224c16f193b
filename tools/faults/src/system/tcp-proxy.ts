/** A way between two processes that can be cut, slowed, shut, or left open with nothing coming through (half-open). */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

interface Pair {
  client: Socket;
  target: Socket;
}

export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private delayMs = 0;
  private isShut = false;
  private isDeaf = false;

  private constructor(
    private readonly server: Server,
    private readonly targetPort: () => number,
  ) {}

  /** @param targetPort asked for each connection */
  static async start(targetPort: () => number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, targetPort);
    server.on('connection', (client) => proxy.pass(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Every connection ends now, in the middle of what it says. */
  cut(): void {
    for (const { client, target } of this.pairs) {
      client.resetAndDestroy();
      target.resetAndDestroy();
    }
  }

  /** Nobody gets through until it is opened. */
  shut(): void {
    this.isShut = true;
    this.cut();
  }

  open(): void {
    this.isShut = false;
  }

  /** Each piece arrives so much later. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Connections stay, and nothing comes through: a cable that was pulled. What was on the way is lost, so they end afterwards. */
  deafen(): void {
    this.isDeaf = true;
  }

  hear(): void {
    this.isDeaf = false;
    this.cut();
  }

  async close(): Promise<void> {
    this.shut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(client: Socket): void {
    if (this.isShut) {
      client.resetAndDestroy();
      return;
    }
    const pair = { client, target: connect(this.targetPort(), '127.0.0.1') };
    this.pairs.add(pair);
    this.carry(pair.client, pair.target, pair);
    this.carry(pair.target, pair.client, pair);
  }

  private carry(from: Socket, to: Socket, pair: Pair): void {
    from.setNoDelay();
    from.on('data', (piece) => {
      if (this.isDeaf) return;
      if (this.delayMs > 0) setTimeout(() => this.write(from, to, piece), this.delayMs);
      else this.write(from, to, piece);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.pairs.delete(pair);
      to.end();
    });
  }

  private write(from: Socket, to: Socket, piece: Buffer): void {
    if (to.destroyed || to.write(piece) || from.isPaused()) return;
    from.pause();
    to.once('drain', () => from.resume());
  }
}
