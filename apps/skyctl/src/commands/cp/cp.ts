/** `skyctl cp`: a tar archive through exec, in either direction. */
import { PassThrough, Readable } from 'node:stream';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { ByteProgress } from '../../output/byte-progress.js';
import type { Session } from '../../session.js';
import { connectToPod } from '../../streams/pod-connection.js';
import { containerOf, type PodTarget, podTarget } from '../../streams/pod-target.js';
import { type OutputSink, REMOTE_COMMAND, runOver } from '../../streams/remote-command.js';
import { localEntry, packed, unpack } from './archive.js';
import { locationOf, splitPath } from './location.js';

export const cp: CommandHandler = async (session, { args }) => {
  const [source, destination] = args.map(locationOf);
  if (source === undefined || destination === undefined) throw usageError('give a source and a destination');
  if ((source.target === undefined) === (destination.target === undefined)) {
    throw usageError('one of the two must be in a pod, the other here', 'write the one in the pod as TARGET:PATH');
  }
  if (source.target === undefined) await upload(session, source.path, destination.target ?? '', destination.path);
  else await download(session, source.target, source.path, destination.path);
  return EXIT.ok;
};

async function upload(session: Session, local: string, target: string, remote: string): Promise<void> {
  const entry = await localEntry(local);
  const place = await placeOf(session, target);
  const isDirectory = (await run(place, ['test', '-d', remote])).code === EXIT.ok;
  const { directory, name } = isDirectory ? { directory: remote, name: entry.name } : splitPath(remote);
  const progress = new ByteProgress(session.terminal, `copying to ${place.pod.name}`);
  const archive = Readable.from(counted(packed(entry, name), progress));
  const { code, stderr } = await run(place, ['tar', '-xmf', '-', '-C', directory], archive);
  progress.end();
  if (code !== EXIT.ok) throw tarFailed(place, code, stderr);
}

async function download(session: Session, target: string, remote: string, local: string): Promise<void> {
  const place = await placeOf(session, target);
  const { directory, name } = splitPath(remote);
  const archive = new PassThrough();
  const progress = new ByteProgress(session.terminal, `copying from ${place.pod.name}`);
  const counted: OutputSink = {
    write: (bytes) => {
      progress.add(bytes.length);
      return archive.write(bytes);
    },
    once: (event: 'drain', listener: () => void) => archive.once(event, listener),
  };
  const unpacking = unpack(archive, { name, local, note: (text) => session.terminal.note(text) });
  // What cannot be written here ends it; what still comes is not wanted then.
  unpacking.catch(() => archive.resume());
  const { code, stderr } = await run(place, ['tar', '-cf', '-', '-C', directory, name], undefined, counted);
  progress.end();
  if (code !== EXIT.ok) {
    archive.destroy();
    throw tarFailed(place, code, stderr);
  }
  archive.end();
  await unpacking;
}

async function* counted(archive: Readable, progress: ByteProgress): AsyncGenerator<Buffer> {
  for await (const chunk of archive) {
    progress.add((chunk as Buffer).length);
    yield chunk as Buffer;
  }
}

interface Place {
  session: Session;
  pod: PodTarget;
  container: string;
}

async function placeOf(session: Session, target: string): Promise<Place> {
  const pod = await podTarget(session, target);
  return { session, pod, container: containerOf(session, pod).name };
}

/** What of stderr is shown, at most. */
const STDERR_BYTES = 2_000;

async function run(
  { session, pod, container }: Place,
  command: readonly string[],
  stdin?: Readable,
  stdout: OutputSink = { write: () => true },
): Promise<{ code: number; stderr: string }> {
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
  if (stdin !== undefined) query.set('stdin', 'true');
  for (const word of command) query.append('command', word);
  const request = { pod, subresource: 'exec', query, protocol: REMOTE_COMMAND } as const;
  const webSocket = await connectToPod(await session.gateway(), request);
  let said = '';
  const stderr: OutputSink = {
    write: (bytes) => {
      if (said.length < STDERR_BYTES) said += bytes.toString('utf8');
      return true;
    },
  };
  const code = await runOver(webSocket, { stdout, stderr, ...(stdin === undefined ? {} : { stdin }) });
  return { code, stderr: said.trim() };
}

const tarFailed = ({ pod }: Place, code: number, stderr: string): CliError =>
  new CliError({
    code: EXIT.failure,
    summary: `tar in pod ${pod.name} ended with ${code}`,
    causes: stderr.split('\n').filter((line) => line !== ''),
  });
