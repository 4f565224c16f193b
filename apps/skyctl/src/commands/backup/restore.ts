/** `skyctl backup restore`: the log of a backup into a nats-server, all of it or up to a point. */
import type { Manifest } from '@skyflow/event-log';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { explaining, openStore, readKey } from './backup-place.js';
import { connected, natsPlace } from './operator-connection.js';
import { timeOf } from './render-backups.js';

type Point = { seq: number } | { timeMs: number };

export const restore: CommandHandler = async (session, { args, flags }) => {
  const store = await openStore(args, flags);
  const nats = natsPlace(session, flags);
  const { BackupSeal, findManifest, readBackup, restoreLog, upTo } = await import('./engine.js');
  const seal = await explaining(() => BackupSeal.open(store, readKey(session, flags)));
  const manifest = await explaining(() => findManifest(store, seal, flags.text('backup')));
  const point = pointIn(flags, manifest);
  const backup = { store, seal, manifest };
  const what = await explaining(async () => {
    let [commits, last] = [0, 0];
    // All of it is looked at before anything is changed.
    for await (const { seq, storedAt } of readBackup(backup)) {
      if (!isWithin(point, seq, storedAt)) continue;
      commits++;
      last = seq;
    }
    return { commits, last };
  });
  session.remark(
    `backup ${manifest.id} is whole; ${what.commits} of its ${manifest.commits} commits (up to ${what.last}) go to ${nats.url}`,
  );
  if (!flags.on('yes')) {
    throw usageError(
      'nothing was changed',
      'say --yes to restore it; the services may run, they start anew by themselves',
    );
  }
  const connection = await connected(nats);
  try {
    const replicas = flags.wholeNumber('replicas', 1);
    const restored = await explaining(() =>
      restoreLog({
        connection,
        commits: upTo(readBackup(backup), point),
        lastKnown: manifest.last,
        replace: flags.on('replace'),
        ...(replicas === undefined ? {} : { replicas }),
      }),
    );
    session.terminal.line(
      `restored ${restored.commits} commits; the log goes on at ${restored.next}. What runs on the clusters was not touched`,
    );
    return EXIT.ok;
  } finally {
    await connection.close();
  }
};

function pointIn(flags: Flags, manifest: Manifest): Point {
  const text = flags.text('at');
  if (text === undefined) return { seq: manifest.last };
  const { first, last, firstStoredAt, lastStoredAt } = manifest;
  const seq = /^[1-9]\d{0,11}$/.test(text) ? Number(text) : undefined;
  const timeMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (seq === undefined && Number.isNaN(timeMs)) {
    throw usageError(`--at ${text}: is neither a sequence nor a time`, 'write 1200, or 2026-11-24T08:00:00Z');
  }
  const point = seq === undefined ? { timeMs } : { seq };
  const isAfter = seq === undefined ? timeMs > lastStoredAt : seq > last;
  const isBefore = seq === undefined ? timeMs < firstStoredAt : seq < first;
  if (!isAfter && !isBefore) return point;
  const range = `commits ${first} to ${last}, ${timeOf(firstStoredAt)} to ${timeOf(lastStoredAt)}`;
  throw usageError(
    `--at ${text}: is ${isAfter ? 'after' : 'before'} what backup ${manifest.id} holds (${range})`,
    isAfter ? 'take a later backup (skyctl backup list), or leave --at out for all of it' : 'give a later point',
  );
}

const isWithin = (point: Point, seq: number, storedAt: number): boolean =>
  'seq' in point ? seq <= point.seq : storedAt <= point.timeMs;
