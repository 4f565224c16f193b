/**
 * New connections while everything changes: pods scale 2 → 10 → 2, the configuration of both gateways is put again every 10 ms or as often as they accept it, and the
 * gateway with the pods is killed and started. None is refused, and none is reset but those that the killed gateway carried.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { type Asked, TwoClusters } from './fixture/two-clusters.js';

const inNamespaces = await needing('network namespaces');

const ROUND_MS = 1_000;
const ROUNDS = 20;
const REWRITE_EVERY_MS = 10;

inNamespaces.describe('the gateway plane while its pods, gateways and configuration change', () => {
  let clusters: TwoClusters;

  beforeAll(async () => {
    clusters = await TwoClusters.start(10);
    await clusters.scale({ a: 2, b: 2 });
  }, 120_000);
  afterAll(async () => {
    await clusters.remove();
  }, 60_000);

  /** Scales every second, beside clients and rewrites, and runs `inRound` in each round. */
  const churn = async (
    rounds: number,
    inRound: (round: number) => Promise<void>,
  ): Promise<{ asked: Asked; rewrites: number }> => {
    const stop = new AbortController();
    const asking = clusters.askFor(rounds * ROUND_MS);
    const rewriting = clusters.rewrite(REWRITE_EVERY_MS, stop.signal);
    try {
      for (let round = 0; round < rounds; round++) {
        const next = new Promise((resolve) => setTimeout(resolve, ROUND_MS));
        await clusters.scale({ a: 2, b: round % 2 === 0 ? 10 : 2 });
        await inRound(round);
        await next;
      }
      return { asked: await asking, rewrites: await rewritten() };
    } finally {
      await rewritten();
    }

    function rewritten(): Promise<number> {
      stop.abort();
      return rewriting;
    }
  };

  it('neither refuses nor resets a connection while pods scale and the configuration is rewritten', async () => {
    const { asked, rewrites } = await churn(ROUNDS, () => Promise.resolve());
    expect(asked.failed).toEqual({});
    expect(asked.made).toBeGreaterThan(500);
    expect(rewrites).toBeGreaterThan(100);
    const seconds = (ROUNDS * ROUND_MS) / 1_000;
    process.stderr.write(
      `test:mesh: ${(rewrites / seconds).toFixed(0)} configurations accepted per second, by both gateways together\n`,
    );
  }, 180_000);

  it('resets only what it carried when the gateway with the pods is killed and started besides', async () => {
    const kills: { from: number; to: number }[] = [];
    const { asked } = await churn(ROUNDS, async (round) => {
      if (round % 7 !== 3) return;
      const from = Date.now();
      await clusters.killGateway('b');
      kills.push({ from, to: Date.now() });
      await clusters.startGateway('b');
    });
    expect(kills).toHaveLength(3);
    expect(asked.failed).not.toHaveProperty('ECONNREFUSED');
    const carried = ({ beganAt, endedAt }: Asked['cut'][number]): boolean =>
      kills.some(({ from, to }) => beganAt <= to && endedAt >= from);
    expect(asked.cut.filter((each) => !carried(each))).toEqual([]);
    expect(asked.made).toBeGreaterThan(500);
  }, 180_000);
});
