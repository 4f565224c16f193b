/** `skyctl backup restore`: the log of a backup into a nats-server, all of it or up to a point. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest } from '@skyflow/event-log';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { configPath } from '../../config/config-file.js';
import type { Session } from '../../session.js';
import { explaining, openStore, readKey } from './backup-place.js';
import { timeOf } from './render-backups.js';

interface NatsPlace {
  url: string;
  keyFile: string | undefined;
  token: string | undefined;
  caFile: string | undefined;
}

type Point = { seq: number } | { timeMs: number };

const CONNECT_MS = 5_000;

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

/** By flags, by the environment that services have, or of the installation in SKYFLOW_HOME. */
function natsPlace({ env }: Session, flags: Flags): NatsPlace {
  const url = flags.text('nats') ?? env.SKYFLOW_NATS_URL;
  const keyFile = flags.text('nats-key') ?? env.SKYFLOW_NATS_KEY_FILE;
  const caFile = flags.text('nats-ca') ?? env.SKYFLOW_NATS_CA_FILE;
  const token = env.SKYFLOW_NATS_TOKEN;
  if (url !== undefined) return { url, keyFile, token, caFile };
  const home = dirname(configPath(env));
  const ports = join(home, 'ports.json');
  if (!existsSync(ports)) {
    throw usageError(
      'say which nats-server the log is to be restored to',
      '--nats nats://HOST:4222 --nats-key operator.nk',
    );
  }
  const { nats } = JSON.parse(readFileSync(ports, 'utf8')) as { nats: number };
  const configuration = join(home, 'nats', 'nats-server.conf');
  const isSecure = existsSync(configuration) && /^\s*tls\b/m.test(readFileSync(configuration, 'utf8'));
  return {
    url: `nats://127.0.0.1:${nats}`,
    keyFile: keyFile ?? join(home, 'nats-keys', 'operator.nk'),
    token,
    caFile: caFile ?? (isSecure ? join(home, 'ca.crt') : undefined),
  };
}

async function connected({ url, keyFile, token, caFile }: NatsPlace) {
  const { connect, nkeyAuthenticator } = await import('./engine.js');
  try {
    return await connect({
      servers: url,
      timeout: CONNECT_MS,
      ...(token === undefined ? {} : { token }),
      ...(keyFile === undefined
        ? {}
        : { authenticator: nkeyAuthenticator(Buffer.from(readFileSync(keyFile, 'utf8').trim())) }),
      ...(caFile === undefined ? {} : { tls: { caFile } }),
    });
  } catch (error) {
    throw new CliError({
      code: EXIT.unavailable,
      summary: `nats-server at ${url} does not let skyctl in: ${(error as Error).message}`,
      hint: 'it must run, and the key must be that of the operator (--nats-key; with "up": SKYFLOW_HOME/nats-keys/operator.nk)',
      cause: error,
    });
  }
}
