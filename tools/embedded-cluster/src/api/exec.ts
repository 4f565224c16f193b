/**
 * `kubectl exec` over WebSocket (v5.channel.k8s.io and v4.channel.k8s.io): a command beside a container, in its sandbox and
 * with its environment. SPDY (kubectl before 1.31) is not spoken.
 */
import { StatusError } from '@skyflow/apimachinery';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { UpgradeHandler } from '../engine/http-front.js';
import type { ExecTarget } from '../kubelet/pod-runtime.js';
import type { Pod } from '../model/pod.js';
import { startExec, type ExecProcess } from '../process/exec-process.js';
import { containerOf } from './pod-container.js';

export interface ExecHost {
  authenticate(authorization: string | undefined): boolean;
  pod(namespace: string, name: string): Pod | undefined;
  /** @throws StatusError */
  execTarget(namespace: string, pod: string, container: string): ExecTarget;
}

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 } as const;
const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/exec$/;

const sockets = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
});

interface ExecCall {
  target: ExecTarget;
  command: string[];
  stdin: boolean;
  tty: boolean;
}

export function serveExec(host: ExecHost): UpgradeHandler {
  return (request, socket, head) => {
    // The peer may go away at any moment; ws and node report that to us through 'close'.
    socket.on('error', () => socket.destroy());
    try {
      const call = callOf(host, request);
      sockets.handleUpgrade(request, socket, head, (webSocket) => run(webSocket, call));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      refuse(socket, error);
    }
  };
}

/** @throws StatusError */
function callOf(host: ExecHost, request: IncomingMessage): ExecCall {
  if (!host.authenticate(request.headers.authorization)) {
    throw new StatusError(401, 'Unauthorized', 'Unauthorized: send a valid bearer token');
  }
  const url = new URL(request.url ?? '/', 'http://cluster');
  const match = PATH.exec(url.pathname);
  if (match === null) {
    throw new StatusError(404, 'NotFound', `${url.pathname} is not served here; of pod connections only exec is`);
  }
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
    throw new StatusError(400, 'BadRequest', 'exec is served over WebSocket only; use kubectl 1.31 or newer');
  }
  const [namespace = '', name = ''] = match.slice(1).map(decodeURIComponent);
  const pod = host.pod(namespace, name);
  if (pod === undefined) throw new StatusError(404, 'NotFound', `pods "${name}" not found`);
  const container = containerOf(pod, url.searchParams.get('container'));
  const command = url.searchParams.getAll('command');
  if (command.length === 0) throw new StatusError(400, 'BadRequest', 'you must specify at least one command');
  const flag = (each: string): boolean => ['true', '1'].includes(url.searchParams.get(each) ?? '');
  return { target: host.execTarget(namespace, name, container), command, stdin: flag('stdin'), tty: flag('tty') };
}

function run(webSocket: WebSocket, { target, command, stdin, tty }: ExecCall): void {
  const send = (channel: number, data: Buffer): void => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(Buffer.concat([Buffer.from([channel]), data]));
  };
  const child: ExecProcess = startExec({ ...target, command, stdin, tty });
  child.onOutput((stream, data) => send(CHANNEL[stream], data));
  webSocket.on('message', (message: Buffer) => {
    const data = message.subarray(1);
    if (message[0] === CHANNEL.stdin) child.write(data);
    else if (message[0] === CHANNEL.close && data[0] === CHANNEL.stdin) child.closeInput();
  });
  webSocket.on('close', () => child.kill());
  webSocket.on('error', () => webSocket.terminate());
  void child.ended.then((end) => {
    send(CHANNEL.error, Buffer.from(JSON.stringify(statusOf(end))));
    webSocket.close(1000);
  });
}

function statusOf({ exitCode, startError }: { exitCode: number; startError?: string }): unknown {
  if (startError !== undefined) {
    return { metadata: {}, status: 'Failure', reason: 'InternalError', message: startError, code: 500 };
  }
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function refuse(socket: Duplex, error: StatusError): void {
  const body = JSON.stringify(error.toBody());
  socket.end(
    `HTTP/1.1 ${error.code} ${error.reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
