/**
 * Port-forward over a SPDY session (portforward.k8s.io): for each connection a pair of streams, `error` and `data`, of one
 * request id. A port on which nobody listens is told on the error stream; the session goes on.
 */
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { SpdyStream } from '@skyflow/apimachinery';

export class PortForwards {
  private readonly waiting = new Map<string, { error?: SpdyStream; data?: SpdyStream }>();

  /** @param host address of the pod */
  constructor(private readonly host: string) {}

  /** A stream that the client opened. */
  readonly take = (stream: SpdyStream): void => {
    const port = Number(stream.header('port'));
    const kind = stream.header('streamtype');
    if (!Number.isInteger(port) || port < 1 || port > 65_535 || (kind !== 'error' && kind !== 'data')) {
      stream.destroy();
      return;
    }
    const id = `${stream.header('requestid') ?? ''}/${port}`;
    const pair = { ...this.waiting.get(id), [kind]: stream };
    const { error, data } = pair;
    if (error === undefined || data === undefined) {
      this.waiting.set(id, pair);
      stream.once('close', () => this.waiting.delete(id));
      return;
    }
    this.waiting.delete(id);
    void this.forward(port, error, data);
  };

  private async forward(port: number, error: SpdyStream, data: SpdyStream): Promise<void> {
    const socket = connect({ host: this.host, port, allowHalfOpen: true });
    data.once('close', () => socket.destroy());
    error.resume();
    try {
      await connected(socket);
    } catch (refusal) {
      const why = (refusal as Error).message;
      error.end(`error forwarding port ${port} to pod: ${why}`);
      data.end();
      data.resume();
      return;
    }
    // Each direction ends by itself; one that breaks ends both.
    await Promise.all([pipeline(data, socket), pipeline(socket, data)]).catch(() => undefined);
    error.end();
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.on('error', reject);
  });
}
