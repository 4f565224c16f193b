import { describe, expect, it } from '@jest/globals';
import type { AssignedEndpoint } from '@skyflow/contracts';
import type { ProbeBy } from './path-attempts.js';
import { PathProber } from './path-prober.js';

const endpoints: AssignedEndpoint[] = Array.from({ length: 12 }, (_, at) => ({
  ...{ address: `10.0.0.${at}`, ports: [{ name: '', port: 80, protocol: 'TCP' }], pod: `web-${at}`, uid: `pod-${at}` },
  ...{ ready: true, serving: true, terminating: false },
}));

const answering = (dead: ReadonlySet<string>, plane: ProbeBy['plane'] = 'gateway'): ProbeBy => ({
  plane,
  clashes: () => false,
  way: () => Promise.resolve({ place: 'the gateway of b', ms: 1, error: undefined }),
  attempt: ({ uid, address }) =>
    Promise.resolve({ place: address, ms: 1, error: dead.has(uid) ? 'ECONNREFUSED' : undefined }),
});

const rounds = async (prober: PathProber, count: number, dead: ReadonlySet<string>): Promise<number> => {
  let news = 0;
  for (let round = 0; round < count; round++) {
    if (await prober.probe('svc', 'b', endpoints, answering(dead))) news += 1;
  }
  return news;
};

describe('the path prober', () => {
  it('finds pods that do not answer within a few turns, and again those that do', async () => {
    const prober = new PathProber();
    const dead = new Set(['pod-4', 'pod-11']);
    await rounds(prober, 8, dead);
    expect(prober.verdict('svc', 'b')?.state).toBe('UP');
    expect(prober.failing('svc', 'b')).toEqual(dead);
    await rounds(prober, 1, new Set());
    expect(prober.failing('svc', 'b').size).toBe(0);
  });

  it('takes the loss of all of them for one of the path', async () => {
    const prober = new PathProber();
    await rounds(prober, 1, new Set());
    await rounds(prober, 5, new Set(endpoints.map(({ uid }) => uid)));
    expect(prober.verdict('svc', 'b')?.state).toBe('DOWN');
    expect(prober.failing('svc', 'b').size).toBe(0);
  });

  it('has news only when something changed', async () => {
    const prober = new PathProber();
    expect(await rounds(prober, 20, new Set())).toBe(1);
    expect(await rounds(prober, 20, new Set(['pod-3']))).toBe(1);
  });

  it('takes nothing that proved one plane for a proof of the other', async () => {
    const prober = new PathProber();
    await rounds(prober, 3, new Set());
    expect([prober.isOfOther('svc', 'b', 'flat'), prober.isOfOther('svc', 'b', 'gateway')]).toEqual([true, false]);
    const lost = answering(new Set(endpoints.map(({ uid }) => uid)), 'flat');
    await prober.probe('svc', 'b', endpoints, lost);
    expect(prober.verdict('svc', 'b')).toMatchObject({ state: 'UNKNOWN', plane: 'flat' });
    expect(await prober.probe('svc', 'b', endpoints, answering(new Set(), 'flat'))).toBe(true);
    expect(prober.verdict('svc', 'b')).toMatchObject({ state: 'UP', plane: 'flat' });
  });

  it('gives a source up that was not reached for a quarter of an hour, says so once, and has it back when it is reached', async () => {
    let nowMs = 0;
    const prober = new PathProber(() => nowMs);
    const all = new Set(endpoints.map(({ uid }) => uid));
    await rounds(prober, 3, all);
    expect(prober.verdict('svc', 'b')).toMatchObject({ state: 'DOWN', isGivenUp: false });
    nowMs = 899_999;
    expect(await rounds(prober, 1, all)).toBe(0);
    nowMs = 900_000;
    expect(await rounds(prober, 3, all)).toBe(1);
    expect(prober.verdict('svc', 'b')).toMatchObject({
      state: 'DOWN',
      isGivenUp: true,
      message: expect.stringMatching(/cannot connect to .*; its endpoints are taken away .* 15 minutes$/),
    });
    await rounds(prober, 1, new Set());
    nowMs += 60_000;
    await rounds(prober, 1, new Set());
    expect(prober.verdict('svc', 'b')).toMatchObject({ state: 'UP', isGivenUp: false });
  });

  it('forgets pods that are gone', async () => {
    const prober = new PathProber();
    await rounds(prober, 12, new Set(['pod-3']));
    await prober.probe('svc', 'b', endpoints.slice(4), answering(new Set()));
    expect(prober.failing('svc', 'b').size).toBe(0);
  });

  it.each([0, 3_600_000])(
    'does not take gateways that are still being dialled for a path that is down, at %d ms',
    async (nowMs) => {
      const prober = new PathProber(() => nowMs);
      const all = new Set(endpoints.map(({ uid }) => uid));
      expect(await rounds(prober, 2, all)).toBe(0);
      expect(prober.isUnsettled).toBe(true);
      expect(await rounds(prober, 1, new Set())).toBe(1);
      expect(prober.verdict('svc', 'b')?.state).toBe('UP');
      expect(prober.isUnsettled).toBe(false);
    },
  );

  it('tries the way itself while no pod is ready, and says what is true of it now', async () => {
    let nowMs = 0;
    const prober = new PathProber(() => nowMs);
    await rounds(prober, 3, new Set(endpoints.map(({ uid }) => uid)));
    expect(prober.verdict('svc', 'b')).toMatchObject({ state: 'DOWN' });
    const waiting = endpoints.map((each) => ({ ...each, ready: false }));
    await prober.probe('svc', 'b', waiting, answering(new Set()));
    expect(prober.verdict('svc', 'b')?.state).toBe('DOWN');
    nowMs += 2_000;
    await prober.probe('svc', 'b', waiting, answering(new Set()));
    expect(prober.verdict('svc', 'b')).toMatchObject({
      state: 'UP',
      message: 'connected to the gateway of b in 1.0 ms',
    });
    expect(await rounds(prober, 1, new Set())).toBe(1);
    expect(prober.verdict('svc', 'b')?.message).toMatch(/^connected to 10\.0\.0\.\d+ in/);
    expect(await rounds(prober, 3, new Set())).toBe(0);
    const lost: ProbeBy = {
      ...answering(new Set()),
      way: () => Promise.resolve({ place: 'the gateway of b', ms: 0, error: 'ETIMEDOUT' }),
    };
    for (let round = 0; round < 3; round++) await prober.probe('svc', 'b', waiting, lost);
    expect(prober.verdict('svc', 'b')).toMatchObject({
      state: 'DOWN',
      message: 'cannot connect to the gateway of b: ETIMEDOUT',
    });
  });
});
