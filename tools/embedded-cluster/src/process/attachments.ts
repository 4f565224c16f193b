/**
 * Clients that are attached to a container: each gets every byte that it writes from then on. A client that does not read
 * holds up the container, as it would with a real runtime.
 */
import { PassThrough, type Writable } from 'node:stream';
import type { RemoteEnd, RemoteProcess, TerminalSize } from './remote-process.js';

interface Client {
  stdout: PassThrough;
  stderr: PassThrough;
}

/** What of the running container a client is connected to. */
export interface AttachedContainer {
  /** Absent: the container has `stdin: false`, or takes no more. */
  stdin?: Writable | undefined;
  /** The container's stdin ends with the first client that brought some (core/v1 Container.stdinOnce). */
  stdinOnce: boolean;
  resize: (size: TerminalSize) => void;
  ended: Promise<RemoteEnd>;
}

export class Attachments {
  private readonly clients = new Set<Client>();

  attach({ stdin, stdinOnce, resize, ended }: AttachedContainer): RemoteProcess {
    const client: Client = { stdout: new PassThrough(), stderr: new PassThrough() };
    this.clients.add(client);
    const leave = (): void => {
      this.clients.delete(client);
      client.stdout.destroy();
      client.stderr.destroy();
      if (stdinOnce) stdin?.end();
    };
    const input = stdin === undefined ? undefined : shared(stdin, stdinOnce);
    return {
      ...(input === undefined ? {} : { stdin: input }),
      stdout: client.stdout,
      stderr: client.stderr,
      resize,
      leave,
      // That the container failed is no failure of being attached to it.
      ended: ended.then(() => {
        this.clients.delete(client);
        client.stdout.end();
        client.stderr.end();
        return { exitCode: 0 };
      }),
    };
  }

  /** Resolves when every client has room for more. */
  async write(stream: 'stdout' | 'stderr', bytes: Buffer): Promise<void> {
    const full = [...this.clients].filter((client) => !client[stream].write(bytes));
    await Promise.all(full.map((client) => roomIn(client[stream])));
  }
}

/** The container's own stdin outlives the client, unless it is there for one only. */
function shared(stdin: Writable, once: boolean): Writable {
  const input = new PassThrough();
  input.pipe(stdin, { end: once });
  return input;
}

function roomIn(stream: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}
