/** What runs the pods of a cluster: the virtual runtime, or real processes. One per cluster, for all of its nodes. */
import type { Outcome } from '../controllers/reconcile.js';

import type { ContainerPlace } from '../process/container-place.js';
import type { RemoteProcess } from '../process/remote-process.js';

export interface LogRequest {
  namespace: string;
  pod: string;
  container: string;
  previous: boolean;
  follow: boolean;
  tailLines?: number;
  limitBytes?: number;
  sinceMs?: number;
  timestamps: boolean;
}

/** What a client that attaches wants besides output. */
export interface AttachWanted {
  stdin: boolean;
  tty: boolean;
}

export interface PodRuntime {
  /** A pod that is bound, or was, changed: look at it. */
  syncPod(namespace: string | undefined, name: string, nowMs: number): Outcome;
  /** @throws StatusError when the container has no log yet. */
  logs(request: LogRequest, signal: AbortSignal): AsyncIterable<string>;
  /** @throws StatusError when the container does not run or cannot run commands. */
  execTarget(namespace: string, pod: string, container: string): ContainerPlace;
  /** @throws StatusError when the container does not run, or does not take what is wanted. */
  attachTarget(namespace: string, pod: string, container: string, wanted: AttachWanted): () => RemoteProcess;
  /** Where the pod's ports are. @throws StatusError when nothing of it runs. */
  podAddress(namespace: string, pod: string): string;
  /** Everything that runs is gone afterwards. */
  stop(): Promise<void>;
}
