/** What the commands need of the log's own code and of NATS: a bundle of its own (build.mjs), loaded by no other command. */
export {
  BackupSeal,
  DirectoryBackupStore,
  createBackup,
  findManifest,
  listManifests,
  readBackup,
  restoreLog,
  upTo,
} from '@skyflow/event-log';
export { connect, nkeyAuthenticator } from '@nats-io/transport-node';
