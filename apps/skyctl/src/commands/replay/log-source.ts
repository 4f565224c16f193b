/** Commits of a log, from the gateway or from a saved file, a line of JSON each. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Commit, Entry } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { Session } from '../../session.js';
import { explaining, openStore, readKey } from '../backup/backup-place.js';

export interface LogLine {
  seq: number;
  subject: string;
  /** ms since the epoch. */
  storedAt: number;
  /** The gateway has decoded the entries. */
  commit: Omit<Commit, 'entries'> & { entries: Entry[] };
}

export async function openLog(session: Session, file: string | undefined): Promise<AsyncIterable<LogLine>> {
  if (file !== undefined) return linesOf(readFile(file), file, parse);
  return fromGateway(session, undefined);
}

/** An archive, and what the log holds that came after it. */
export async function* openArchive(session: Session, flags: Flags, place: string): AsyncGenerator<LogLine> {
  const store = await openStore([place], flags);
  const { BackupSeal, decodeStored, findManifest, readBackup } = await import('../backup/engine.js');
  const { seal, manifest } = await explaining(async () => {
    const opened = await BackupSeal.open(store, readKey(session, flags));
    return { seal: opened, manifest: await findManifest(store, opened, undefined) };
  });
  for await (const stored of readBackup({ store, seal, manifest })) yield decodeStored(stored);
  yield* await fromGateway(session, manifest.last + 1);
}

async function fromGateway(session: Session, from: number | undefined): Promise<AsyncIterable<LogLine>> {
  const gateway = await session.gateway();
  return linesOf(await gateway.stream({ path: '/log', query: { from } }), 'the log', parse);
}

function readFile(file: string): Readable {
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return bytes;
  const text = createGunzip();
  bytes.on('error', (error) => text.destroy(error));
  return bytes.pipe(text);
}

/**
 * What each line is, in order. `parse` is told where the line is, for its message.
 * @throws CliError also when the stream broke before its end
 */
export async function* linesOf<T>(
  stream: Readable,
  what: string,
  parse: (text: string, where: string) => T,
): AsyncGenerator<T> {
  let count = 0;
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      count++;
      if (text !== '') yield parse(text, `${what}, line ${count}`);
    }
    // A stream that broke between two lines.
    if (stream.errored !== null) throw stream.errored;
  } catch (error) {
    throw error instanceof CliError ? error : unreadable(what, error as Error);
  }
}

function parse(text: string, where: string): LogLine {
  let line: Partial<LogLine> | null;
  try {
    line = JSON.parse(text) as Partial<LogLine> | null;
  } catch (error) {
    throw unreadable(where, error as Error);
  }
  if (typeof line?.seq !== 'number' || typeof line.subject !== 'string' || !Array.isArray(line.commit?.entries)) {
    throw unreadable(where, new Error('it is no commit of a log: seq, subject and commit.entries are needed'));
  }
  return line as LogLine;
}

const unreadable = (what: string, cause: Error): CliError =>
  new CliError({ code: EXIT.failure, summary: `${what} cannot be read: ${cause.message}`, cause });
