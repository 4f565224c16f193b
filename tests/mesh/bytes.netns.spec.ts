/** What arrives is what was sent, however much it is, whichever side ends first, and however slowly it is read. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { TwoClusters } from './fixture/two-clusters.js';

const inNamespaces = await needing('network namespaces');

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** What a gateway may hold for a reader that does not read: windows of one connection, buffers of sockets, and what Node takes besides. */
const MOST_GROWTH = 96 * MIB;

function residentBytes(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

inNamespaces.describe('bytes through the gateways', () => {
  let clusters: TwoClusters;

  beforeAll(async () => {
    clusters = await TwoClusters.start(1);
    // Only a pod of the other cluster: nothing goes any other way.
    await clusters.scale({ a: 0, b: 1 });
  }, 120_000);
  afterAll(async () => {
    await clusters.remove();
  }, 60_000);

  it('are the same: 1 GiB there, whose answer comes after its end, and 1 GiB back', async () => {
    for (const way of ['put', 'take'] as const) {
      const { here, there, ms } = await clusters.bulk(GIB, way);
      expect(there).toBe(`${here} ${GIB}`);
      process.stderr.write(`test:mesh: 1 GiB by ${way}: ${((GIB * 8) / 1e6 / ms).toFixed(2)} Gbit/s\n`);
    }
  }, 600_000);

  it('wait where they are when they are not read, and cost no memory', async () => {
    const before = clusters.gatewayPids.map(residentBytes);
    const carriedBefore = await clusters.carried();
    const { stalled, finish } = clusters.stall(256 * MIB);
    await stalled;
    // The sender has filled what there is when nothing moves any more.
    let moved = -1;
    for (let now = await clusters.carried(); now !== moved; now = await clusters.carried()) {
      moved = now;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(moved - carriedBefore).toBeLessThan(64 * MIB);
    clusters.gatewayPids.forEach((pid, at) => {
      expect(residentBytes(pid) - (before[at] ?? 0)).toBeLessThan(MOST_GROWTH);
    });
    // Meanwhile others are not held up.
    const { failed } = await clusters.ask(50);
    expect(failed).toEqual({});
    const { here, there } = await finish();
    expect(there).toBe(`${here} ${256 * MIB}`);
  }, 300_000);
});
