export {
  type EventLog,
  type CommitDraft,
  type SubjectHead,
  type Appended,
  type RecordedCommit,
  type ReadOptions,
  type FollowOptions,
  type Followed,
  WrongLastSequenceError,
  LogUnavailableError,
  BrokenChainError,
} from './event-log.js';
export { type Fold, type EntryContext } from './projection.js';
