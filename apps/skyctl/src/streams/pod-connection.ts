/** A WebSocket to a subresource of a pod (exec, attach, portforward), through the gateway. Refusals are CliErrors, as of any request. */
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { GatewayClient } from '../gateway/gateway-client.js';
import { refusal, timedOut, unreachable } from '../gateway/refusal.js';
import type { PodTarget } from './pod-target.js';

export interface ConnectionRequest {
  pod: Pick<PodTarget, 'namespace' | 'name'>;
  subresource: 'exec' | 'attach' | 'portforward';
  query: URLSearchParams;
  protocol: string;
  signal?: AbortSignal;
}

const TIMEOUT_MS = 30_000;

/** Resolves when the pod's cluster has taken the connection; it is paused. @throws CliError */
export async function connectToPod(gateway: GatewayClient, request: ConnectionRequest): Promise<WebSocket> {
  const { connection } = gateway;
  const { server, token, as, ca } = connection;
  const { pod, subresource, query, protocol, signal } = request;
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/${subresource}`;
  const url = new URL(server);
  url.protocol = server.protocol === 'https:' ? 'wss:' : 'ws:';
  url.pathname = server.pathname.replace(/\/$/, '') + path;
  url.search = query.toString();
  const webSocket = new WebSocket(url, {
    handshakeTimeout: TIMEOUT_MS,
    perMessageDeflate: false,
    ...(ca === undefined ? {} : { ca }),
    headers: {
      'user-agent': gateway.userAgent,
      // Not as an argument: some of Kubernetes' names are no tokens of RFC 7230, and ws would refuse them.
      'sec-websocket-protocol': protocol,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(as === undefined ? {} : { 'impersonate-user': as }),
    },
  });
  const abort = (): void => webSocket.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  webSocket.once('close', () => signal?.removeEventListener('abort', abort));
  return new Promise((resolve, reject) => {
    webSocket.once('upgrade', (response) => delete response.headers['sec-websocket-protocol']);
    webSocket.once('open', () => {
      // Nothing may come before somebody listens.
      webSocket.pause();
      // Later errors are told by the close that follows.
      webSocket.on('error', () => undefined);
      resolve(webSocket);
    });
    webSocket.once('unexpected-response', (_outgoing, response) => {
      void textOf(response).then((text) => {
        reject(refusal(response.statusCode ?? 0, text, connection));
        webSocket.terminate();
      });
    });
    webSocket.once('error', (error) => {
      const isLate = error.message.includes('handshake has timed out');
      reject(isLate ? timedOut(TIMEOUT_MS, connection) : unreachable(error, connection));
    });
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    // Cut off: what came says enough.
  }
  return Buffer.concat(chunks).toString('utf8');
}
