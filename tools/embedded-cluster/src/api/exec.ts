/**
 * `kubectl exec` over WebSocket (v5.channel.k8s.io and v4.channel.k8s.io): a command beside a container, in its sandbox and
 * with its environment. SPDY (kubectl before 1.31) is not spoken.
 */
import { badRequest, type ConnectHandler, StatusError } from '@skyflow/apimachinery';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ContainerPlace } from '../process/container-place.js';
import { startExec, type ExecProcess } from '../process/exec-process.js';
import { podTarget } from './connect-target.js';
import { containerOf } from './pod-container.js';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 } as const;

const sockets = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
});

interface ExecCall {
  place: ContainerPlace;
  command: string[];
  stdin: boolean;
  tty: boolean;
}

export const exec: ConnectHandler = {
  methods: ['GET', 'POST'],
  handle() {
    const message = 'exec is served over WebSocket only; use kubectl 1.31 or newer (older ones speak SPDY)';
    throw new StatusError(400, 'BadRequest', message);
  },
  handleUpgrade({ key, query, request, socket, head, store }) {
    const { target, pod } = podTarget(store, key);
    const container = containerOf(pod, query.get('container'));
    const command = query.getAll('command');
    if (command.length === 0) throw badRequest('you must specify at least one command');
    const call = {
      place: target.execTarget(pod.metadata.namespace ?? '', pod.metadata.name, container),
      command,
      stdin: isSet(query, 'stdin'),
      tty: isSet(query, 'tty'),
    };
    return new Promise((resolve) => {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        run(webSocket, call);
        resolve();
      });
    });
  },
};

const isSet = (query: URLSearchParams, flag: string): boolean => ['true', '1'].includes(query.get(flag) ?? '');

function run(webSocket: WebSocket, { place, command, stdin, tty }: ExecCall): void {
  const send = (channel: number, data: Buffer): void => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(Buffer.concat([Buffer.from([channel]), data]));
  };
  const child: ExecProcess = startExec({ place, command, stdin, tty });
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
