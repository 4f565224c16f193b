/** What clients did and saw, and what there is at the end: all that the verdict is made of. */

/** A job, as far as the last acknowledged write says. */
export interface Acknowledged {
  uid: string;
  replicas: number;
  /** Its pods run to completion. */
  ends: boolean;
}

/** A read by who had written before: it asked for the state at this resourceVersion or later. */
export interface OwnRead {
  name: string;
  uid: string;
  /** Of the write. */
  wrote: number;
  /** What was read; undefined: it was not there. */
  read: number | undefined;
}

/** What a watch said, in its order; a watch that breaks is taken up at the last version that it had seen. */
export interface Seen {
  uid: string;
  name: string;
  version: number;
  phase: string;
}

export interface ListedJob {
  name: string;
  uid: string;
  replicas: number;
  phase: string;
  /** Replicas by cluster, by its status. */
  placed: Readonly<Record<string, number>>;
}

/** A native object with our label. */
export interface NativeWorkload {
  cluster: string;
  uid: string;
  /** Replicas, or completions of what ends. */
  size: number;
}

export interface History {
  /** By name; what was acknowledged as deleted is not in it. */
  ledger: ReadonlyMap<string, Acknowledged>;
  deleted: ReadonlyMap<string, Acknowledged>;
  ownReads: readonly OwnRead[];
  /** By watcher. */
  watches: readonly (readonly Seen[])[];
}

/** What one nats-server holds of the log. */
export interface Replica {
  node: string;
  messages: number;
  lastSequence: number;
  bytes: number;
}

export interface Outcome {
  /** By gateway. */
  listed: ReadonlyMap<string, readonly ListedJob[]>;
  natives: readonly NativeWorkload[];
  /** How often the log says that an object of this name was created, by uid. */
  createdInLog: ReadonlyMap<string, readonly string[]>;
  replicas: readonly Replica[];
}

/** Each with the words for people. */
export interface Verdict {
  /** Acknowledged, and not so. */
  lost: string[];
  /** There more than once, or where nothing should be. */
  doubled: string[];
  /** Said of what was so before. */
  stale: string[];
  /** Went back. */
  regressed: string[];
}
