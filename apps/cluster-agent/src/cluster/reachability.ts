/**
 * Whether the cluster's API can be used now, and if not, what it says. Judged by cheap requests every second and by the
 * watches: an API that answers /version but refuses our lists, or has lost its etcd, is of no use either.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { KubeApiError, type KubeClient, KubeUnreachableError } from '@skyflow/kube-client';

export interface ReachabilityState {
  reachable: boolean;
  message: string;
  /** gitVersion as last answered; '' if it never did. */
  kubernetesVersion: string;
}

export interface ReachabilityOptions {
  client: Pick<KubeClient, 'version' | 'ready'>;
  /** The error of a watch, if one has it. */
  watchError: () => Error | undefined;
  onChange: (state: ReachabilityState) => void;
  signal: AbortSignal;
  everyMs?: number;
  timeoutMs?: number;
  /** How long the API may say that it is not ready, or say nothing; default {@link PAUSE_TOLERATED_MS}. */
  pauseToleratedMs?: number;
}

const EVERY_MS = 1_000;
const TIMEOUT_MS = 1_500;
/** kube-apiserver waits twice 2 s for etcd before it says so (--etcd-healthcheck-timeout, --etcd-readycheck-timeout). */
const READY_TIMEOUT_MS = 5_000;
/** A disk, an etcd or an API server that stands still for five seconds is no outage; the last probe before may be a second older. */
const PAUSE_TOLERATED_MS = 7_000;
/** One lost request is no outage; a watch has just this long to find its way back. */
const TOLERATED_MS = 2_000;

/** Runs until the signal aborts. */
export async function watchReachability(options: ReachabilityOptions): Promise<void> {
  const { signal, onChange, everyMs = EVERY_MS, pauseToleratedMs = PAUSE_TOLERATED_MS } = options;
  let told: string | undefined;
  let kubernetesVersion = '';
  let lastGoodAt = performance.now();
  for (;;) {
    const probe = await probeOnce(options);
    if (signal.aborted) return;
    if (probe.version !== undefined) kubernetesVersion = probe.version;
    if (probe.error === undefined) lastGoodAt = performance.now();
    const toleratedMs = isPause(probe.error) ? pauseToleratedMs : TOLERATED_MS;
    const reachable = probe.error === undefined || performance.now() - lastGoodAt < toleratedMs;
    const first = told === undefined;
    // Nothing is said before the first answer, good or bad for long enough.
    if (probe.error === undefined || !reachable || !first) {
      const message = reachable ? '' : (probe.error?.message ?? '');
      const state = { reachable, message, kubernetesVersion };
      const text = JSON.stringify(state);
      if (text !== told) onChange(state);
      told = text;
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

async function probeOnce(options: ReachabilityOptions): Promise<{ version?: string; error?: Error }> {
  const { client, watchError, signal, timeoutMs = TIMEOUT_MS } = options;
  try {
    const { gitVersion } = await client.version({ timeoutMs, signal });
    const error = watchError() ?? (await readinessError(options));
    return { version: gitVersion, ...(error === undefined ? {} : { error }) };
  } catch (error) {
    // Forbidden to see the version is not unreachable; whether the rest works the watches tell.
    if (error instanceof KubeApiError && error.code === 403) {
      const trouble = watchError();
      return trouble === undefined ? {} : { error: trouble };
    }
    return { error: error as Error };
  }
}

/** It stands still, or what it needs does: unlike one that refuses connections or requests, it may go on as if nothing had been. */
const isPause = (error: Error | undefined): boolean =>
  error instanceof NotReadyError ||
  (error instanceof KubeUnreachableError &&
    ['TimeoutError', 'AbortError'].includes((error.cause as Error | undefined)?.name ?? ''));

/** It answers, and says that it cannot do its work. */
class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}

/** Undefined also where /readyz is hidden from us (403, 404): it says nothing then. */
async function readinessError({ client, signal }: ReachabilityOptions): Promise<NotReadyError | undefined> {
  try {
    await client.ready({ timeoutMs: READY_TIMEOUT_MS, signal });
    return undefined;
  } catch (error) {
    if (error instanceof KubeApiError && error.code < 500) return undefined;
    const failed = [...(error as Error).message.matchAll(/^\[-\](\S+)/gm)].map(([, check]) => check);
    const why = failed.length > 0 ? `these of its checks fail: ${failed.join(', ')}` : (error as Error).message;
    return new NotReadyError(`the API server is not ready: ${why}`, { cause: error });
  }
}
