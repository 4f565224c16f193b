/**
 * `skyctl backup archive`, `purge` and `checkpoint`: old history goes into the backups of a place, is read there again and verified, and only
 * then taken out of the log; what services need in place of it is made of what was read.
 */
import type { Manifest } from '@skyflow/event-log';
import { type CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { Session } from '../../session.js';
import type { Archived } from './archive-engine.js';
import { explaining, openStore, writeKey } from './backup-place.js';
import { connected, natsPlace } from './operator-connection.js';
import { everyMs as intervalOf, repeatedly } from './retention.js';
import { sizeText, timeOf } from './render-backups.js';
import { storedCommits } from './take.js';

interface Service {
  name: string;
  instance: string;
  foldedSeq: number;
}

/** What the log is to begin with, and where it begins now. */
interface Target {
  seq: number;
  first: number;
  /** Who has not folded as far as was asked for. */
  heldBackBy: Service | undefined;
}

export const archive: CommandHandler = async (session, { args, flags }) => {
  const place = await openStore(args, flags);
  return withLog(session, flags, async ({ target }) => {
    const wanted = await target();
    if (wanted === undefined) return EXIT.ok;
    const { manifest, archived } = await archiveUpTo(session, place, flags, wanted.seq);
    session.terminal.line(
      `archived: commits ${manifest.first} to ${archived.seq} (until ${timeOf(archived.storedAt)}) are in ${place.place}, read again and ` +
        `verified; skyctl backup purge takes them out of the log`,
    );
    return EXIT.ok;
  });
};

export const purge: CommandHandler = async (session, { args, flags }) => {
  const everyMs = intervalOf(flags);
  const place = await openStore(args, flags);
  return everyMs === undefined
    ? purgeOnce(session, place, flags, undefined)
    : repeatedly(session, everyMs, () => purgeOnce(session, place, flags, everyMs));
};

/** @param everyMs undefined: by hand */
function purgeOnce(session: Session, place: Place, flags: Flags, everyMs: number | undefined): Promise<number> {
  return withLog(session, flags, async ({ connection, target }) => {
    const wanted = await target();
    const isDry = flags.on('dry-run');
    const { noteRetention, purgeLog, removePurged } = await import('./engine.js');
    const keepMs = flags.durationMs('keep');
    const came = (): Promise<void> =>
      explaining(() =>
        noteRetention(
          connection,
          everyMs === undefined || keepMs === undefined ? undefined : { keepMs, everyMs, ranAt: Date.now() },
        ),
      );
    // What an earlier one that was broken off has left.
    if (!isDry && flags.on('yes')) await explaining(() => removePurged(connection));
    if (wanted === undefined) {
      if (!isDry && flags.on('yes')) await came();
      return EXIT.ok;
    }
    const { seq, first } = wanted;
    if (isDry || !flags.on('yes')) {
      session.terminal.line(
        `would archive commits ${first} to ${seq} in ${place.place}, verify them there, and take them out of the log; the last one of ` +
          'each subject, what the provisioner wrote, and a checkpoint stay',
      );
      if (isDry) return EXIT.ok;
      throw usageError('nothing was changed', 'say --yes to do it; the services may run');
    }
    const { archived } = await archiveUpTo(session, place, flags, seq);
    const { before, after } = await explaining(() => purgeLog({ connection, archive: place.place, ...archived }));
    await came();
    session.terminal.line(
      `purged: the log begins at commit ${archived.seq} (${timeOf(archived.storedAt)}); ${before.commits - after.commits} commits are gone ` +
        `from it, ${after.commits} are left (${sizeText(before.bytes)} before, ${sizeText(after.bytes)} now). What was before is in ${place.place}`,
    );
    return EXIT.ok;
  });
}

export const checkpoint: CommandHandler = async (session, { args, flags }) => {
  const place = await openStore(args, flags);
  return withLog(session, flags, async ({ connection }) => {
    const { horizonIn, purgeLog } = await import('./engine.js');
    const horizon = await explaining(() => horizonIn(connection));
    if (horizon === undefined) {
      session.terminal.line('nothing was purged from this log: it needs no checkpoint');
      return EXIT.ok;
    }
    const { archived } = await archiveUpTo(session, place, flags, horizon.seq);
    await explaining(() => purgeLog({ connection, ...archived, archive: horizon.archive }));
    session.terminal.line(`services of this version can start at commit ${horizon.seq}, those of others as before`);
    return EXIT.ok;
  });
};

type Connection = Awaited<ReturnType<typeof connected>>;

/** With the log of the operator, and what is to be purged of it. */
async function withLog(
  session: Session,
  flags: Flags,
  use: (log: { connection: Connection; target: () => Promise<Target | undefined> }) => Promise<number>,
): Promise<number> {
  const connection = await connected(natsPlace(session, flags));
  try {
    return await use({ connection, target: () => targetOf(session, flags, connection) });
  } finally {
    await connection.close();
  }
}

/** Undefined: there is nothing to purge, which was said. @throws CliError (usage) */
async function targetOf(session: Session, flags: Flags, connection: Connection): Promise<Target | undefined> {
  const wanted = pointIn(flags);
  const { JetStreamEventLog } = await import('./engine.js');
  const log = await explaining(() => JetStreamEventLog.open({ connection, create: false }));
  const [first, head] = [await log.first(), await log.head()];
  const asked = 'seq' in wanted ? wanted.seq : await log.sequenceAt(wanted.timeMs);
  await log.close();
  if (asked > head) throw usageError(`--before ${asked}: is beyond the end of the log (${head})`);
  const gateway = await session.gateway();
  const { body } = await gateway.json<{ services: Service[] }>({ path: '/status' });
  const behind = body.services
    .filter(({ foldedSeq }) => foldedSeq < asked)
    .sort((a, b) => a.foldedSeq - b.foldedSeq)[0];
  const seq = Math.min(asked, behind?.foldedSeq ?? asked);
  if (behind !== undefined) {
    session.remark(
      `${behind.name} ${behind.instance} has folded up to commit ${behind.foldedSeq} only: what came later stays`,
    );
  }
  if (seq > first) return { seq, first, heldBackBy: behind };
  session.terminal.line(`nothing to purge: the log begins at commit ${first}, and nothing after it is as old`);
  return undefined;
}

function pointIn(flags: Flags): { seq: number } | { timeMs: number } {
  const [before, keepMs] = [flags.text('before'), flags.durationMs('keep')];
  if ((before === undefined) === (keepMs === undefined)) {
    throw usageError('say how much history stays', '--keep 90d, or --before 2026-11-24T08:00:00Z');
  }
  if (keepMs !== undefined) return { timeMs: Date.now() - keepMs };
  const text = before ?? '';
  if (/^[1-9]\d{0,11}$/.test(text)) return { seq: Number(text) };
  const timeMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(timeMs)) return { timeMs };
  throw wrongPoint(text);
}

const wrongPoint = (text: string): CliError =>
  usageError(`--before ${text}: is neither a sequence nor a time`, 'write 1200, or 2026-11-24T08:00:00Z');

type Place = Awaited<ReturnType<typeof openStore>>;
interface ArchivedIn {
  manifest: Manifest;
  archived: Archived;
}

/** Backs up what is new, then reads all of it: from what lies in the place, not from what was sent to it. */
async function archiveUpTo(session: Session, store: Place, flags: Flags, seq: number): Promise<ArchivedIn> {
  const key = writeKey(session, flags);
  const { BackupSeal, createBackup, foldArchive } = await import('./engine.js');
  return explaining(async () => {
    const seal = await BackupSeal.begin(store, key);
    const read = (from: number, to?: number) => storedCommits(session, from, to);
    const { manifest } = await createBackup({ store, seal, read, nowMs: Date.now });
    const archived = await foldArchive({ store, seal, manifest }, seq);
    if (archived === undefined || manifest.first !== 1) {
      throw usageError(
        `${store.place} holds the log from commit ${manifest.first} on only: it can be no archive of what was before`,
        'give the place that holds all of it, or a copy of it',
      );
    }
    return { manifest, archived };
  });
}
