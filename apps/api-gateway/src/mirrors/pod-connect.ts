/**
 * `kubectl exec|cp|attach|port-forward <pod>.<cluster>`: the subresources of mirrored pods that are a connection in both
 * directions. The upgrade (WebSocket, or SPDY of older clients) is negotiated with the cluster's own API, through its agent;
 * after that bytes pass as they are, each side no faster than the other takes them.
 */
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { AgentLinkError } from '@skyflow/agent-link';
import { type ConnectHandler, StatusError } from '@skyflow/apimachinery';
import { type ConnectRequest, type PodConnection, connectReplySchema } from '@skyflow/contracts';
import type { AgentLines } from '../agents/agent-lines.js';

/** Headers that make an upgrade; all others are between the client and us. */
const UPGRADE_HEADERS = /^(connection|upgrade|sec-websocket-[a-z-]+|x-stream-protocol-version)$/;
/** How long a client may take to close its side after the last byte. */
const LINGER_MS = 5_000;

export function podConnect(
  lines: AgentLines,
  subresource: PodConnection,
  warn: (line: string) => void,
): ConnectHandler {
  return {
    methods: ['GET', 'POST'],
    handle: () => {
      const message = `${subresource} is a connection in both directions: ask for an upgrade to WebSocket, as kubectl 1.31 and newer do`;
      return Promise.reject(new StatusError(400, 'BadRequest', message));
    },
    handleUpgrade: async ({ key, query, request, socket, head }, { signal }) => {
      const { pod, cluster } = lines.podNamed(key.name);
      const asked: ConnectRequest = {
        namespace: key.namespace ?? '',
        pod,
        subresource,
        method: request.method === 'POST' ? 'POST' : 'GET',
        query: query.toString(),
        headers: upgradeHeaders(request.headers),
      };
      const stream = lines.open(cluster, 'connect', asked, {
        input: bytesOf(socket, head),
        ...(signal === undefined ? {} : { signal }),
      });
      const reply = await stream.opened.catch((error: unknown) => {
        throw signal?.aborted === true ? error : lines.statusError(error, cluster);
      });
      switchProtocols(socket, connectReplySchema.parse(reply).headers);
      try {
        for await (const bytes of stream) if (!socket.write(bytes)) await once(socket, 'drain', { signal });
        socket.end();
        setTimeout(() => socket.destroy(), LINGER_MS).unref();
      } catch (error) {
        // The protocol inside belongs to the client and the cluster: all that we can say is that the connection is broken.
        socket.destroy();
        if (signal?.aborted !== true && error instanceof AgentLinkError)
          warn(`${subresource} ${key.name}: ${error.message}`);
        else if (signal?.aborted !== true) throw error;
      }
    },
  };
}

function upgradeHeaders(headers: IncomingHttpHeaders): ConnectRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value !== undefined && UPGRADE_HEADERS.test(name) ? [[name, value]] : [],
    ),
  );
}

function switchProtocols(socket: Duplex, headers: ConnectRequest['headers']): void {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => `${name}: ${each}\r\n`),
  );
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
}

/** Ends when the client closes its side, or the connection is gone. */
async function* bytesOf(socket: Duplex, head: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  try {
    for await (const bytes of socket.iterator({ destroyOnReturn: false })) yield bytes as Buffer;
  } catch (error) {
    // The client is gone: the signal of the request says so too.
    if (!socket.destroyed) throw error;
  }
}
