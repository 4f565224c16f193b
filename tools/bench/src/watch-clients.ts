/** Many readers of one watch over plain sockets, so that they cost the machine little beside the gateway that is measured. */
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

const NEWLINE = 10;
const RETURN = 13;

export interface WatchClients {
  /** Events that all of them have read. */
  read(): number;
  /** Of the readers that stopped reading, those that the gateway has cut off. */
  cut(): number;
  close(): void;
}

/** `count` readers from a version on; resolves when all are being answered. `idle` of them stop reading then. */
export async function openWatches(
  port: number,
  path: string,
  token: string,
  { count, idle = 0 }: { count: number; idle?: number },
): Promise<WatchClients> {
  let events = 0;
  let cut = 0;
  const sockets: Socket[] = [];
  await Promise.all(
    Array.from({ length: count + idle }, async (_, index) => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      await once(socket, 'connect');
      socket.write(`GET ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\n\r\n`);
      const [head] = (await once(socket, 'data')) as [Buffer];
      const answer = head.toString('latin1', 0, 12);
      if (answer !== 'HTTP/1.1 200') throw new Error(`a watch was answered ${answer}`);
      socket.on('error', () => undefined);
      if (index >= count) {
        socket.pause();
        socket.on('close', () => (cut += 1));
        return;
      }
      socket.on('data', (bytes: Buffer) => (events += linesIn(bytes)));
    }),
  );
  return {
    read: () => events,
    cut: () => cut,
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Ends of events; those of chunks have a carriage return before them. */
function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
    if (at > 0 && bytes[at - 1] !== RETURN) lines += 1;
  }
  return lines;
}
