/** The event log: append, read, follow; folds kept current; group commit; leases. */
export {
  type EventLog,
  type CommitDraft,
  type SubjectHead,
  type ChainHeads,
  type Appended,
  type RecordedCommit,
  type ReadOptions,
  type FollowOptions,
  type Followed,
  WrongLastSequenceError,
  LogUnavailableError,
  AppendRefusedError,
  LogSetupError,
  BrokenChainError,
  LogPurgedError,
  type Horizon,
  type LogAge,
  type Retention,
  type Checkpoint,
  type CheckpointKey,
} from './event-log.js';
export { encodeCommit, hashOf } from './commit-codec.js';
export { type Fold, type EntryContext } from './fold.js';
export {
  Projection,
  type ProjectionOptions,
  type FoldedState,
  type WaitOptions,
  type BatchListener,
} from './projection.js';
export {
  SubjectWriter,
  type SubjectWriterOptions,
  type Decision,
  type Decide,
  type Submitted,
  type Committed,
  type Overlay,
} from './subject-writer.js';
export { MemoryEventLog, type MemoryEventLogOptions } from './memory/memory-event-log.js';
export { FeatureLevelError, FeatureOffError, assertOn } from './levels/level-in-force.js';
export { levelNeeded, readAtLevel, readingLevel } from './levels/reading-level.js';
export { serveReaders } from './jetstream/serve-readers.js';
export { JetStreamEventLog, type JetStreamEventLogOptions } from './jetstream/jetstream-event-log.js';
export {
  SnapshotDamagedError,
  type SnapshotStore,
  type Snapshot,
  type SnapshotHeader,
} from './snapshots/snapshot-store.js';
export { SnapshotSchedule, type SnapshotOptions } from './snapshots/snapshot-schedule.js';
export { type LoadedSnapshot, loadCheckpoint, loadSnapshot } from './snapshots/load-snapshot.js';
export { FileSnapshotStore, type FileSnapshotOptions } from './snapshots/file-snapshot-store.js';
export { MemorySnapshotStore } from './snapshots/memory-snapshot-store.js';
export { JetStreamRefusal } from './jetstream/jetstream-api.js';
export { KvBucket, type KvBucketOptions, type KvEntry, type KvFollowed } from './kv/kv-bucket.js';
export { Leases, type LeasesOptions } from './leases/leases.js';
export { type Lease } from './leases/held-lease.js';
export { type LeaseHolder } from './leases/lease-bucket.js';
export * from './backup/index.js';
export { type Folding, type FoldedTo, foldCheckpoint, foldingOf } from './checkpoint/fold-checkpoint.js';
export { type LogSize, type Purged, horizonIn, purgeLog, removePurged } from './checkpoint/purge-log.js';
export { noteRetention } from './checkpoint/retention.js';
export { purgedText } from './checkpoint/horizon.js';
