import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatBytes, formatCpu, humanAmount, humanBytes } from './format.js';
import {
  InvalidQuantityError,
  isZeroQuantity,
  parseBytes,
  parseCpu,
  parseQuantity,
  quantityProblem,
} from './quantity.js';

describe('parsing quantities', () => {
  it.each([
    ['1', 1],
    [2, 2],
    [0.5, 0.5],
    ['+3', 3],
    ['.5', 0.5],
    ['5.', 5],
    ['100m', 0.1],
    ['1500u', 0.0015],
    ['7n', 7e-9],
    ['2k', 2000],
    ['1M', 1e6],
    ['1G', 1e9],
    ['1T', 1e12],
    ['1P', 1e15],
    ['1E', 1e18],
    ['1Ki', 1024],
    ['1.5Mi', 1.5 * 1024 ** 2],
    ['1Gi', 1024 ** 3],
    ['1Ti', 1024 ** 4],
    ['1Pi', 1024 ** 5],
    ['1Ei', 1024 ** 6],
    ['2e3', 2000],
    ['2E3', 2000],
    ['25e-1', 2.5],
    ['0', 0],
    ['-0', 0],
    ['0e99999', 0],
  ])('reads %p as %p', (text, expected) => {
    expect(parseQuantity(text)).toBe(expected);
  });

  it.each([
    '',
    '.',
    'm',
    'abc',
    '1 Gi',
    ' 1',
    '1Zi',
    '1K',
    '1mi',
    '1e',
    '1e1.5',
    '1.2.3',
    '0x10',
    '-1',
    '-100m',
    '9223372036854775808',
    '8Ei',
    '1e99999999',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '1'.repeat(65),
  ])('refuses %p and says why', (text) => {
    expect(() => parseQuantity(text)).toThrow(InvalidQuantityError);
    expect(quantityProblem(text)).toMatch(/^quantity ".*" (is|has) .*; write a number/s);
  });

  it.each([undefined, null, true, {}, ['1']])('refuses %p, which is neither text nor number', (value) => {
    expect(quantityProblem(value)).toContain('a quantity is text or a number');
  });

  it('rounds up to whole millicores and bytes, and exactly', () => {
    expect(parseCpu('1.001')).toBe(1001);
    expect(parseCpu('1.0001')).toBe(1001);
    expect(parseCpu('1n')).toBe(1);
    expect(parseCpu('4.35')).toBe(4350);
    expect(parseBytes('1e-99')).toBe(1);
    expect(parseBytes('100m')).toBe(1);
    expect(parseBytes('1.5Ki')).toBe(1536);
  });

  it('agrees on every way to write the same amount of cpu', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (millicores) => {
        const ways = [
          `${millicores}m`,
          (millicores / 1000).toFixed(3),
          millicores / 1000,
          `${millicores}e-3`,
          `${millicores}000u`,
        ];
        for (const way of ways) expect(parseCpu(way)).toBe(millicores);
      }),
    );
  });

  it('agrees on an amount of bytes with and without a suffix, and with a fraction of nothing', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000), fc.constantFrom('Ki', 'Mi', 'Gi', 'k', 'M', 'G'), (count, suffix) => {
        expect(parseBytes(`${count}${suffix}`)).toBe(parseBytes(`${count}.0${suffix}`));
        expect(parseBytes(`${count}${suffix}`)).toBe(count * parseBytes(`1${suffix}`));
      }),
    );
  });

  it('never gives a smaller amount for a larger quantity', () => {
    const anySuffix = fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E-2');
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), anySuffix, (a, b, suffix) => {
        const [small, large] = a < b ? [a, b] : [b, a];
        expect(parseBytes(`${small}${suffix}`)).toBeLessThanOrEqual(parseBytes(`${large}${suffix}`));
      }),
    );
  });

  it('throws nothing but InvalidQuantityError, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+.0-9eEmMKGi]{0,12}$/)), (text) => {
        if (quantityProblem(text) === undefined) {
          expect(parseQuantity(text)).toBeGreaterThanOrEqual(0);
          expect(isZeroQuantity(text)).toBe(parseQuantity(text) === 0);
        } else {
          expect(() => parseQuantity(text)).toThrow(InvalidQuantityError);
        }
      }),
    );
  });
});

describe('formatting amounts', () => {
  it('comes back as the same amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (amount) => {
        expect(parseBytes(formatBytes(amount))).toBe(amount);
        const millicores = amount % 1e12;
        expect(parseCpu(formatCpu(millicores))).toBe(millicores);
      }),
    );
  });

  it('is canonical where exact and short for people', () => {
    expect(formatCpu(1930)).toBe('1930m');
    expect(formatCpu(2000)).toBe('2');
    expect(formatBytes(0)).toBe('0');
    expect(formatBytes(1610612736)).toBe('1536Mi');
    expect(humanBytes(1610612736)).toBe('1.5Gi');
    expect(humanBytes(1000)).toBe('1000');
    expect(humanAmount('cpu', 3000)).toBe('3000m');
    expect(humanAmount('memory', 1024 ** 3)).toBe('1Gi');
    expect(humanAmount('nvidia.com/gpu', 2)).toBe('2');
  });
});
