import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDelivery } from './delivery.js';

describe('parseDelivery', () => {
  const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const ms = fc.integer({ min: 1, max: 4_000_000_000_000 });

  it('reads both forms of the reply subject', () => {
    fc.assert(
      fc.property(seq, seq, ms, fc.integer({ min: 0, max: 999_999 }), (streamSeq, consumerSeq, storedAt, ns) => {
        const place = `1.${streamSeq}.${consumerSeq}.${storedAt}${String(ns).padStart(6, '0')}.0`;
        const expected = { streamSeq, consumerSeq, storedAt };
        expect(parseDelivery(`$JS.ACK.SKYFLOW.c.${place}`)).toEqual(expected);
        expect(parseDelivery(`$JS.ACK.hub.hash.SKYFLOW.c.${place}`)).toEqual(expected);
        expect(parseDelivery(`$JS.ACK.hub.hash.SKYFLOW.c.${place}.random`)).toEqual(expected);
      }),
    );
  });

  it.each([
    '',
    '$JS.ACK.SKYFLOW.c.1.2.3',
    '$JS.ACK.SKYFLOW.c.1.x.3.4000000.0',
    '_INBOX.a.b.c.d.e.f.g.h',
    '$JS.ACK.S.c.1.0.0.0.0',
  ])('takes %j for none', (reply) => {
    expect(parseDelivery(reply)).toBeUndefined();
  });
});
