/** What the commands need of the log's own code and of NATS: a bundle of its own (build.mjs), loaded by no other command. */
export { decodeStored, foldArchive } from './archive-engine.js';
export {
  BackupSeal,
  DirectoryBackupStore,
  JetStreamEventLog,
  createBackup,
  findManifest,
  horizonIn,
  listManifests,
  noteRetention,
  purgeLog,
  readBackup,
  removePurged,
  restoreLog,
  upTo,
} from '@skyflow/event-log';
export { connect, nkeyAuthenticator } from '@nats-io/transport-node';
