/** What a kubelet knows of one container of one pod; pod status is made of these. */
import type { Container, TerminatedState } from '../model/pod.js';

type ContainerPhase =
  | { is: 'waiting'; reason: string; message?: string }
  | { is: 'running'; startedAtMs: number }
  | { is: 'terminated'; state: TerminatedState };

export interface ContainerRecord {
  container: Container;
  phase: ContainerPhase;
  restarts: number;
  /** How it ended the time before. */
  last?: TerminatedState;
  /** Passed its readiness probe, or has none. */
  ready: boolean;
  /** Passed its startup probe, or has none, since it runs. */
  started: boolean;
  containerId?: string;
}

export const newRecord = (container: Container, reason: string): ContainerRecord => ({
  container,
  phase: { is: 'waiting', reason },
  restarts: 0,
  ready: false,
  started: false,
});

/** Whether the kubelet starts a container again that ended with this code. */
export const restartsAfter = (policy: 'Always' | 'OnFailure' | 'Never', exitCode: number): boolean =>
  policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
