/** Where backups are and with which key, from the command line. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BackupFault, BackupKey, BackupStore } from '@skyflow/event-log';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT, type ExitCode } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { configPath } from '../../config/config-file.js';
import type { Session } from '../../session.js';

const OWNER_ONLY = 0o600;
const KEY_BYTES = 32;
/** A passphrase in the file is derived slowly; but nothing helps a short one. */
const LEAST_KEY_LENGTH = 16;

/** `s3://bucket/prefix`, or a directory. @throws CliError (usage) */
export async function openStore(args: readonly string[], flags: Flags): Promise<BackupStore> {
  const [place, ...others] = args;
  if (place === undefined || others.length > 0) {
    throw usageError('say where the backups are', 'a directory, or s3://BUCKET/PREFIX');
  }
  const endpoint = flags.text('endpoint');
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(place) ?? [];
  if (bucket !== undefined) {
    const { S3BackupStore } = await import('./s3-store.js');
    const at = { bucket, prefix: prefix.replaceAll(/^\/+|\/+$/g, '') };
    return new S3BackupStore({ ...at, ...(endpoint === undefined ? {} : { endpoint }) });
  }
  if (place.includes('://'))
    throw usageError(`${place}: is no place for backups`, 'a directory, or s3://BUCKET/PREFIX');
  if (endpoint !== undefined) throw usageError('--endpoint is of S3', `write s3://BUCKET/PREFIX in place of ${place}`);
  const { DirectoryBackupStore } = await import('./engine.js');
  return new DirectoryBackupStore(place);
}

/** The key to read with. Absent: perhaps none is needed. */
export function readKey(session: Session, flags: Flags): BackupKey | undefined {
  const file = flags.text('key-file');
  if (file === undefined && !existsSync(defaultKeyFile(session))) return undefined;
  return keyIn(file ?? defaultKeyFile(session));
}

/** The key to write with; made the first time, in the default place only. */
export function writeKey(session: Session, flags: Flags): BackupKey {
  const file = flags.text('key-file');
  if (flags.on('unencrypted')) {
    if (file !== undefined)
      throw usageError('--unencrypted and --key-file exclude each other', 'leave one of them out');
    return 'none';
  }
  const path = file ?? defaultKeyFile(session);
  if (!existsSync(path)) {
    if (file !== undefined) {
      throw usageError(`--key-file ${file}: there is no such file`, `make one: openssl rand -hex 32 > ${file}`);
    }
    writeFileSync(path, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: OWNER_ONLY, flag: 'wx' });
    session.remark(`made ${path}: without it no backup can be read. Keep a copy of it, apart from the backups`);
  }
  return keyIn(path);
}

const defaultKeyFile = ({ env }: Session): string => join(dirname(configPath(env)), 'backup.key');

function keyIn(path: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw usageError(`the key file ${path} cannot be read: ${(error as Error).message}`);
  }
  if (text.length < LEAST_KEY_LENGTH) {
    throw usageError(
      `the key file ${path} holds ${text.length} characters: at least ${LEAST_KEY_LENGTH} are needed`,
      `make one: openssl rand -hex 32 > ${path}`,
    );
  }
  return Buffer.from(text);
}

const CODES: Record<BackupFault, ExitCode> = {
  empty: EXIT.notFound,
  damaged: EXIT.failure,
  key: EXIT.refused,
  'other-log': EXIT.conflict,
  'not-empty': EXIT.conflict,
};

/** Runs it; what goes wrong with a place, a backup or a log is said for people. The engine is another bundle: errors are told by name. */
export async function explaining<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CliError || !(error instanceof Error)) throw error;
    const fault = error.name === 'BackupError' ? (error as Error & { fault: BackupFault }).fault : undefined;
    const hint =
      fault === 'not-empty' ? '--replace puts the backup in its place; take a backup of it first' : undefined;
    throw new CliError({
      code: fault === undefined ? EXIT.failure : CODES[fault],
      summary: error.message,
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}
