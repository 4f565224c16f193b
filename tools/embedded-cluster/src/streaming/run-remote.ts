/** Connects a process to a client until either ends; no faster than the slower one. */
import { pipeline } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import type { RemoteEnd, RemoteProcess } from '../process/remote-process.js';
import type { RemoteStreams } from './remote-streams.js';

/** Resolves when the client has been told the end, or is gone. Never rejects. */
export async function runRemote(process: RemoteProcess, streams: RemoteStreams): Promise<void> {
  const gone = streams.gone.then(() => {
    process.leave();
    return 'gone' as const;
  });
  streams.onResize((size) => process.resize(size));
  if (process.stdin !== undefined && streams.stdin !== undefined) void copied(streams.stdin, process.stdin);
  else streams.stdin?.resume();
  const outputs = Promise.all([copied(process.stdout, streams.stdout), copied(process.stderr, streams.stderr)]);
  const end = await process.ended;
  if ((await Promise.race([outputs, gone])) !== 'gone') await streams.finish(statusOf(end));
}

/** What nobody wants is read all the same: a full pipe would hold up the process. */
async function copied(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined) {
    to?.end();
    return;
  }
  if (to === undefined) {
    from.resume();
    return;
  }
  // One side is gone: the other learns of it by the end of the process or of the connection.
  await pipeline(from, to).catch(() => undefined);
}

/** metav1.Status, as the kubelet ends an exec (remotecommand v4). */
function statusOf({ exitCode, startError }: RemoteEnd): object {
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
