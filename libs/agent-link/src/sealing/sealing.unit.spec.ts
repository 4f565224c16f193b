import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeliveryKey, deliver } from './delivery.js';
import { SealError, openOnce, openWithNonce, sealOnce, sealWithNonce } from './sealed-data.js';

describe('sealed data', () => {
  it('opens with its key and its name only', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (text, name) => {
        const key = randomBytes(32);
        const sealed = sealOnce(key, text, name);
        expect(openOnce(key, sealed, name)).toEqual(Buffer.from(text));
        expect(() => openOnce(key, sealed, `${name}x`)).toThrow(SealError);
        expect(() => openOnce(randomBytes(32), sealed, name)).toThrow(SealError);
        const withNonce = sealWithNonce(key, randomBytes(12), text, name);
        expect(openWithNonce(key, withNonce, name)).toEqual(Buffer.from(text));
      }),
      { numRuns: 50 },
    );
  });

  it('does not open when a bit has changed or the end is missing', () => {
    const key = randomBytes(32);
    const sealed = sealOnce(key, Buffer.from('text'), 'name');
    for (let at = 0; at < sealed.length; at++) {
      const damaged = Buffer.from(sealed);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(() => openOnce(key, damaged, 'name')).toThrow(SealError);
      expect(() => openOnce(key, sealed.subarray(0, at), 'name')).toThrow(SealError);
    }
  });
});

describe('a delivered key', () => {
  it('is read by whom it was sealed to, for what it was sealed, and by nobody else', () => {
    const agent = DeliveryKey.generate();
    const key = randomBytes(32);
    const delivery = deliver(agent.publicKey, key, 'Secret/team/db');
    expect(agent.open(delivery, 'Secret/team/db')).toEqual(key);
    expect(DeliveryKey.fromPem(agent.toPem()).open(delivery, 'Secret/team/db')).toEqual(key);
    expect(() => agent.open(delivery, 'Secret/team/other')).toThrow(SealError);
    expect(() => DeliveryKey.generate().open(delivery, 'Secret/team/db')).toThrow(SealError);
    for (const wrong of ['', 'x.y', delivery.slice(0, -8), `.${delivery}`]) {
      expect(() => agent.open(wrong, 'Secret/team/db')).toThrow(SealError);
    }
  });

  it('differs each time it is sealed', () => {
    const { publicKey } = DeliveryKey.generate();
    expect(deliver(publicKey, Buffer.alloc(32), 'a')).not.toBe(deliver(publicKey, Buffer.alloc(32), 'a'));
  });

  it('needs a key of the right kind', () => {
    expect(() => deliver('nonsense', Buffer.alloc(32), 'a')).toThrow();
    expect(() => DeliveryKey.fromPem('nonsense')).toThrow();
  });
});
