/** A way to come by a nats-server: one of several that the resolver tries in order. */
import type { ProcessRunner } from '../process-runner.js';

/** Where a binary came from. */
export type NatsServerSource = 'given' | 'path' | 'cache' | 'download' | 'go' | 'package';

export interface FoundNatsServer {
  path: string;
  /** `x.y.z`, as the binary itself says. */
  version: string;
  source: NatsServerSource;
}

/** What a way may use of its surroundings; tests put their own in. */
export interface Surroundings {
  run: ProcessRunner;
  fetch: typeof fetch;
  report: (line: string) => void;
  cacheDir: string;
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  arch: string;
  /** Effective user id; undefined where there is none (Windows). */
  uid: number | undefined;
}

/** Why a way gave nothing; one line, for people. */
export class WayFailedError extends Error {
  override readonly name = 'WayFailedError';
}

export interface Way {
  source: NatsServerSource;
  /** What it is about to do, e.g. `building nats-server 2.14.5 with Go`. */
  describe(): string;
  /** @throws WayFailedError with the reason. */
  find(): Promise<FoundNatsServer>;
  /** What a person can do to make this way work; one line. */
  advice: string;
}
