import { describe, expect, it } from '@jest/globals';
import type { GatewayPeer } from '@skyflow/contracts';
import { PeerReach } from './peer-reach.js';

const peer = (inside?: string): GatewayPeer => ({
  ...{ cluster: 'b', authorities: ['-----BEGIN'], addresses: [] },
  ...(inside === undefined ? {} : { inside }),
});
const saying = (ok: boolean) => () => Promise.resolve({ ok, ms: 1, message: ok ? 'answered' : 'no answer' });

describe('whether pods of a peer are reached', () => {
  it('is known at the first answer, and not any more after three rounds without', async () => {
    let nowMs = 0;
    const reach = new PeerReach(() => nowMs);
    expect(await reach.round([peer('10.0.0.1:1')], saying(true))).toBe(true);
    expect(reach.verdict('b')).toEqual({ ok: true, message: 'answered' });
    for (const isNews of [false, false, true]) {
      nowMs += 1_000;
      expect(await reach.round([peer('10.0.0.1:1')], saying(false))).toBe(isNews);
    }
    expect(reach.verdict('b')).toEqual({ ok: false, message: 'no answer' });
    expect(reach.isUnsettled).toBe(false);
  });

  it('is not known of another place, nor of a peer that says none', async () => {
    const reach = new PeerReach(() => 0);
    await reach.round([peer('10.0.0.1:1')], saying(true));
    await reach.round([peer('10.0.0.2:1')], saying(false));
    expect(reach.verdict('b')).toBeUndefined();
    expect(reach.isUnsettled).toBe(true);
    await reach.round([peer()], saying(true));
    expect(reach.verdict('b')).toBeUndefined();
  });
});
