/** Exec and attach over WebSocket: v5.channel.k8s.io and v4.channel.k8s.io, a channel per stream in the first byte. */
import { PassThrough, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { TerminalSize } from '../process/remote-process.js';
import { terminalSize, type RemoteStreams, type WantedStreams } from './remote-streams.js';

export const REMOTE_COMMAND_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

export function webSocketStreams(webSocket: WebSocket, wanted: WantedStreams): RemoteStreams {
  const input = new PassThrough();
  const resized: ((size: TerminalSize) => void)[] = [];
  const output = (channel: number): Writable =>
    new Writable({
      // Done when it is on its way: a client that does not read holds back the process.
      write: (chunk: Buffer, _encoding, done) => webSocket.send(Buffer.concat([Buffer.of(channel), chunk]), done),
    }).on('error', () => undefined);
  webSocket.on('error', () => webSocket.terminate());
  webSocket.on('message', (message: Buffer) => {
    const data = message.subarray(1);
    if (message[0] === CHANNEL.stdin) {
      if (input.write(data)) return;
      webSocket.pause();
      input.once('drain', () => webSocket.resume());
    } else if (message[0] === CHANNEL.close && data[0] === CHANNEL.stdin) input.end();
    else if (message[0] === CHANNEL.resize) {
      const size = terminalSize(data.toString('utf8'));
      if (size !== undefined) for (const take of resized) take(size);
    }
  });
  const gone = new Promise<void>((resolve) => webSocket.once('close', () => resolve()));
  void gone.then(() => input.destroy());
  return {
    stdin: wanted.stdin ? input : undefined,
    stdout: wanted.stdout ? output(CHANNEL.stdout) : undefined,
    stderr: wanted.stderr ? output(CHANNEL.stderr) : undefined,
    onResize: (take) => void resized.push(take),
    gone,
    finish: async (status) => {
      const text = Buffer.concat([Buffer.of(CHANNEL.error), Buffer.from(JSON.stringify(status))]);
      await new Promise<void>((resolve) => webSocket.send(text, () => resolve()));
      webSocket.close(1000);
      // Nobody reads input any more, and a paused socket would not see the other side's goodbye.
      webSocket.resume();
      input.resume();
      await gone;
    },
  };
}
