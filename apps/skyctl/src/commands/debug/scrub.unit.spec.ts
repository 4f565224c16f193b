import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Scrubber, withoutSecrets } from './scrub.js';

const secret = fc.string({ minLength: 8, maxLength: 60 }).filter((text) => text.trim().length >= 8);
const name = fc.constantFrom('a', 'token', 'x-password', 'clientSecret', 'apiKey', 'kubeconfig', 'refreshToken');

describe('what goes into a bundle', () => {
  it('has no known secret in it, plain, in base64, escaped or in an address, wherever it stands', () => {
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const scrubber = new Scrubber();
        scrubber.add(value);
        const base64 = Buffer.from(value).toString('base64');
        for (const form of [value, base64, encodeURIComponent(value), Buffer.from(value).toString('hex')]) {
          const clean = scrubber.text(`${before} ${form} ${after}`);
          expect(clean.includes(form) && !`${before} ${after}`.includes(form)).toBe(false);
        }
        const found = scrubber.json({ message: `it said ${value}` });
        expect(found.includes(JSON.stringify(value).slice(1, -1))).toBe(false);
      }),
    );
  });

  it('has no value of Secrets, environment, command lines, annotations, or of fields that are named so', () => {
    const planted = 'planted-value';
    fc.assert(
      fc.property(name, (field) => {
        const object = {
          kind: 'Pod',
          metadata: { name: 'p', annotations: { [field]: planted } },
          data: { [field]: planted },
          spec: {
            run: `echo ${planted}`,
            containers: [
              {
                name: 'c',
                image: 'i',
                args: [planted],
                command: ['sh', planted],
                env: [{ name: 'E', value: planted }],
              },
            ],
            volumes: [{ name: 'v', secret: { secretName: 's', items: [] } }],
            ...(field === 'a' ? {} : { [field]: planted, inner: [{ [field]: { deep: planted } }] }),
          },
        };
        const clean = JSON.stringify(withoutSecrets(object));
        expect(clean).not.toContain(planted);
        expect(clean).toContain('"image":"i"');
        expect(clean).toContain('{"name":"E","value":"…"}');
      }),
    );
  });

  it.each([
    'password=hunter2secret',
    'login with token: hunter2secret',
    '{"clientSecret":"hunter2secret"}',
    '{\\"api_key\\": \\"hunter2secret\\"}',
    'nats://user:hunter2secret@host:4222',
    'authorization: Bearer hunter2secrethunter2secret',
    'eyJhbGciOiJSUzI1.hunter2secret.hunter2secret',
    'client-key-data: hunter2secret',
  ])('has none that has its form or stands behind a telling name: %s', (text) => {
    expect(new Scrubber().text(text)).not.toContain('hunter2secret');
  });

  it('is otherwise as it was', () => {
    const text = '{"level":30,"service":"scheduler","msg":"active","epoch":3,"path":"/api/v1/secrets"}';
    expect(new Scrubber().text(text)).toBe(text);
    const object = { kind: 'Job', spec: { replicas: 2, placement: { clusters: ['a'] } }, status: { phase: 'RUNNING' } };
    expect(withoutSecrets(object)).toEqual(object);
  });
});
