import { describe, expect, it } from '@jest/globals';
import { KubeApiError, KubeUnreachableError } from '@skyflow/kube-client';
import { watchReachability, type ReachabilityState } from './reachability.js';

const NOT_READY =
  '[+]ping ok\n[-]etcd failed: reason withheld\n[-]etcd-readiness failed: reason withheld\nreadyz check failed';

/** What was told until `count` states were, of an API whose /readyz does what `ready` does. */
async function told(
  ready: () => Promise<void>,
  { count = 1, pauseToleratedMs = 20 } = {},
): Promise<ReachabilityState[]> {
  const states: ReachabilityState[] = [];
  const stop = new AbortController();
  await watchReachability({
    client: { version: () => Promise.resolve({ gitVersion: 'v1.36.3' }), ready },
    watchError: () => undefined,
    onChange: (state) => {
      states.push(state);
      if (states.length === count) stop.abort();
    },
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(300)]),
    everyMs: 1,
    pauseToleratedMs,
  });
  return states;
}

const refuse = (error: Error) => () => Promise.reject(error);

describe('the reachability of an API', () => {
  it('is good where the API says that it is ready', async () => {
    expect(await told(() => Promise.resolve())).toEqual([
      { reachable: true, message: '', kubernetesVersion: 'v1.36.3' },
    ]);
  });

  it('is lost with its etcd, which it names, though it answers other questions', async () => {
    const [state] = await told(refuse(new KubeApiError(500, { message: NOT_READY })));
    expect(state).toEqual({
      reachable: false,
      message: 'the API server is not ready: these of its checks fail: etcd, etcd-readiness',
      kubernetesVersion: 'v1.36.3',
    });
  });

  it('is not lost for a pause that is short', async () => {
    const until = performance.now() + 50;
    const ready = (): Promise<void> =>
      performance.now() < until ? Promise.reject(new KubeUnreachableError('no answer')) : Promise.resolve();
    expect(await told(ready, { pauseToleratedMs: 5_000 })).toMatchObject([{ reachable: true }]);
  });

  it('is not lost while an API stands still for a short time, and is when it refuses connections', async () => {
    const silent = new KubeUnreachableError('no answer', { cause: new DOMException('late', 'TimeoutError') });
    const refused = new KubeUnreachableError('refused', { cause: new Error('connect ECONNREFUSED') });
    const states = async (error: Error): Promise<ReachabilityState[]> => {
      const found: ReachabilityState[] = [];
      let asked = 0;
      await watchReachability({
        client: {
          version: () => (asked++ === 0 ? Promise.resolve({ gitVersion: 'v1' }) : Promise.reject(error)),
          ready: () => Promise.resolve(),
        },
        watchError: () => undefined,
        onChange: (state) => found.push(state),
        signal: AbortSignal.timeout(2_500),
        everyMs: 50,
        pauseToleratedMs: 60_000,
      });
      return found;
    };
    const [whenSilent, whenRefused] = await Promise.all([states(silent), states(refused)]);
    expect(whenSilent.map(({ reachable }) => reachable)).toEqual([true]);
    expect(whenRefused.map(({ reachable }) => reachable)).toEqual([true, false]);
  });

  it.each([403, 404])('does not depend on /readyz where that answers %d', async (code) => {
    expect(await told(refuse(new KubeApiError(code, {})))).toMatchObject([{ reachable: true }]);
  });
});
