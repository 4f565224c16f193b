/**
 * The HTTPS endpoint of a hollow kubelet, as far as API servers ask a kubelet: container logs, exec, attach, port-forward
 * (kubernetes pkg/kubelet/server). Only the API server of the cluster is let in, by its client certificate.
 */
import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import {
  logRequest,
  PortForwards,
  portForwardSession,
  preparedExec,
  type ProcessRuntime,
  remoteStreams,
  runRemote,
  type ServerIdentity,
  streamText,
} from '@skyflow/embedded-cluster';

export interface KubeletServerOptions {
  runtime: ProcessRuntime;
  identity: ServerIdentity;
  /** Of the API server (PEM). */
  clientCertificate: string;
}

interface Asked {
  verb: string;
  namespace: string;
  pod: string;
  container: string;
  query: URLSearchParams;
}

export class KubeletServer {
  private readonly server: Server;
  private readonly allowed: string;

  constructor(private readonly options: KubeletServerOptions) {
    const { identity, clientCertificate } = options;
    this.allowed = new X509Certificate(clientCertificate).fingerprint256;
    this.server = createServer(
      { cert: identity.certificate, key: identity.privateKey, requestCert: true, rejectUnauthorized: false },
      (request, response) => void this.serve(request, response).catch((error: unknown) => refuse(response, error)),
    );
    this.server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      this.upgrade(request, socket, head).catch((error: unknown) => refuseUpgrade(socket, error));
    });
    this.server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /** @returns the port */
  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server.close(), 'close');
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { verb, query, ...about } = this.asked(request);
    if (verb !== 'containerLogs') throw failure(404, `${verb} is not served without an upgrade`);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await streamText(this.options.runtime.logs(logRequest(about, query), gone.signal), response);
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { runtime } = this.options;
    const { verb, namespace, pod, container, query } = this.asked(request);
    const upgrade = { request, socket, head };
    if (verb === 'portForward') {
      await portForwardSession(upgrade, new PortForwards(runtime.podAddress(namespace, pod)).take);
      return;
    }
    if (verb !== 'exec' && verb !== 'attach') throw failure(404, `${verb} is not served here`);
    const isSet = (name: string): boolean => ['1', 'true'].includes(query.get(name) ?? '');
    const tty = isSet('tty');
    const wanted = { stdin: isSet('input'), stdout: isSet('output'), stderr: isSet('error') && !tty, tty };
    const start =
      verb === 'attach'
        ? runtime.attachTarget(namespace, pod, container, wanted)
        : await preparedExec({
            place: runtime.execTarget(namespace, pod, container),
            command: query.getAll('command'),
            stdin: wanted.stdin,
            tty,
          });
    const streams = await remoteStreams(upgrade, wanted);
    if (streams !== undefined) void runRemote(start(), streams);
  }

  /** @throws an error with a code when the caller is not the API server, or the path names no container */
  private asked(request: IncomingMessage): Asked {
    const caller = (request.socket as TLSSocket).getPeerCertificate() as { fingerprint256?: string };
    if (caller.fingerprint256 !== this.allowed) throw failure(401, 'Unauthorized: only the API server is let in');
    const url = new URL(request.url ?? '/', 'https://kubelet');
    const [verb = '', namespace = '', pod = '', container = ''] = url.pathname
      .split('/')
      .slice(1)
      .map(decodeURIComponent);
    return { verb, namespace, pod, container, query: url.searchParams };
  }
}

const failure = (code: number, message: string): Error => Object.assign(new Error(message), { code });

/** In words, as a kubelet answers; the API server passes them on. */
function wordsOf(error: unknown): { code: number; text: string } {
  const { code, message } = error as { code?: unknown; message?: string };
  return { code: typeof code === 'number' ? code : 500, text: message ?? 'internal error' };
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, text } = wordsOf(error);
  response.writeHead(code, { 'content-type': 'text/plain' }).end(text);
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const { code, text } = wordsOf(error);
  const length = Buffer.byteLength(text);
  socket.end(
    `HTTP/1.1 ${code} Refused\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${text}`,
  );
}
