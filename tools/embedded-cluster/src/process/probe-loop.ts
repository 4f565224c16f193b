/**
 * The probes of one running container: startup first, then readiness and liveness in their periods, with thresholds. A
 * container without a probe passes. No timer of its own: it waits in the shared delay queue.
 */
import type { Probe } from '../model/pod.js';
import type { Delayed, DelayQueue } from '../engine/delay-queue.js';
import { type ProbeTarget, runProbe } from './probe.js';

export interface ProbeListener {
  started(): void;
  ready(ready: boolean): void;
  /** Liveness or startup failed too often: the container is to be killed. */
  unhealthy(probe: 'Liveness' | 'Startup', message: string): void;
  failed(probe: 'Liveness' | 'Readiness' | 'Startup', message: string): void;
}

type ProbeName = 'Liveness' | 'Readiness' | 'Startup';

export class ProbeLoop {
  readonly #delays: DelayQueue;
  readonly #target: ProbeTarget;
  readonly #listener: ProbeListener;
  readonly #waiting = new Map<ProbeName, Delayed>();
  #stopped = false;

  constructor(delays: DelayQueue, target: ProbeTarget, listener: ProbeListener) {
    this.#delays = delays;
    this.#target = target;
    this.#listener = listener;
  }

  start(): void {
    const { startupProbe } = this.#target.container;
    if (startupProbe === undefined) this.#begin();
    else this.#schedule('Startup', startupProbe, startupProbe.initialDelaySeconds ?? 0, 0, 0);
  }

  stop(): void {
    this.#stopped = true;
    for (const delayed of this.#waiting.values()) delayed.cancel();
    this.#waiting.clear();
  }

  #begin(): void {
    this.#listener.started();
    const { readinessProbe, livenessProbe } = this.#target.container;
    if (readinessProbe === undefined) this.#listener.ready(true);
    else this.#schedule('Readiness', readinessProbe, readinessProbe.initialDelaySeconds ?? 0, 0, 0);
    if (livenessProbe !== undefined) {
      this.#schedule('Liveness', livenessProbe, livenessProbe.initialDelaySeconds ?? 0, 0, 0);
    }
  }

  #schedule(name: ProbeName, probe: Probe, inSeconds: number, passes: number, failures: number): void {
    if (this.#stopped) return;
    const delayed = this.#delays.at(Date.now() + inSeconds * 1000, () => {
      void runProbe(probe, this.#target).then((problem) => this.#judge(name, probe, problem, passes, failures));
    });
    this.#waiting.set(name, delayed);
  }

  #judge(name: ProbeName, probe: Probe, problem: string | undefined, passes: number, failures: number): void {
    if (this.#stopped) return;
    const passed = problem === undefined ? passes + 1 : 0;
    const failed = problem === undefined ? 0 : failures + 1;
    if (problem !== undefined) this.#listener.failed(name, problem);
    if (problem === undefined && passed >= (probe.successThreshold ?? 1)) {
      if (name === 'Readiness') this.#listener.ready(true);
      if (name === 'Startup') {
        this.#begin();
        return;
      }
    }
    if (problem !== undefined && failed >= (probe.failureThreshold ?? 3)) {
      if (name !== 'Readiness') {
        this.#listener.unhealthy(name, problem);
        return;
      }
      this.#listener.ready(false);
    }
    this.#schedule(name, probe, probe.periodSeconds ?? 10, passed, failed);
  }
}
