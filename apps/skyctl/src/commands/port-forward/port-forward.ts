/** `skyctl port-forward`: listens here; every connection becomes a session with the pod's cluster, through the gateway. */
import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { SpdySession } from '@skyflow/apimachinery';
import { createWebSocketStream } from 'ws';
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import type { Session } from '../../session.js';
import { connectToPod } from '../../streams/pod-connection.js';
import { type PodTarget, podTarget } from '../../streams/pod-target.js';
import { type ForwardedPort, parsePorts } from './ports.js';

/** SPDY inside a WebSocket, as kubectl forwards ports. */
const PORT_FORWARD = 'SPDY/3.1+portforward.k8s.io';

export const portForward: CommandHandler = async (session, { args, flags }) => {
  const [word = '', ...words] = args;
  const gateway = await session.gateway();
  const pod = await podTarget(session, word);
  const ports = parsePorts(words, pod);
  const address = flags.text('address') ?? '127.0.0.1';
  const servers = ports.map((port) => listen(session, gateway, pod, port, address));
  // Until the user stops it, or a port cannot be listened on.
  await Promise.all(servers);
  return EXIT.ok;
};

async function listen(
  session: Session,
  gateway: GatewayClient,
  pod: PodTarget,
  { local, remote }: ForwardedPort,
  address: string,
): Promise<void> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    forward(gateway, pod, remote, socket).catch((error: unknown) => {
      socket.destroy();
      session.terminal.note(`port ${remote}: ${(error as Error).message}`);
    });
  });
  server.listen(local, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    const summary = `cannot listen on ${address}:${local}: ${(error as Error).message}`;
    throw new CliError({
      code: EXIT.failure,
      summary,
      hint: `take another port: ${local + 1}:${remote}`,
      cause: error,
    });
  }
  const { port } = server.address() as AddressInfo;
  session.terminal.line(`forwarding ${address}:${port} -> ${pod.name}:${remote}`);
  await once(server, 'close');
}

async function forward(gateway: GatewayClient, pod: PodTarget, port: number, socket: Socket): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const { signal } = gone;
  const query = new URLSearchParams({ ports: String(port) });
  const webSocket = await connectToPod(gateway, {
    pod,
    subresource: 'portforward',
    query,
    protocol: PORT_FORWARD,
    signal,
  });
  const wire = createWebSocketStream(webSocket);
  wire.on('error', () => undefined);
  const session = new SpdySession(wire, { role: 'client' });
  const headers = { port: String(port), requestid: '0' };
  const trouble = session.open({ ...headers, streamtype: 'error' });
  const data = session.open({ ...headers, streamtype: 'data' });
  trouble.end();
  const refusal = textOf(trouble);
  try {
    await Promise.all([pipeline(socket, data), pipeline(data, socket)]);
  } catch {
    // One side is gone, and so is the other now.
  }
  // Which side ended it, or why there was none: that is said on the other stream.
  const why = signal.aborted && data.destroyed ? '' : await Promise.race([refusal, session.closed.then(() => '')]);
  session.close();
  webSocket.close();
  if (why !== '') throw new Error(why);
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer);
  } catch {
    return '';
  }
  return Buffer.concat(chunks).toString('utf8').trim();
}
