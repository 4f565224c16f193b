/**
 * How a client that asked for an upgrade is taken over: WebSocket with a subprotocol, SPDY inside a WebSocket (what kubectl
 * forwards ports with), or SPDY itself (API servers to kubelets, and kubectl before 1.31).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest, SpdySession, StatusError, type SpdyStream } from '@skyflow/apimachinery';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { REMOTE_COMMAND_PROTOCOLS, webSocketStreams } from '../streaming/web-socket-streams.js';
import { SPDY_REMOTE_COMMAND, SpdyStreamCollector } from '../streaming/spdy-streams.js';
import type { RemoteStreams, WantedStreams } from '../streaming/remote-streams.js';

export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

const SPDY = 'SPDY/3.1';
const PORT_FORWARD = 'portforward.k8s.io';
const TUNNEL = `${SPDY}+${PORT_FORWARD}`;
/** More than a client sends in one message. */
const LARGEST_MESSAGE = 4 << 20;

const remoteCommands = new WebSocketServer({
  noServer: true,
  maxPayload: LARGEST_MESSAGE,
  handleProtocols: (offered) => REMOTE_COMMAND_PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
});
const tunnels = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE });
// The name of the protocol is no token of RFC 7230, so ws would refuse it.
tunnels.on('headers', (headers) => headers.push(`sec-websocket-protocol: ${TUNNEL}`));

/** Streams of an exec or attach; undefined when the client did not open what it asked for. @throws StatusError 400, 403 */
export async function remoteStreams(upgrade: Upgrade, wanted: WantedStreams): Promise<RemoteStreams | undefined> {
  if (!isSpdy(upgrade.request)) {
    const offered = protocolsOf(upgrade.request, 'sec-websocket-protocol');
    assertOffered(offered, REMOTE_COMMAND_PROTOCOLS);
    return webSocketStreams(await acceptWebSocket(remoteCommands, upgrade), wanted);
  }
  assertOffered(protocolsOf(upgrade.request, 'x-stream-protocol-version'), [SPDY_REMOTE_COMMAND]);
  const collector = new SpdyStreamCollector(wanted);
  return collector.collected(acceptSpdy(upgrade, SPDY_REMOTE_COMMAND, collector.take));
}

/** The session of a port-forward; each stream that the client opens is given to `onStream`. @throws StatusError 400 */
export async function portForwardSession(
  upgrade: Upgrade,
  onStream: (stream: SpdyStream) => void,
): Promise<SpdySession> {
  if (isSpdy(upgrade.request)) {
    assertOffered(protocolsOf(upgrade.request, 'x-stream-protocol-version'), [PORT_FORWARD]);
    return acceptSpdy(upgrade, PORT_FORWARD, onStream);
  }
  assertOffered(protocolsOf(upgrade.request, 'sec-websocket-protocol'), [TUNNEL]);
  delete upgrade.request.headers['sec-websocket-protocol'];
  const webSocket = await acceptWebSocket(tunnels, upgrade);
  const wire = createWebSocketStream(webSocket);
  // The session ends with it, and tells so.
  wire.on('error', () => undefined);
  return new SpdySession(wire, { role: 'server', onStream });
}

const isSpdy = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === SPDY.toLowerCase();

function protocolsOf(request: IncomingMessage, header: string): string[] {
  const values = request.headersDistinct[header] ?? [];
  return values.flatMap((value) => value.split(',')).map((each) => each.trim());
}

function assertOffered(offered: readonly string[], spoken: readonly string[]): void {
  if (spoken.some((protocol) => offered.includes(protocol))) return;
  const asked = offered.length === 0 ? 'none' : offered.join(', ');
  throw new StatusError(
    403,
    'Forbidden',
    `no protocol in common: asked for ${asked}; spoken here: ${spoken.join(', ')}`,
  );
}

function acceptWebSocket(server: WebSocketServer, { request, socket, head }: Upgrade): Promise<WebSocket> {
  if (request.method !== 'GET') throw badRequest('a WebSocket is asked for with GET');
  return new Promise((resolve) => server.handleUpgrade(request, socket, head, resolve));
}

function acceptSpdy({ socket, head }: Upgrade, protocol: string, onStream: (stream: SpdyStream) => void): SpdySession {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${SPDY}\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return new SpdySession(socket, { role: 'server', onStream });
}
