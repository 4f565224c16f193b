/** Backups of the log: see docs/operate.md. */
export { BackupError, type BackupFault, type BackupStore } from './backup-store.js';
export { BackupSeal, type BackupKey } from './backup-seal.js';
export { DirectoryBackupStore } from './directory-store.js';
export { createBackup, type BackupOptions, type BackupTaken } from './create-backup.js';
export { readBackup, upTo, type StoredBackup } from './read-backup.js';
export { restoreLog, type Restored, type RestoreOptions } from './restore-log.js';
export { findManifest, listManifests, type Manifest, type Segment } from './manifest.js';
export { type StoredCommit } from './stored-commit.js';
